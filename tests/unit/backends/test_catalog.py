"""Rows of the operator's own, beside ours."""

from pathlib import Path

import pytest

from core.backends.catalog import Catalog
from core.errors import SettingsError
from core.kind import Kind

ROW = """
id: attic
name: The box in the attic
kinds: {chat: openai-chat}
local: true
endpoint: {url: "http://attic.lan:8000"}
models:
  rules:
    - {match: "big", context: 32768, drop: [top_k]}
    - {match: "big-2", drop: [min_p]}
"""


def written(folder: Path, text: str) -> Path:
    (folder / "attic.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_row_of_the_operators_stands_beside_ours(tmp_path: Path) -> None:
    catalog = Catalog.load(written(tmp_path, ROW))
    spec = catalog.get("The Box in the Attic")
    assert (spec.default_kind, spec.endpoint.url) == (Kind.CHAT, "http://attic.lan:8000")
    assert catalog.get("koboldcpp").local
    assert spec.traits("Big-2").drop == ("top_k", "min_p")
    assert (spec.traits("Big-2").context, spec.traits("small").context) == (32768, None)


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("url:", "adress:", "endpoint.adress"),
        ("context:", "contxt:", "models.rules.0.contxt"),
        ("name:", "base_url: x\nname:", "base_url"),
        ("{chat: openai-chat}", "{}", "kinds"),
        ("openai-chat", "openai-chatt", "openai-chatt"),
    ],
)
def test_a_row_that_cannot_be_used_is_refused_by_its_path(
    tmp_path: Path, old: str, new: str, path: str
) -> None:
    with pytest.raises(SettingsError, match=path.replace(".", r"\.")) as caught:
        Catalog.load(written(tmp_path, ROW.replace(old, new, 1)))
    assert caught.value.facts["key"] == "attic.yaml"
