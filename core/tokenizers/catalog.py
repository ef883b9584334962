"""The tokenizers there are: the rows of `catalog.yaml`."""

import functools
from importlib.resources import files
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from core.errors import NotFound

ALIASES = {
    "estimate": "none",
    "remote": "api",
    "gpt-2": "gpt2",
    "gpt-2/3": "gpt2",
    "krake": "gpt2",
    "euterpe": "gpt2",
    "r50k_base": "gpt2",
    "gpt3": "p50k_base",
    "gpt-3": "p50k_base",
    "scale": "cl100k_base",
    "gpt-4": "cl100k_base",
    "gpt-3.5": "cl100k_base",
    "gpt-3.5-turbo": "cl100k_base",
    "gpt-4o": "o200k_base",
    "o1": "o200k_base",
    "mistralv1": "mistral",
    "mistralnemo": "nemo",
    "pixtral": "nemo",
    "command_r": "command-r",
    "command_a": "command-a",
    "clio": "nerdstash",
    "kayra": "nerdstash_v2",
    "nerdstashv2": "nerdstash_v2",
    "gemini": "gemma",
}
"""Other names under which people look for a tokenizer."""


class TokenizerRow(BaseModel):
    """One tokenizer: what it is, where its file comes from, how it is proven."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    kind: Literal["estimate", "remote", "tiktoken", "hf", "spm"]
    encoding: str = ""
    """tiktoken's name where it is not the id."""
    file: str = ""
    url: str = ""
    bytes: int = 0
    sha256: str = ""
    unpacked_sha256: str = ""
    licence: str = ""

    @property
    def kept_as(self) -> str:
        """The file name that is used: packed files are kept unpacked."""
        return self.file.removesuffix(".gz")

    @property
    def names(self) -> tuple[str, ...]:
        """Names under which people put the file there by hand."""
        address = self.url.rpartition("/")[2]
        plain = dict.fromkeys(name for name in (self.kept_as, self.file, address) if name)
        packed = (f"{name}.gz" for name in plain if not name.endswith(".gz"))
        return tuple(dict.fromkeys((*plain, *packed)))

    @property
    def kept_sha256(self) -> str:
        return self.unpacked_sha256 or self.sha256


@functools.cache
def rows() -> dict[str, TokenizerRow]:
    """All tokenizers by id, in the order of the file."""
    text = files("core.tokenizers").joinpath("catalog.yaml").read_text("utf-8")
    return {row["id"]: TokenizerRow.model_validate(row) for row in yaml.safe_load(text)}


def find(name: str) -> TokenizerRow:
    """The row with this id or one of its other names. Raises NotFound."""
    wanted = name.strip().lower().replace(" ", "")
    row = rows().get(ALIASES.get(wanted, wanted))
    if row is None:
        raise NotFound(what="tokenizer", name=name)
    return row
