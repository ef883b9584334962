"""From the frames of an answer to deltas: the loop that all streaming protocols share."""

from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import Any

from core.backends.answer import Answer, Events, Style
from core.backends.base import Delta, Finish, Usage
from core.backends.documents import read_json
from core.backends.faults import frame_fault
from core.backends.line import Line
from core.backends.sse import Event
from core.errors import BadAnswer, StreamBroken, TimedOut

DONE = "[DONE]"
GRACE = 2.0
"""Seconds a server has after the end of the text to add its token counts."""

ReadFrame = Callable[[dict[str, Any]], Delta]


async def deltas(
    answer: Answer, line: Line, read: ReadFrame, *, style: Style = "sse", model: str = ""
) -> AsyncGenerator[Delta]:
    """The answer's deltas; the last one carries the reason of the end and the usage.

    `read` turns one frame into a Delta; an empty one is skipped. Raises StreamBroken when
    the body ends without an end mark, and the error that a frame of the stream holds.
    """
    events = await answer.events(style)
    ending = _Ending()
    try:
        async for event in events:
            if event.data == DONE:
                ending.marked = True
                break
            frame = _frame(event, events, line, model)
            if frame is None:
                continue
            delta = read(frame)
            if ending.note(delta):
                answer.hurry(GRACE)
            if delta.text or delta.reasoning or delta.citations or delta.wait or delta.note:
                answer.settle()
                yield replace(delta, finish=None, usage=None)
    except (StreamBroken, TimedOut, BadAnswer):
        if ending.finish is None:
            raise
    yield ending.delta(line)


class _Ending:
    """What the frames said about the end."""

    def __init__(self) -> None:
        self.marked = False
        self.finish: Finish | None = None
        self.usage: Usage | None = None

    def note(self, delta: Delta) -> bool:
        """Takes over finish and usage; True when the finish is new."""
        self.usage = delta.usage or self.usage
        if delta.finish is None or self.finish is not None:
            return False
        self.finish = delta.finish
        return True

    def delta(self, line: Line) -> Delta:
        """The last delta. Raises StreamBroken when there was neither mark nor finish."""
        if self.finish is None and not self.marked:
            raise StreamBroken("the answer ended in the middle", where=line.spec.name)
        return Delta(finish=self.finish or Finish.STOP, usage=self.usage)


def _frame(event: Event, events: Events, line: Line, model: str) -> dict[str, Any] | None:
    """The frame's object; None for one to skip. Raises the error it holds instead."""
    try:
        frame = read_json(event.data)
    except BadAnswer:
        if events.whole:
            raise
        return None  # unknown shapes are skipped, never fatal
    secrets = (line.key,)
    if event.name == "error" and isinstance(frame, dict) and "error" not in frame:
        frame = {"error": frame}
    error = frame_fault(frame, where=line.spec.name, model=model, secrets=secrets)
    if error is not None and (events.whole or not isinstance(error, BadAnswer)):
        raise error
    return frame if isinstance(frame, dict) else None
