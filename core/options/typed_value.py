"""What a person types for an option, read as the value that is meant."""

import unicodedata
from typing import Any

import regex

from core.errors import InvalidOption
from core.options.table import Option, OptionType

NO_LIMIT = "none"
"""Written for an option that may have no limit; 0 is zero."""

_SWITCHES = {
    True: "on yes true 1 ja はい オン sim ligado verdadeiro 是 开 开启 打开",
    False: "off no false 0 いいえ オフ não nao desligado falso 否 关 关闭",
}
_BY_WORD = {word: value for value, words in _SWITCHES.items() for word in words.split()}
# Thousands in groups of three, as they are written in one country or another.
_grouped = regex.compile(r"[+-]?\d{1,3}(?:[.,'’\s\u00a0\u202f]\d{3})+")
_whole = regex.compile(r"[+-]?\d{1,12}")
_number = regex.compile(r"[+-]?(?:\d{1,12}(?:[.,]\d{1,12})?|[.,]\d{1,12})")


def read_value(option: Option[Any], text: str) -> Any:
    """The value a text stands for. Raises InvalidOption; lists and tables are read elsewhere."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if option.unlimited and plain.casefold() == NO_LIMIT:
        return None
    value: Any
    match option.type:
        case OptionType.SWITCH:
            value = _BY_WORD.get(plain.casefold())
        case OptionType.INTEGER:
            value = _whole_number(plain)
        case OptionType.NUMBER:
            value = float(plain.replace(",", ".")) if _number.fullmatch(plain) else None
        case OptionType.LINE if option.choices:
            value = _choice(option, plain)
        case OptionType.TEXT:
            value = text
        case _:
            value = plain
    if value is None:
        raise InvalidOption(key=option.key, value=text[:80], expected=option.expected)
    return option.check(value)


def _whole_number(text: str) -> int | None:
    if _grouped.fullmatch(text):
        text = regex.sub(r"[^\d+-]", "", text)
    return int(text) if _whole.fullmatch(text) else None


def _choice(option: Option[Any], text: str) -> str | None:
    """One of the words, whatever its case and however its parts are joined."""
    typed = regex.sub(r"[\s_]+", "-", text.casefold())
    return next((word for word in option.choices if word == typed), None)
