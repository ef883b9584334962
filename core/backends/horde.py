"""AI Horde: volunteers' machines, asked again and again until one has answered."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from statistics import median_low
from typing import Any

from core.backends.backend import Backend
from core.backends.documents import at, dicts_at, list_at, number_at, text_at
from core.backends.faults import behind
from core.backends.sampling import stop_body, wire_samplers
from core.backends.spec import Spec
from core.backends.types import (
    Delta,
    Finish,
    Model,
    Note,
    NoteCode,
    Probe,
    Request,
    Wait,
    WaitReason,
)
from core.errors import BackendError, BadAnswer, Overloaded, RateLimited, Refused, TimedOut
from core.reasons import Reason

CANCEL_TIME = 3.0
LIMITS_TIME = 3.0
"""Seconds a reply waits to hear what the workers can do."""
IMPOSSIBLE_POLLS = 3
"""A gap between two workers may look like there being none."""
_WORKERS_BELIEVED = 300.0
_LEAST_LENGTH, _MOST_LENGTH = 16, 4096
_LEAST_CONTEXT = 80


class Horde(Backend):
    """Submit, poll, fetch. Always deletes a job it does not wait for."""

    protocol = "horde"

    async def sent(self, request: Request) -> dict[str, Any]:
        return job_body(self.spec, request, await self._limits(request.model))

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        """Waits are yielded as they change; the text comes in one piece."""
        body = await self.sent(request)
        self.api.tell(body)
        job = await self.api.post(self.api.versioned("/generate/text/async"), body)
        id_ = text_at(job, "id")
        if not id_:
            raise BadAnswer(Reason.UNEXPECTED_SHAPE, where=self.spec.name)
        finished = False
        try:
            last: tuple[object, ...] = ()
            async for status in self._polls(id_):
                if status.get("done") is True:
                    finished = True
                    for note in clamped(body["params"], request):
                        yield Delta(note=note)
                    for delta in read_done(status, self.spec.name):
                        yield delta
                    return
                shown = (status.get("queue_position"), status.get("wait_time"))
                if shown != last:
                    last = shown
                    yield Delta(wait=_wait(status))
        finally:
            if not finished:
                call = self.api.call("DELETE", self.api.versioned(f"/generate/text/status/{id_}"))
                with suppress(BackendError, TimeoutError):
                    async with asyncio.timeout(CANCEL_TIME):
                        await self.http.json(call)

    async def _polls(self, id_: str) -> AsyncGenerator[dict[str, Any]]:
        times = self.api.patient()
        until = asyncio.get_running_loop().time() + times.total
        impossible = 0
        while asyncio.get_running_loop().time() < until:
            status = await self._status(id_)
            if status is not None:
                if status.get("faulted") is True:
                    raise Overloaded(Reason.WORKER_FAILED, where=self.spec.name, retry=False)
                impossible = impossible + 1 if status.get("is_possible") is False else 0
                if impossible >= IMPOSSIBLE_POLLS:
                    raise Overloaded(Reason.NO_WORKER, where=self.spec.name, retry=False)
                yield status
            await asyncio.sleep(self.http.limits.poll)
        raise TimedOut(phase="total", seconds=times.total)

    async def _status(self, id_: str) -> dict[str, Any] | None:
        """The job's state; None for a question that failed for the moment."""
        try:
            status = await self.api.get(self.api.versioned(f"/generate/text/status/{id_}"))
        except (RateLimited, Overloaded):
            return None
        if not isinstance(status, dict):
            raise BadAnswer(Reason.UNEXPECTED_SHAPE, where=self.spec.name)
        return status

    async def models(self) -> list[Model]:
        """The models that workers serve now, the most served first."""
        entries = dicts_at(await self.api.get(self.api.versioned("/status/models?type=text")))
        entries.sort(key=lambda entry: -(number_at(entry, "count") or 0))
        return [
            Model(
                name,
                f"{number_at(entry, 'count') or 0} workers, "
                f"{number_at(entry, 'jobs') or 0} waiting",
            )
            for entry in entries
            if (name := text_at(entry, "name"))
        ]

    async def probe(self, model: str = "") -> Probe:
        """The smallest limits of the workers that serve the model; without one, usual limits."""
        context, length = _sizes(await self._workers(), model)
        return Probe(model, context, longest_reply=length)

    async def _limits(self, model: str) -> tuple[int | None, int | None]:
        try:
            async with asyncio.timeout(LIMITS_TIME):
                return _sizes(await self._workers(), model)
        except (BackendError, TimeoutError):
            return None, None

    async def _workers(self) -> list[dict[str, Any]]:
        known = self.http.memory.get("horde", self.api.root)
        if known is None:
            found = dicts_at(await self.api.get(self.api.versioned("/workers?type=text")))
            known = [
                {key: worker.get(key) for key in ("models", "max_length", "max_context_length")}
                for worker in found
                if worker.get("online") is not False
            ]
            self.http.memory.put(known, _WORKERS_BELIEVED, "horde", self.api.root)
        return list(known)


def job_body(
    spec: Spec, request: Request, limits: tuple[int | None, int | None] = (None, None)
) -> dict[str, Any]:
    """The request's body; `limits` are the workers' context and reply sizes."""
    samplers = wire_samplers(spec, request.samplers, request.model)
    if len(samplers.get("sampler_order", range(7))) != 7:
        del samplers["sampler_order"]
    context = min(request.context_size, limits[0] or request.context_size)
    most = min(request.max_tokens, limits[1] or request.max_tokens, _MOST_LENGTH)
    length = max(most, _LEAST_LENGTH)
    params: dict[str, Any] = {
        "n": 1,
        "max_context_length": max(context, length, _LEAST_CONTEXT),
        "max_length": length,
        "frmtadsnsp": False,
        "frmtrmblln": False,
        "frmtrmspch": False,
        "frmttriminc": False,
        **samplers,
        **stop_body("stop_sequence", spec, request),
    }
    return {
        **spec.request.body,
        "prompt": request.prompt,
        "params": params,
        "models": [request.model] if request.model else [],
    }


def clamped(params: Mapping[str, Any], request: Request) -> list[Note]:
    """What the workers allow less of than was asked for, as notes."""
    limits = (
        (NoteCode.WORKER_CONTEXT, params["max_context_length"], request.context_size),
        (NoteCode.WORKER_REPLY, params["max_length"], request.max_tokens),
    )
    return [Note(code, str(most)) for code, most, wished in limits if most < wished]


def read_done(status: dict[str, Any], where: str = "") -> Sequence[Delta]:
    """The deltas of a finished job. Raises Refused or Overloaded for one without text."""
    generation = at(status, "generations", 0)
    state = text_at(generation, "state")
    worker = text_at(generation, "worker_name")
    if state == "censored":
        raise Refused(category="censored", where=behind(worker, where))
    text = text_at(generation, "text")
    if state == "faulted" or not isinstance(generation, dict):
        raise Overloaded(Reason.WORKER_FAILED)
    deltas = [Delta(text=text)] if text else []
    if worker:
        deltas.append(Delta(note=Note(NoteCode.WORKER, worker)))
    kudos = at(status, "kudos")
    if isinstance(kudos, int | float) and kudos:
        deltas.append(Delta(note=Note(NoteCode.KUDOS, f"{kudos:g}")))
    return [*deltas, Delta(finish=Finish.STOP)]


def _wait(status: dict[str, Any]) -> Wait:
    position = 0 if number_at(status, "processing") else number_at(status, "queue_position")
    return Wait(WaitReason.QUEUE, position=position, seconds=number_at(status, "wait_time"))


def _sizes(workers: Sequence[dict[str, Any]], model: str) -> tuple[int | None, int | None]:
    """(context, reply) that all of a model's workers can do, or half of all where any will do."""
    choose = min if model else median_low
    workers = [worker for worker in workers if not model or model in list_at(worker, "models")]
    contexts = [size for worker in workers if (size := number_at(worker, "max_context_length"))]
    lengths = [size for worker in workers if (size := number_at(worker, "max_length"))]
    return choose(contexts) if contexts else None, choose(lengths) if lengths else None
