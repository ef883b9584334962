"""Requests written by hand, for what the real client would never send."""

import io
import json
from typing import Any

import aiohttp

from bot.playground import Playground


class Wire:
    """A bare HTTP client with the bot's token."""

    def __init__(self, session: aiohttp.ClientSession, playground: Playground) -> None:
        self._session, self._playground = session, playground
        self.headers: dict[str, str] = {}

    async def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        files: list[tuple[str, bytes]] | None = None,
        token: str | None = None,
    ) -> tuple[int, Any]:
        """The status and the decoded body of an answer."""
        data: Any = None
        headers = {"Authorization": f"Bot {token or self._playground.token}"}
        if files is not None:
            data = aiohttp.FormData()
            data.add_field("payload_json", json.dumps(body or {}), content_type="application/json")
            for place, (name, content) in enumerate(files):
                data.add_field(f"files[{place}]", io.BytesIO(content), filename=name)
        elif body is not None:
            data = json.dumps(body)
            headers["Content-Type"] = "application/json"
        url = self._playground.api_url + path
        async with self._session.request(method, url, data=data, headers=headers) as answer:
            self.headers = {name.lower(): value for name, value in answer.headers.items()}
            text = await answer.text()
            kind = self.headers.get("content-type")
            return answer.status, json.loads(text) if kind == "application/json" else text


def codes(answer: Any) -> list[tuple[str, str]]:
    """(path, code) of everything in an `errors` tree."""
    found: list[tuple[str, str]] = []

    def gather(tree: Any, path: str) -> None:
        for name, branch in tree.items():
            if name == "_errors":
                found.extend((path, each["code"]) for each in branch)
            else:
                gather(branch, f"{path}.{name}" if path else name)

    gather(answer.get("errors", {}), "")
    return found
