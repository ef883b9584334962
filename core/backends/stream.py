"""From the frames of an answer to deltas: the loop that all streaming protocols share."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import astuple, replace
from itertools import chain
from typing import Any

from core.backends.api_client import ApiClient
from core.backends.documents import documents, read_json
from core.backends.faults import frame_fault
from core.backends.http_response import EventStream, HttpResponse, Style
from core.backends.sse import Event
from core.backends.types import Delta, Finish, Note, NoteCode, Usage
from core.errors import BadAnswer, Refused, StreamBroken, TimedOut

DONE = "[DONE]"
GRACE = 2.0
"""Seconds a server has after the end of the text to add its token counts."""

ReadFrame = Callable[[dict[str, Any]], Delta]


async def deltas(
    response: HttpResponse, api: ApiClient, read: ReadFrame, style: Style = "sse", model: str = ""
) -> AsyncGenerator[Delta]:
    """The answer's deltas; the last one carries the reason of the end and the usage.

    `read` turns one frame into a Delta; an empty one is skipped. Raises StreamBroken when
    the body ends without an end mark, and the error that a frame of the stream holds.
    """
    events = await response.events(style)
    ending = _Ending()
    try:
        async for event in events:
            if event.data == DONE:
                ending.marked = True
                break
            frames, rest = _frames(event, events, api, model)
            for frame in frames:
                delta = read(frame)
                if ending.note(delta):
                    response.watch.hurry(GRACE)
                if delta.text or delta.reasoning or delta.citations or delta.wait:
                    response.watch.settled = True
                    if delta.finish or delta.usage or delta.note:
                        delta = replace(delta, finish=None, usage=None, note=None)
                    yield delta
            # One document that is whole needs no mark at its end.
            ending.marked |= rest == DONE or (events.whole and len(frames) == 1)
    except (StreamBroken, TimedOut, BadAnswer):
        if ending.finish is None:
            raise
    yield ending.delta(api, model)


class _Ending:
    """What the frames said about the end."""

    def __init__(self) -> None:
        self.marked = False
        self.spoke = False
        self.finish: Finish | None = None
        self.usage: Usage | None = None
        self.reason = ""

    def note(self, delta: Delta) -> bool:
        """Takes over finish and usage; True when the finish is new."""
        if delta.text:
            self.spoke = True
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

        Raises StreamBroken when there was neither mark nor finish, and Refused when a filter
        left nothing at all.
        """
        where = api.spec.name
        if self.finish is None and not self.marked:
            raise StreamBroken(where=where, model=model)
        if self.finish is Finish.FILTER and not self.spoke:
            raise Refused(where=where, model=model, category=self.reason)
        is_filtered = self.finish is Finish.FILTER
        note = Note(NoteCode.FILTER, self.reason or "content filter") if is_filtered else None
        return Delta(finish=self.finish or Finish.STOP, usage=self.usage, note=note)


def _frames(
    event: Event, events: EventStream, api: ApiClient, model: str
) -> tuple[list[dict[str, Any]], str]:
    """The event's objects, mostly one, and what follows them. Raises the error one holds."""
    try:
        found, rest = [read_json(event.data)], ""
    except BadAnswer:
        # Some servers put several documents into an event, or send lines as one.
        found, rest = documents(event.data)
        if not found and events.whole:
            raise
        if not found and event.name == "error":
            found = [{"error": event.data}]
    frames: list[dict[str, Any]] = []
    # Gemini and its imitators may send all frames as one array.
    spread = (one if isinstance(one, list) and len(one) > 1 else [one] for one in found)
    for document in chain.from_iterable(spread):
        if event.name == "error" and isinstance(document, dict) and "error" not in document:
            document = {"error": document}
        error = frame_fault(document, where=api.spec.name, model=model, secrets=api.secrets)
        if error is not None and (events.whole or not isinstance(error, BadAnswer)):
            raise error
        if isinstance(document, dict):
            frames.append(document)  # other shapes are skipped, never fatal
    return frames, rest
