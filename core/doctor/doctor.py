"""Looks at a connection that does not work, or not as it should."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from yarl import URL

from core.backends.base import Kind, Unsupported
from core.backends.http import Call, Http
from core.backends.local import GLANCE, identify
from core.doctor import addresses
from core.doctor.finding import Fault, Finding, Fix
from core.doctor.surroundings import in_container
from core.errors import (
    BackendError,
    BadAnswer,
    BadRequest,
    KeyRejected,
    StreamBroken,
    TavernError,
    UnknownModel,
    Unreachable,
)

if TYPE_CHECKING:  # the engine itself has a doctor
    from core.engine.advice import Advice
    from core.engine.servers import Servers
    from core.engine.standing import Standing

_KEY = re.compile(
    r"^(?:bearer\s|sk-[\w-]{16,}|AIza[\w-]{30,}|gsk_\w{20,}|xai-\w{20,}|hf_\w{20,})", re.I
)
_WRONG_KIND = re.compile(
    r"(?:is|not) a chat model|chat/completions|v1/completions|completions? (?:endpoint|api)"
    r"|does not support (?:chat|completions?)|chat template",
    re.IGNORECASE,
)


class Doctor:
    """`contained` tells whether the bot runs in a container."""

    def __init__(self, servers: "Servers", contained: Callable[[], bool] = in_container) -> None:
        self._servers = servers
        self._contained = contained

    async def examine(self, standing: "Standing", *, may_look: bool) -> list[Finding]:
        """What is wrong before anything is generated.

        `may_look`: whether other addresses of the same host may be tried, for the bot's owner
        and the playground only, or it would be a way to scan ports.
        """
        findings = self._key_in_place(standing)
        error = standing.facts.fault
        if error is not None:
            return [*findings, *await self.explain(standing, error, may_look=may_look)]
        return findings or await self._model_loaded(standing)

    async def explain(
        self, standing: "Standing", error: TavernError, *, may_look: bool
    ) -> list[Finding]:
        """What an error of this connection means."""
        if isinstance(error, Unreachable):
            return await self._unreachable(standing, error, may_look=may_look)
        if isinstance(error, KeyRejected):
            fault = Fault.WRONG_KEY if standing.connection.key else Fault.NO_KEY
            return [Finding(fault, _named(standing), Fix(new_key=True), error=error)]
        if isinstance(error, BadAnswer | StreamBroken | UnknownModel | BadRequest):
            return [await self._misunderstood(standing, error, may_look=may_look)]
        return [Finding(Fault.OTHER, error=error)]

    def remarks(self, standing: "Standing", advice: "Advice") -> list[Finding]:
        """What works, but not as well as it could."""
        found = []
        served = standing.facts.context_size
        if advice.wished is not None and served is not None:
            facts = {"wished": f"{advice.wished:,}", "real": f"{served:,}"}
            fix = Fix(context_size=served)
            found.append(Finding(Fault.SMALL_CONTEXT, facts, fix, grave=False))
        if advice.beyond is not None:
            facts = {"real": f"{advice.beyond:,}"}
            fix = Fix(context_size=advice.beyond)
            found.append(Finding(Fault.BEYOND_LIMIT, facts, fix, grave=False))
        if advice.proposal is not None:
            facts = {"template": advice.proposal.instruct, "source": advice.proposal.source}
            fix = Fix(proposal=advice.proposal)
            found.append(Finding(Fault.TEMPLATE, facts, fix, grave=False))
        return found

    async def api_page(self, standing: "Standing") -> bool | None:
        """Whether the page answers that shows the API to be on; None where there is none."""
        route = standing.spec.docs_route
        return await self._answers(standing, _url(standing) + route) if route else None

    # Keys

    def _key_in_place(self, standing: "Standing") -> list[Finding]:
        connection, spec = standing.connection, standing.spec
        typed = connection.key.reveal().strip()
        if typed.lower().startswith("bearer "):
            return [Finding(Fault.BEARER, _named(standing), Fix(trim_key=True))]
        if _KEY.match(standing.model) or _KEY.match(connection.name):
            return [Finding(Fault.KEY_AS_MODEL, _named(standing), Fix(new_key=True))]
        if spec.key == "required" and not typed:
            return [Finding(Fault.NO_KEY, _named(standing), Fix(new_key=True))]
        return []

    # Nothing answers

    async def _unreachable(
        self, standing: "Standing", error: Unreachable, *, may_look: bool
    ) -> list[Finding]:
        spec, url, phase = standing.spec, _url(standing), error.facts.get("phase")
        facts = {**_named(standing), "url": url}
        if phase == "tls" and may_look:
            plain = str(URL(url).with_scheme("http")).rstrip("/")
            if await self._answers(standing, plain):
                return [Finding(Fault.NOT_SECURE, facts, Fix(url=plain), error=error)]
        if phase == "dns":
            return [Finding(Fault.NO_HOST, facts | {"host": URL(url).host or ""}, error=error)]
        if addresses.on_gui_port(spec, url):
            return [self._gui_port(standing, error)]
        if may_look and (found := await self._nearby(standing, facts, error)) is not None:
            return [found]
        return [self._offline(standing, facts, error), *self._outside(facts)]

    def _offline(self, standing: "Standing", facts: dict[str, str], error: TavernError) -> Finding:
        spec = standing.spec
        if spec.api_flag:
            more = {"flag": spec.api_flag, "file": spec.flag_file}
            return Finding(Fault.API_OFF, facts | more, error=error)
        return Finding(Fault.OFFLINE, facts, error=error)

    def _outside(self, facts: dict[str, str]) -> list[Finding]:
        """Inside a container its own loopback was hardly meant."""
        if not addresses.is_loopback(facts["url"]) or not self._contained():
            return []
        outside = addresses.from_container(facts["url"])
        return [Finding(Fault.CONTAINER, facts | {"to": outside}, Fix(url=outside))]

    async def _nearby(
        self, standing: "Standing", facts: dict[str, str], error: TavernError
    ) -> Finding | None:
        """The server on loopback's other address or on its usual port."""
        url = _url(standing)
        for other in addresses.other_loopbacks(url):
            if await identify(self._http(standing), other) is not None:
                return Finding(
                    Fault.OTHER_LOOPBACK, facts | {"to": other}, Fix(url=other), error=error
                )
        usual = addresses.usual_port(standing.spec, url)
        if usual and await self._is_server(standing, usual):
            return Finding(Fault.OTHER_PORT, facts | {"to": usual}, Fix(url=usual), error=error)
        return None

    def _gui_port(self, standing: "Standing", error: TavernError) -> Finding:
        usual = addresses.usual_port(standing.spec, _url(standing))
        facts = {**_named(standing), "port": str(standing.spec.gui_port), "to": usual}
        return Finding(Fault.GUI_PORT, facts, Fix(url=usual), error=error)

    # Something else answers

    async def _misunderstood(
        self, standing: "Standing", error: TavernError, *, may_look: bool
    ) -> Finding:
        spec, url = standing.spec, _url(standing)
        if addresses.on_gui_port(spec, url):
            return self._gui_port(standing, error)
        if kind := self._other_kind(standing, error):
            return Finding(Fault.WRONG_KIND, {"kind": kind}, Fix(kind=kind), error=error)
        if isinstance(error, UnknownModel):
            return await self._unknown_model(standing, error)
        if isinstance(error, BadRequest) or (url == spec.base_url and not spec.local):
            return Finding(Fault.OTHER, error=error)
        found = await identify(self._http(standing), url) if may_look else None
        if found is not None and found.backend not in (spec.id, "openai-compatible"):
            other = self._servers.catalog.get(found.backend)
            facts = {**_named(standing), "other": other.name}
            return Finding(Fault.OTHER_SERVER, facts, Fix(backend=other.id, url=url), error=error)
        for path in addresses.other_paths(spec, url):
            if await self._lists_models(standing, path):
                return Finding(Fault.PATH, {"url": url, "to": path}, Fix(url=path), error=error)
        return Finding(Fault.NO_API, {**_named(standing), "url": url}, error=error)

    def _other_kind(self, standing: "Standing", error: TavernError) -> Kind | None:
        if not _WRONG_KIND.search(error.detail):
            return None
        return next((kind for kind in standing.spec.kinds if kind is not standing.kind), None)

    async def _unknown_model(self, standing: "Standing", error: TavernError) -> Finding:
        fix = await self._first_model(standing)
        if not standing.model:
            return Finding(Fault.NO_MODEL, _named(standing), fix, error=error)
        facts = {**_named(standing), "model": standing.model}
        return Finding(Fault.UNKNOWN_MODEL, facts, fix, error=error)

    async def _model_loaded(self, standing: "Standing") -> list[Finding]:
        spec = standing.spec
        is_told = spec.context in ("workers", "setting", "fixed")
        if standing.model or is_told or not (spec.local or spec.model_required):
            return []
        if spec.default_context and not spec.model_required:
            return []  # the rehearsal needs none
        return [Finding(Fault.NO_MODEL, _named(standing), await self._first_model(standing))]

    async def _first_model(self, standing: "Standing") -> Fix | None:
        """The first model of a local server, which has few; vendors list too many to choose."""
        if not standing.spec.local:
            return None
        try:
            listed = await self._servers.models(standing.connection, standing.kind)
        except (BackendError, Unsupported):
            return None
        other = [model.id for model in listed if model.id != standing.model]
        return Fix(model=other[0]) if other else None

    # Looking

    def _http(self, standing: "Standing") -> Http:
        reach = standing.connection.reach
        return self._servers.http.reaching(reach) if reach else self._servers.http

    async def _answers(self, standing: "Standing", url: str) -> bool:
        """Whether anything at all answers at an address."""
        http = self._http(standing)
        try:
            async with http.open(Call("GET", url, times=GLANCE)) as answer:
                return answer.status < 400
        except BackendError:
            return False

    async def _is_server(self, standing: "Standing", url: str) -> bool:
        found = await identify(self._http(standing), url)
        return found is not None and found.backend == standing.spec.id

    async def _lists_models(self, standing: "Standing", url: str) -> bool:
        moved = replace(standing.connection, url=url)
        try:
            await self._servers.models(moved, standing.kind)
        except KeyRejected:
            return True
        except (BackendError, Unsupported):
            return False
        return True


def _url(standing: "Standing") -> str:
    return (standing.connection.url or standing.spec.base_url).rstrip("/")


def _named(standing: "Standing") -> dict[str, str]:
    return {"name": standing.spec.name}
