"""The generators behind `pick`, `random` and `roll`: seeded, and the same on every machine."""

import math
import struct

_MASK = 0xFFFFFFFF
_WIDTH = 256
_CHUNKS = 6
_START_DENOMINATOR = float(_WIDTH**_CHUNKS)
_SIGNIFICANCE = float(2**52)
_OVERFLOW = _SIGNIFICANCE * 2


def _units(text: str) -> tuple[int, ...]:
    data = text.encode("utf-16-le", "surrogatepass")
    return struct.unpack(f"<{len(data) // 2}H", data)


def _imul(left: int, right: int) -> int:
    return (left * right) & _MASK


def text_hash(text: str) -> int:
    """cyrb53 with seed 0 over the UTF-16 units of `text`: 53 bits."""
    first, second = 0xDEADBEEF, 0x41C6CE57
    for unit in _units(text):
        first = _imul(first ^ unit, 2654435761)
        second = _imul(second ^ unit, 1597334677)
    mixed = _imul(first ^ first >> 16, 2246822507) ^ _imul(second ^ second >> 13, 3266489909)
    other = _imul(second ^ second >> 16, 2246822507) ^ _imul(mixed ^ mixed >> 13, 3266489909)
    return 4294967296 * (2097151 & other) + mixed


class SeededRandom:
    """The generator of the npm package `seedrandom` (ARC4) for one string seed."""

    def __init__(self, seed: str) -> None:
        self._state = _schedule(_mix(seed))
        self._i = self._j = 0
        self._bytes(_WIDTH)

    def _bytes(self, count: int) -> int:
        state, value = self._state, 0
        for _ in range(count):
            self._i = (self._i + 1) & 255
            held = state[self._i]
            self._j = (self._j + held) & 255
            swapped = state[self._j]
            state[self._i], state[self._j] = swapped, held
            value = value * _WIDTH + state[(held + swapped) & 255]
        return value

    def random(self) -> float:
        """The next number, 0 <= x < 1, with all 52 bits drawn."""
        numerator, denominator, extra = float(self._bytes(_CHUNKS)), _START_DENOMINATOR, 0
        while numerator < _SIGNIFICANCE:
            numerator = (numerator + extra) * _WIDTH
            denominator *= _WIDTH
            extra = self._bytes(1)
        while numerator >= _OVERFLOW:
            numerator /= 2
            denominator /= 2
            extra >>= 1
        return (numerator + extra) / denominator

    def below(self, limit: int) -> int:
        """A whole number, 0 <= x < limit."""
        return math.floor(self.random() * limit)


def _mix(seed: str) -> list[int]:
    """The key of a seed: its UTF-16 units folded into at most 256 bytes."""
    units = _units(seed)
    key = [0] * min(len(units), _WIDTH)
    smear = 0
    for index, unit in enumerate(units):
        place = index & 255
        smear ^= key[place] * 19
        key[place] = (smear + unit) & 255
    return key


def _schedule(key: list[int]) -> list[int]:
    key = key or [0]
    state = list(range(_WIDTH))
    j = 0
    for i in range(_WIDTH):
        held = state[i]
        j = (j + key[i % len(key)] + held) & 255
        state[i], state[j] = state[j], held
    return state
