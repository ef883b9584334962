"""Loading models through a server."""

import json
from contextlib import aclosing

import pytest

from core.backends.catalog import Catalog
from core.backends.http import Http
from core.backends.models import load_model, unload_model
from core.backends.types import Unsupported
from core.errors import BackendError
from core.kind import Kind
from core.network import AddressClass
from core.secret import Secret
from tests.conformance.families.base import Family
from tests.conformance.standin import Act, serve

CATALOG = Catalog.load()
LOADING = Family(
    "openai-text", ("/v1/model/load",), "text/event-stream",
    lambda pieces, finish: [],
    lambda text, finish: {},
    lambda status, message: {"detail": message},
    lambda message: b"",
)  # fmt: skip


def progress(*statuses: tuple[int, str]) -> Act:
    frames = [
        {"model_type": "model", "module": done, "modules": 4, "status": status}
        for done, status in statuses
    ]
    body = "".join(f"data: {json.dumps(frame)}\n\n" for frame in frames)
    return Act(body=body.encode(), content_type="text/event-stream")


async def test_tabby_tells_how_far_it_is() -> None:
    async with (
        serve(LOADING, {"/v1/model/unload": None}) as standin,
        Http(reach=AddressClass.PRIVATE) as http,
    ):
        tabby = CATALOG.create(
            CATALOG.get("tabby"), Kind.TEXT, http, standin.url, Secret("admin-key")
        )
        standin.acts = [progress((1, "processing"), (4, "processing"), (4, "finished"))]
        async with aclosing(load_model(tabby.api, "mira-exl2")) as steps:
            waits = [step.wait.percent async for step in steps if step.wait]
        await unload_model(tabby.api)
        assert waits == [25, 100, 100]
        assert standin.heard[0].body == {"model_name": "mira-exl2"}
        assert standin.heard[0].headers["authorization"] == "Bearer admin-key"
        assert standin.heard[1].path == "/v1/model/unload"
        standin.acts = [progress((1, "failed"))]
        with pytest.raises(BackendError):
            async with aclosing(load_model(tabby.api, "mira-exl2")) as steps:
                [step async for step in steps]


async def test_others_cannot() -> None:
    async with Http() as http:
        openai = CATALOG.create(CATALOG.get("openai"), Kind.CHAT, http, "", Secret())
        assert not openai.spec.models.admin
        with pytest.raises(Unsupported):
            await unload_model(openai.api)
