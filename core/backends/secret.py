"""A key that does not show itself."""

from typing import Any


class Secret:
    """A key. Its value leaves only through `reveal`; `str` and `repr` show dots."""

    __slots__ = ("_value",)

    def __init__(self, value: str = "") -> None:
        self._value = value.strip()

    def reveal(self) -> str:
        """The value, for the one request header it is meant for."""
        return self._value

    @property
    def ending(self) -> str:
        """The last four characters, for showing which key it is; empty for short keys."""
        return self._value[-4:] if len(self._value) >= 12 else ""

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(•••)" if self._value else "Secret()"

    __str__ = __repr__

    def __reduce__(self) -> Any:
        raise TypeError("secrets are not pickled")
