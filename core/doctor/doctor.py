"""Looks at a connection that does not work, or not as it should."""

import ipaddress
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from yarl import URL

from core.backends.api_client import stored_url
from core.backends.http import Http, HttpCall
from core.backends.local_servers import GLANCE, identify
from core.backends.spec import Spec
from core.backends.types import Unsupported
from core.chat.place import Actor, Place
from core.doctor.finding import ConnectionTest, Fault, Finding, Fix, try_out
from core.errors import (
    BackendError,
    BadAnswer,
    BadRequest,
    KeyRejected,
    StreamBroken,
    TavernError,
    TimedOut,
    UnknownModel,
    Unreachable,
)
from core.models_in_use import ModelsInUse
from core.models_in_use.models import ActiveModel, Advice
from core.storage.connections import Connection

HOST_OF_CONTAINER = "host.docker.internal"


def is_loopback(url: str) -> bool:
    host = (URL(url).host or "").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def from_container(url: str) -> str:
    """The same port on the machine around the container."""
    return str(URL(url).with_host(HOST_OF_CONTAINER)).rstrip("/")


def other_loopbacks(url: str) -> list[str]:
    """The same port on loopback's other addresses."""
    own = URL(url)
    hosts = [host for host in ("127.0.0.1", "::1") if host != own.host]
    return [str(own.with_host(host)).rstrip("/") for host in hosts] if is_loopback(url) else []


def usual_port(spec: Spec, url: str) -> str:
    """The same host on the row's usual port; empty where that is the one in use."""
    usual = URL(spec.endpoint.url).port if spec.endpoint.url else None
    own = URL(url)
    if usual is None or own.port == usual:
        return ""
    return str(own.with_port(usual).origin())


def on_gui_port(spec: Spec, url: str) -> bool:
    return spec.endpoint.gui_port is not None and URL(url).port == spec.endpoint.gui_port


def other_paths(spec: Spec, url: str) -> Iterator[str]:
    """Other paths on the same host, as they would be stored."""
    own = URL(url)
    root, path = str(own.origin()), own.raw_path.rstrip("/")
    tried = {url.rstrip("/")}
    for candidate in (f"{path}/v1", path.removesuffix("/v1"), "", "/v1", "/api/v1", "/api"):
        stored = stored_url(spec, root + candidate)
        if stored not in tried:
            tried.add(stored)
            yield stored


_KEY = re.compile(
    r"^(?:bearer\s|sk-[\w-]{16,}|AIza[\w-]{30,}|gsk_\w{20,}|xai-\w{20,}|hf_\w{20,})", re.I
)

_DISTINCT = frozenset({"koboldcpp", "ollama", "tabby", "textgenwebui", "lmstudio"})
"""Servers that tell beyond doubt what they are."""
_CONTAINER_FILES = (".dockerenv", "run/.containerenv")
_CONTAINER_GROUPS = ("docker", "containerd", "kubepods", "libpod", "lxc")


def in_container(root: Path = Path("/"), environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this process runs in a container; by the marks that engines leave."""
    if "KUBERNETES_SERVICE_HOST" in environ or environ.get("container"):
        return True
    if any((root / file).exists() for file in _CONTAINER_FILES):
        return True
    try:
        groups = (root / "proc/1/cgroup").read_text(encoding="utf-8")
    except OSError:
        return False
    return any(name in groups for name in _CONTAINER_GROUPS)


class Doctor:
    """`contained` tells whether the bot runs in a container."""

    def __init__(
        self,
        models: ModelsInUse,
        contained: Callable[[], bool] = in_container,
    ) -> None:
        self._models = models
        self._backend_pool = models.pool
        self._contained = contained

    async def check_up(
        self, place: Place, actor: Actor, text: str, *, plain: bool = False
    ) -> ConnectionTest:
        """Looks for faults, and where nothing grave is found, asks for a few words.

        Raises NotConfigured.
        """
        if (connection := await self._models.connection(place)) is not None:
            self._backend_pool.forget(connection)
        active_model = await self._models.active(place)
        may_look = self._models.services.connections.may_look_around(actor)
        findings, trial = await self.examine(active_model, may_look=may_look), None
        if not any(finding.grave for finding in findings):
            trial = await try_out(self._backend_pool, active_model, text, plain=plain)
            if trial.error is not None:
                findings += await self.explain(active_model, trial.error, may_look=may_look)
        return ConnectionTest(
            active_model,
            (*findings, *self.remarks(active_model, await self._models.advice(active_model))),
            trial if trial is not None and trial.error is None else None,
            await self.api_page(active_model),
        )

    async def try_draft(self, place: Place, actor: Actor, draft: Connection) -> list[Finding]:
        """What is wrong with a connection that is not stored yet."""
        options = await self._models.services.options.resolve(place)
        self._backend_pool.forget(draft)
        active_model = await self._models.on(place, draft, options, wishes=False)
        may_look = self._models.services.connections.may_look_around(actor)
        error = active_model.facts.fault
        return await self.explain(active_model, error, may_look=may_look) if error else []

    async def try_fix(
        self, place: Place, actor: Actor, active_model: ActiveModel, fix: Fix
    ) -> list[Finding]:
        """Why another address would be no better; nothing where it answers, or none is meant."""
        if not fix.url:
            return []
        draft = await self._models.services.connections.drafted(
            actor,
            place,
            backend=fix.backend or active_model.connection.backend,
            url=fix.url,
        )
        found = await self.try_draft(place, actor, draft.connection)
        return [one for one in found if isinstance(one.error, Unreachable)]

    async def examine(self, active_model: ActiveModel, *, may_look: bool) -> list[Finding]:
        """What is wrong before anything is generated.

        `may_look`: whether other addresses of the same host may be tried, for the bot's owner
        and the playground only, or it would be a way to scan ports.
        """
        findings = self._key_in_place(active_model)
        error = active_model.facts.fault
        if error is not None:
            return [*findings, *await self.explain(active_model, error, may_look=may_look)]
        if may_look and (other := await self.other_server(active_model)) is not None:
            findings.append(other)
        return findings or await self._model_loaded(active_model)

    async def other_server_for(self, active_model: ActiveModel, actor: Actor) -> Finding | None:
        """As `other_server`, where the person may look and anything answers at all."""
        may_look = self._models.services.connections.may_look_around(actor)
        if not may_look or isinstance(active_model.facts.fault, Unreachable | TimedOut):
            return None
        return await self.other_server(active_model)

    async def other_server(self, active_model: ActiveModel) -> Finding | None:
        """What answers in truth, where it is another kind of server than was named.

        Many servers speak like another one; what is theirs alone would go unused.
        """
        spec, url = active_model.spec, _url(active_model)
        if not spec.local or not url or spec.id == "rehearsal":
            return None
        found = await identify(self._http(active_model), url)
        if found is None or found.backend not in _DISTINCT or found.backend == spec.id:
            return None
        other = self._backend_pool.catalog.get(found.backend)
        facts = {**_named(active_model), "other": other.name}
        fix = Fix(backend=other.id, url=url, name=other.name)
        return Finding(Fault.OTHER_SERVER, facts, fix, grave=False)

    async def explain(
        self, active_model: ActiveModel, error: TavernError, *, may_look: bool
    ) -> list[Finding]:
        if isinstance(error, Unreachable):
            return await self._unreachable(active_model, error, may_look=may_look)
        if isinstance(error, KeyRejected):
            fault = Fault.WRONG_KEY if active_model.connection.key else Fault.NO_KEY
            return [Finding(fault, _named(active_model), Fix(new_key=True), error=error)]
        if isinstance(error, BadAnswer | StreamBroken | UnknownModel | BadRequest):
            return [await self._misunderstood(active_model, error, may_look=may_look)]
        return [Finding(Fault.OTHER, error=error)]

    def remarks(self, active_model: ActiveModel, advice: Advice) -> list[Finding]:
        """What works, but not as well as it could."""
        found = []
        served = active_model.facts.context_size
        if advice.wished is not None and served is not None:
            facts = {"wished": f"{advice.wished:,}", "real": f"{served:,}"}
            found.append(Finding(Fault.SMALL_CONTEXT, facts, Fix(context_size=served), grave=False))
        if advice.beyond is not None:
            real, fix = f"{advice.beyond:,}", Fix(context_size=advice.beyond)
            found.append(Finding(Fault.BEYOND_LIMIT, {"real": real}, fix, grave=False))
        if advice.proposal is not None:
            facts = {"template": advice.proposal.instruct, "source": advice.proposal.source}
            fix = Fix(proposal=advice.proposal)
            found.append(Finding(Fault.TEMPLATE, facts, fix, grave=False))
        return found

    async def api_page(self, active_model: ActiveModel) -> bool | None:
        """Whether the page answers that shows the API to be on; None where there is none."""
        route = active_model.spec.endpoint.docs_route
        return await self._answers(active_model, _url(active_model) + route) if route else None

    # Keys

    def _key_in_place(self, active_model: ActiveModel) -> list[Finding]:
        connection, spec = active_model.connection, active_model.spec
        typed = connection.key.reveal().strip()
        if typed.lower().startswith("bearer "):
            return [Finding(Fault.BEARER, _named(active_model), Fix(trim_key=True))]
        if _KEY.match(active_model.model) or _KEY.match(connection.name):
            return [Finding(Fault.KEY_AS_MODEL, _named(active_model), Fix(new_key=True))]
        if spec.key.need == "required" and not typed:
            return [Finding(Fault.NO_KEY, _named(active_model), Fix(new_key=True))]
        return []

    # Nothing answers

    async def _unreachable(
        self, active_model: ActiveModel, error: Unreachable, *, may_look: bool
    ) -> list[Finding]:
        spec, url, phase = active_model.spec, _url(active_model), error.facts.get("phase")
        facts = {**_named(active_model), "url": url}
        if phase == "address":
            return [Finding(Fault.NO_ADDRESS, facts, Fix(new_address=True), error=error)]
        if phase == "tls":
            plain = str(URL(url).with_scheme("http")).rstrip("/")
            if await self._answers(active_model, plain, below=600):
                near = facts | {"to": plain}
                return [Finding(Fault.NOT_SECURE, near, Fix(url=plain), error=error)]
        if phase == "dns" and URL(url).host == HOST_OF_CONTAINER:
            return [Finding(Fault.NO_CONTAINER_HOST, facts, error=error)]
        if phase == "dns":
            return [Finding(Fault.NO_HOST, facts | {"host": URL(url).host or ""}, error=error)]
        if on_gui_port(spec, url):
            return [self._gui_port(active_model, error)]
        if may_look and (other := await self._nearby(active_model, facts, error)) is not None:
            return [other]
        found = Finding(Fault.OFFLINE, facts, error=error)
        if flag := spec.endpoint.api_flag:
            more = {"flag": flag, "file": spec.endpoint.flag_file}
            found = Finding(Fault.API_OFF, facts | more, error=error)
        if not is_loopback(url) or not self._contained():
            return [found]
        # Inside a container its own loopback was hardly meant.
        outside = from_container(url)
        return [found, Finding(Fault.CONTAINER, facts | {"to": outside}, Fix(url=outside))]

    async def _nearby(
        self, active_model: ActiveModel, facts: dict[str, str], error: TavernError
    ) -> Finding | None:
        """The server on loopback's other address or on its usual port."""
        url = _url(active_model)
        for other in other_loopbacks(url):
            if await identify(self._http(active_model), other) is not None:
                return Finding(
                    Fault.OTHER_LOOPBACK, facts | {"to": other}, Fix(url=other), error=error
                )
        usual = usual_port(active_model.spec, url)
        if usual and await self._is_server(active_model, usual):
            return Finding(Fault.OTHER_PORT, facts | {"to": usual}, Fix(url=usual), error=error)
        return None

    def _gui_port(self, active_model: ActiveModel, error: TavernError) -> Finding:
        usual = usual_port(active_model.spec, _url(active_model))
        facts = {
            **_named(active_model),
            "port": str(active_model.spec.endpoint.gui_port),
            "to": usual,
        }
        return Finding(Fault.GUI_PORT, facts, Fix(url=usual), error=error)

    # Something else answers

    async def _misunderstood(
        self, active_model: ActiveModel, error: TavernError, *, may_look: bool
    ) -> Finding:
        spec, url = active_model.spec, _url(active_model)
        if on_gui_port(spec, url):
            return self._gui_port(active_model, error)
        others = [kind for kind in spec.kinds if kind is not active_model.kind]
        if others and error.facts.get("wrong_kind"):
            kind = others[0]
            return Finding(Fault.WRONG_KIND, {"kind": kind}, Fix(kind=kind), error=error)
        if isinstance(error, UnknownModel):
            return await self._unknown_model(active_model, error)
        if isinstance(error, BadRequest) or (url == spec.endpoint.url and not spec.local):
            return Finding(Fault.OTHER, error=error)
        found = await identify(self._http(active_model), url) if may_look else None
        if found is not None and found.backend not in (spec.id, "openai-compatible"):
            other = self._backend_pool.catalog.get(found.backend)
            facts = {**_named(active_model), "other": other.name}
            return Finding(
                Fault.OTHER_SERVER,
                facts,
                Fix(backend=other.id, url=url, name=other.name),
                error=error,
            )
        for path in other_paths(spec, url):
            if await self._lists_models(active_model, path):
                return Finding(Fault.PATH, {"url": url, "to": path}, Fix(url=path), error=error)
        return Finding(Fault.NO_API, {**_named(active_model), "url": url}, error=error)

    async def _unknown_model(self, active_model: ActiveModel, error: TavernError) -> Finding:
        fix = await self._first_model(active_model)
        if not active_model.model:
            return Finding(Fault.NO_MODEL, _named(active_model), fix, error=error)
        facts = {**_named(active_model), "model": active_model.model}
        return Finding(Fault.UNKNOWN_MODEL, facts, fix, error=error)

    async def _model_loaded(self, active_model: ActiveModel) -> list[Finding]:
        spec = active_model.spec
        is_told = spec.models.context in ("workers", "setting", "fixed")
        if active_model.model or is_told or not (spec.local or spec.models.required):
            return []
        if spec.models.default_context and not spec.models.required:
            return []  # the rehearsal needs none
        return [
            Finding(Fault.NO_MODEL, _named(active_model), await self._first_model(active_model))
        ]

    async def _first_model(self, active_model: ActiveModel) -> Fix | None:
        """The first model of a local server, which has few; vendors list too many to choose."""
        if not active_model.spec.local:
            return None
        try:
            listed = await self._backend_pool.models(active_model.connection, active_model.kind)
        except (BackendError, Unsupported):
            return None
        other = [model.id for model in listed if model.id != active_model.model]
        return Fix(model=other[0]) if other else None

    # Looking

    def _http(self, active_model: ActiveModel) -> Http:
        reach = active_model.connection.reach
        return self._backend_pool.http.reaching(reach) if reach else self._backend_pool.http

    async def _answers(self, active_model: ActiveModel, url: str, *, below: int = 400) -> bool:
        """Whether an address answers with a status below this."""
        http = self._http(active_model)
        try:
            async with http.open(HttpCall("GET", url, times=GLANCE)) as answer:
                return answer.status < below
        except BackendError:
            return False

    async def _is_server(self, active_model: ActiveModel, url: str) -> bool:
        found = await identify(self._http(active_model), url)
        return found is not None and found.backend == active_model.spec.id

    async def _lists_models(self, active_model: ActiveModel, url: str) -> bool:
        moved = replace(active_model.connection, url=url)
        try:
            await self._backend_pool.models(moved, active_model.kind)
        except KeyRejected:
            return True
        except (BackendError, Unsupported):
            return False
        return True


def _url(active_model: ActiveModel) -> str:
    return (active_model.connection.url or active_model.spec.endpoint.url).rstrip("/")


def _named(active_model: ActiveModel) -> dict[str, str]:
    return {"name": active_model.spec.name}
