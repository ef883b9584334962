"""Servers that say again what they have said: whole texts at the end, or a longer one each time."""

from dataclasses import dataclass, field, replace

from core.backends.types import Delta

_SURE = 8
"""Characters that no two pieces of a text begin with alike by chance."""
_FRAMES = 3


class Repeats:
    """Takes the deltas of one stream and leaves of each what is new in it.

    A delta marked `whole` sums up: it counts only for what has not come yet. So does the last
    one, or one after it, that says all over again. Where each piece begins with all before it,
    the server sends the text so far instead of what follows.
    """

    def __init__(self) -> None:
        self._text, self._thoughts = _Track(), _Track()
        self._ended = False

    def new(self, delta: Delta) -> Delta:
        """The delta with what is new; some of it may wait for the next one."""
        last = delta.finish is not None or self._ended
        self._ended = last
        text = self._text.new(delta.text, whole=delta.whole, last=last)
        thoughts = self._thoughts.new(delta.reasoning, whole=delta.whole, last=last)
        return replace(delta, text=text, reasoning=thoughts, whole=False)

    def rest(self) -> Delta:
        """What has waited to the end."""
        return Delta(text=self._text.close(), reasoning=self._thoughts.close())


@dataclass(slots=True)
class _Track:
    """One text that grows: the words, or the thoughts."""

    said: str = ""
    held: list[str] = field(default_factory=list)
    """Pieces that each begin with the one before; the first of them has been said already."""
    frames: int = 0
    grows: bool | None = None
    """Whether each piece holds all before it; None: not known yet."""

    def new(self, piece: str, *, whole: bool, last: bool) -> str:
        if not piece:
            return ""
        if whole:
            return self._sum(piece)
        if last and self._says_again(piece):
            return self._is_growing(piece) if self.held else ""
        if self.grows and (piece.startswith(self.said) or self.said.startswith(piece.rstrip())):
            return self._sum(piece)
        self.frames += 1
        if self.grows is None and self.said:
            return self._judge(piece, last)
        self.said += piece
        return piece

    def close(self) -> str:
        """The pieces that waited, by what is likelier."""
        held, self.held = self.held, []
        if held and len(held[0]) >= _SURE // 2:
            return self._sum(held[-1])
        return self._add("".join(held[1:]))

    def _judge(self, piece: str, last: bool) -> str:
        """Decides by the first pieces which kind of server this is."""
        before = self.held[-1] if self.held else self.said
        if piece == before and len(before) > 2 * _SURE:
            return self._is_growing(piece) if self.held else ""
        if not (len(piece) > len(before) and piece.startswith(before)):
            self.grows = False
            held, self.held = self.held, []
            return self._add("".join(held[1:]) + piece)
        self.held = [*(self.held or [self.said]), piece]
        if len(before.strip()) >= _SURE or len(self.held) > _FRAMES:
            return self._is_growing(piece)
        return self.close() if last else ""

    def _is_growing(self, whole: str) -> str:
        self.grows, self.held = True, []
        return self._sum(whole)

    def _sum(self, whole: str) -> str:
        """What a text that holds all has more than has been said."""
        if not self.said.strip():
            return self._add(whole)
        if whole.startswith(self.said):
            return self._add(whole[len(self.said) :])
        bare = self.said.lstrip()
        return self._add(whole[len(bare) :]) if whole.startswith(bare) else ""

    def _says_again(self, piece: str) -> bool:
        said = (self.held[-1] if self.held else self.said).strip()
        return len(said) >= _SURE // 2 and piece.strip() == said

    def _add(self, text: str) -> str:
        self.said += text
        return text
