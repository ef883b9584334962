"""From the frames of an answer to deltas: the loop that all streaming protocols share."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import astuple, replace
from itertools import chain
from typing import Any

from core.backends.api_client import ApiClient
from core.backends.documents import dicts_at, documents, read_json
from core.backends.faults import MAX_DETAIL, behind, frame_fault, page_summary
from core.backends.http_response import EventStream, HttpResponse, Style
from core.backends.repeats import Repeats
from core.backends.sse import Event
from core.backends.types import Delta, Finish, Note, NoteCode, Usage
from core.errors import BackendError, BadAnswer, Refused, StreamBroken, TimedOut
from core.reasons import Reason
from core.secret import scrub

DONE = "[DONE]"
_PAGE = ("<html", "<!doctype")
GRACE = 2.0
"""Seconds a server has after the end of the text to add its token counts."""

ReadFrame = Callable[[dict[str, Any]], Delta]


async def deltas(
    response: HttpResponse,
    api: ApiClient,
    read: ReadFrame,
    style: Style = "sse",
    model: str = "",
    carriers: tuple[str, ...] = (),
) -> AsyncGenerator[Delta]:
    """The answer's deltas; the last one carries the reason of the end and the usage.

    `read` turns one frame into a Delta; an empty one is skipped. Raises StreamBroken when
    the body ends without an end mark, BadAnswer when no frame had one of the fields that hold
    the words (`carriers`), and the error that a frame of the stream holds.
    """
    events = await response.events(style)
    ending, repeats = _Ending(carriers), Repeats()
    try:
        async for event in events:
            if event.data == DONE:
                ending.marked = True
                break
            frames, rest, error = _frames(event, events, api, model)
            for frame in frames:
                ending.heard(frame)
                try:
                    delta = repeats.new(read(frame))
                except BackendError as fault:
                    # What stands beside a reason that is a fault has been said all the same.
                    error, delta = error or fault, repeats.new(_said_beside(read, frame))
                if ending.note(delta):
                    response.watch.hurry(GRACE)
                if _tells(delta):
                    response.watch.settled = True
                    yield replace(delta, finish=None, usage=None, note=None, refusal="")
            if error is not None:
                raise error
            # One document that is whole needs no mark at its end.
            ending.marked |= rest == DONE or (events.whole and len(frames) == 1)
    except (StreamBroken, TimedOut, BadAnswer):
        if ending.finish is None:
            raise
    held = repeats.rest()
    if _tells(held):
        ending.note(held)
        yield held
    yield ending.delta(api, model)


def _tells(delta: Delta) -> bool:
    return bool(delta.text or delta.reasoning or delta.citations or delta.wait)


class _Ending:
    """What the frames said about the end."""

    def __init__(self, carriers: tuple[str, ...]) -> None:
        self.carriers = carriers
        self.misses = False
        """Frames have come, none with a field of `carriers`."""
        self.marked = False
        self.spoke = False
        self.finish: Finish | None = None
        self.usage: Usage | None = None
        self.reason = ""
        self.refusal = ""
        self.provider = ""

    def heard(self, frame: dict[str, Any]) -> None:
        """Looks whether the frame has a field for words."""
        self.misses = bool(self.carriers)
        if any(name in frame for name in self.carriers):
            self.misses, self.carriers = False, ()

    def note(self, delta: Delta) -> bool:
        """Takes over finish and usage; True when the finish is new."""
        self.spoke = self.spoke or bool(delta.text.strip())
        self.refusal += delta.refusal
        self.provider = delta.provider or self.provider
        if delta.usage is not None:
            # Claude tells the prompt's tokens at the beginning and the reply's at the end.
            pairs = zip(astuple(self.usage or Usage()), astuple(delta.usage), strict=True)
            self.usage = Usage(*(old if new is None else new for old, new in pairs))
        if delta.finish is None or self.finish is not None:
            return False
        self.finish = delta.finish
        self.reason = delta.note.fact if delta.note else ""
        return True

    def delta(self, api: ApiClient, model: str) -> Delta:
        """The last delta.

        Raises StreamBroken when there was neither mark nor finish, BadAnswer with the field that
        no frame had, and Refused when the vendor refused and nothing was said at all.
        """
        where = behind(self.provider, api.spec.name)
        if self.finish is None and not self.marked:
            raise StreamBroken(where=where, model=model)
        refused = self.finish is Finish.FILTER or bool(self.refusal)
        words = scrub(self.refusal, api.secrets)[:MAX_DETAIL]
        if refused and not self.spoke:
            raise Refused(None, words, where=where, model=model, category=self.reason)
        if self.misses and not self.spoke:
            part = self.carriers[0]
            raise BadAnswer(Reason.PART_MISSING, where=where, model=model, part=part)
        note = Note(NoteCode.FILTER, words or self.reason, where) if refused else None
        return Delta(finish=self.finish or Finish.STOP, usage=self.usage, note=note)


def _frames(
    event: Event, events: EventStream, api: ApiClient, model: str
) -> tuple[list[dict[str, Any]], str, BackendError | None]:
    """The event's objects, mostly one, what follows them, and the error that one of them holds.

    What stands before an error, or beside it, has been said all the same.
    """
    try:
        found, rest = [read_json(event.data)], ""
    except BadAnswer:
        # Some servers put several documents into an event, or send lines as one.
        found, rest = documents(event.data)
        if not found and events.whole:
            raise
        if not found and event.name == "error":
            found = [{"error": event.data}]
        if not found and event.data.lstrip()[:9].lower().startswith(_PAGE):
            # What stands between us and the server answers in its own way, status 200 or not.
            page = scrub(page_summary(event.data), api.secrets)
            return [], rest, BadAnswer(Reason.WEB_PAGE, page, where=api.spec.name, model=model)
    frames: list[dict[str, Any]] = []
    # Gemini and its imitators may send all frames as one array.
    spread = (one if isinstance(one, list) and len(one) > 1 else [one] for one in found)
    for document in chain.from_iterable(spread):
        if event.name == "error" and isinstance(document, dict) and "error" not in document:
            document = {"error": document}
        error = frame_fault(document, where=api.spec.name, model=model, secrets=api.secrets)
        if error is not None and (events.whole or not isinstance(error, BadAnswer)):
            return [*frames, *_beside(document)], rest, error
        if isinstance(document, dict):
            frames.append(document)  # other shapes are skipped, never fatal
    return frames, rest, None


def _said_beside(read: ReadFrame, frame: dict[str, Any]) -> Delta:
    return next(map(read, _beside(frame)), Delta())


def _beside(document: Any) -> list[dict[str, Any]]:
    """The part of an answer that a frame holds beside its error."""
    if not isinstance(document, dict) or not document.get("choices"):
        return []
    choices = [{**one, "finish_reason": None} for one in dicts_at(document, "choices")]
    return [{**document, "choices": choices}]
