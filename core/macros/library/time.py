"""Date and time in the zone of the context's clock, as moment.js writes them in English."""

import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime

from core.macros.registry import Macro, MacroCall, macro

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
_LONG_FORMATS = {
    "LTS": "h:mm:ss A",
    "LT": "h:mm A",
    "LLLL": "dddd, MMMM D, YYYY h:mm A",
    "LLL": "MMMM D, YYYY h:mm A",
    "LL": "MMMM D, YYYY",
    "L": "MM/DD/YYYY",
    "llll": "ddd, MMM D, YYYY h:mm A",
    "lll": "MMM D, YYYY h:mm A",
    "ll": "MMM D, YYYY",
    "l": "M/D/YYYY",
}
_OFFSET = re.compile(r"UTC([+-][0-9]{1,4})", re.ASCII)
_LONG = re.compile(r"\[[^\[\]]*\]|\\.|LTS?|L{1,4}|l{1,4}", re.DOTALL)
_TOKEN = re.compile(
    r"\[[^\[\]]*\]|\\.|Mo|MM?M?M?|Do|DDDo|DD?D?D?|ddd?d?|do?|w[ow]?|W[oW]?|Qo?|YYYYYY|YYYYY|YYYY|YY"
    r"|Y|gggg?g?|gg|GGGG?G?|GG|a|A|hh?|HH?|kk?|mm?|ss?|S{1,9}|x|X|zz?|ZZ?|[Ee]",
    re.DOTALL,
)


def show(moment: datetime, pattern: str) -> str:
    """`moment` by a format such as `YYYY-MM-DD` or `LT`; text in square brackets stays."""
    expanded = _LONG.sub(lambda found: _LONG_FORMATS.get(found[0], found[0]), pattern)
    return _TOKEN.sub(lambda found: _token(moment, found[0]), expanded)


def _token(moment: datetime, token: str) -> str:
    if token.startswith("["):
        return token[1:-1]
    if token.startswith("\\"):
        return token[1:]
    if token.startswith("S"):
        return f"{moment.microsecond:06d}000"[: len(token)]
    if token.endswith("o") and token[:-1] in _TOKENS:
        return ordinal(int(_TOKENS[token[:-1]](moment)))
    make = _TOKENS.get(token)
    return make(moment) if make else token


def _weekday(moment: datetime) -> int:
    return moment.isoweekday() % 7


def _hour(moment: datetime) -> int:
    return moment.hour % 12 or 12


def _us_week(moment: datetime) -> tuple[int, int]:
    """Year and week where weeks begin on Sunday and January 1st is in the first."""
    saturday = moment + timedelta(days=6 - _weekday(moment))
    return saturday.year, (saturday.timetuple().tm_yday - 1) // 7 + 1


def _zone(moment: datetime, colon: str) -> str:
    minutes = int((moment.utcoffset() or timedelta()).total_seconds() // 60)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}{colon}{rest:02d}"


_TOKENS: dict[str, Callable[[datetime], str]] = {
    "YYYYYY": lambda at: f"+{at.year:06d}",
    "YYYYY": lambda at: f"{at.year:05d}",
    "YYYY": lambda at: f"{at.year:04d}",
    "YY": lambda at: f"{at.year % 100:02d}",
    "Y": lambda at: str(at.year),
    "Q": lambda at: str((at.month + 2) // 3),
    "MMMM": lambda at: _MONTHS[at.month - 1],
    "MMM": lambda at: _MONTHS[at.month - 1][:3],
    "MM": lambda at: f"{at.month:02d}",
    "M": lambda at: str(at.month),
    "DDDD": lambda at: f"{at.timetuple().tm_yday:03d}",
    "DDD": lambda at: str(at.timetuple().tm_yday),
    "DD": lambda at: f"{at.day:02d}",
    "D": lambda at: str(at.day),
    "dddd": lambda at: _DAYS[_weekday(at)],
    "ddd": lambda at: _DAYS[_weekday(at)][:3],
    "dd": lambda at: _DAYS[_weekday(at)][:2],
    "d": lambda at: str(_weekday(at)),
    "e": lambda at: str(_weekday(at)),
    "E": lambda at: str(at.isoweekday()),
    "w": lambda at: str(_us_week(at)[1]),
    "ww": lambda at: f"{_us_week(at)[1]:02d}",
    "gg": lambda at: f"{_us_week(at)[0] % 100:02d}",
    "gggg": lambda at: str(_us_week(at)[0]),
    "W": lambda at: str(at.isocalendar().week),
    "WW": lambda at: f"{at.isocalendar().week:02d}",
    "GG": lambda at: f"{at.isocalendar().year % 100:02d}",
    "GGGG": lambda at: str(at.isocalendar().year),
    "A": lambda at: "PM" if at.hour > 11 else "AM",
    "a": lambda at: "pm" if at.hour > 11 else "am",
    "hh": lambda at: f"{_hour(at):02d}",
    "h": lambda at: str(_hour(at)),
    "HH": lambda at: f"{at.hour:02d}",
    "H": lambda at: str(at.hour),
    "kk": lambda at: f"{at.hour or 24:02d}",
    "k": lambda at: str(at.hour or 24),
    "mm": lambda at: f"{at.minute:02d}",
    "m": lambda at: str(at.minute),
    "ss": lambda at: f"{at.second:02d}",
    "s": lambda at: str(at.second),
    "x": lambda at: str(round(at.timestamp() * 1000)),
    "X": lambda at: str(int(at.timestamp())),
    "Z": lambda at: _zone(at, ":"),
    "ZZ": lambda at: _zone(at, ""),
    "z": lambda at: "",
    "zz": lambda at: "",
}


def ordinal(value: int) -> str:
    """1st, 2nd, 3rd, 4th …"""
    last = value % 10 if (value // 10) % 10 != 1 else 0
    return f"{value}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') }"


def with_offset(moment: datetime, offset: int) -> datetime:
    """The same instant so many hours from UTC; 16 and more count as minutes."""
    minutes = offset * 60 if abs(offset) < 16 else offset
    return moment.astimezone(timezone(timedelta(minutes=max(-1439, min(minutes, 1439)))))


_ISO = re.compile(
    r"(\d{4})(?:-?(\d\d)(?:-?(\d\d))?|-(\d{3}))?"
    r"(?:[T ](\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d+))?)?)?\s*(Z|[+-]\d\d:?(?:\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_DATES = ("%B %d %Y", "%b %d %Y", "%d %B %Y", "%d %b %Y", "%m/%d/%Y", "%Y/%m/%d")
_TIMES = ("", " %H:%M:%S", " %H:%M", " %I:%M %p", " %I:%M:%S %p")


def read(text: str, zone: tzinfo) -> datetime | None:
    """The time that `text` names, in `zone` where it names none; None where it is no time."""
    text = text.strip()[:64]
    try:
        if iso := _ISO.fullmatch(text):
            return _from_iso(iso, zone)
        return _from_words(text, zone)
    except (ValueError, OverflowError):
        return None


def _from_iso(iso: re.Match[str], zone: tzinfo) -> datetime:
    year, month, day = int(iso[1]), int(iso[2] or 1), int(iso[3] or 1)
    hour, minute, second = (int(iso[group] or 0) for group in (5, 6, 7))
    micro = int(f"{iso[8] or ''}000000"[:6])
    if iso[9]:
        zone = _read_zone(iso[9])
    moment = datetime(year, month, day, hour % 24, minute, second, micro, tzinfo=zone)
    return moment + timedelta(days=int(iso[4]) - 1 if iso[4] else hour // 24)


def _read_zone(text: str) -> tzinfo:
    if text in "zZ":
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text.startswith("-") else offset)


def _from_words(text: str, zone: tzinfo) -> datetime | None:
    words = " ".join(text.replace(",", " ").split())
    for pattern in (date + time for date in _DATES for time in _TIMES):
        try:
            return datetime.strptime(words, pattern).replace(tzinfo=zone)
        except ValueError:
            continue
    moment = parsedate_to_datetime(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


_UNITS = (
    ("a minute", "minutes", 45, 60.0),
    ("an hour", "hours", 22, 3600.0),
    ("a day", "days", 26, 86400.0),
    ("a month", "months", 11, 86400.0 * 146097 / 4800),
)
"""One, several, from how many on the next unit takes over, and the unit's seconds."""
_YEAR = _UNITS[-1][3] * 12


def duration(seconds: float) -> str:
    """A length of time in round words: "a few seconds", "3 hours", "2 years"."""
    length = abs(seconds)
    if _rounded(length) <= 44:
        return "a few seconds"
    for one, several, limit, unit in _UNITS:
        count = _rounded(length / unit)
        if count <= 1:
            return one
        if count < limit:
            return f"{count} {several}"
    years = _rounded(length / _YEAR)
    return "a year" if years <= 1 else f"{years} years"


def difference(seconds: float) -> str:
    """A length of time seen from its end: "in 2 days", "3 hours ago"."""
    return f"in {duration(seconds)}" if seconds > 0 else f"{duration(seconds)} ago"


def _rounded(value: float) -> int:
    return math.floor(value + 0.5)


def _now(pattern: str) -> Callable[[MacroCall], str]:
    return lambda call: show(call.environment.now, pattern)


MACROS = [
    Macro("date", "Today's date.", _now("LL")),
    Macro("weekday", "Today's weekday.", _now("dddd")),
    Macro("isotime", "The time of day as 13:05.", _now("HH:mm")),
    Macro("isodate", "Today's date as 2026-01-31.", _now("YYYY-MM-DD")),
    Macro(
        "datetimeformat",
        "Now, by a format such as YYYY-MM-DD HH:mm.",
        lambda call: show(call.environment.now, call.arguments[0]),
        arguments=("format",),
    ),
]


@macro("time", "The time of day; UTC+2 gives the time there.", takes="[zone]")
def time_of_day(call: MacroCall) -> str:
    now = call.environment.now
    offset = _OFFSET.fullmatch(call.argument(0))
    return show(with_offset(now, int(offset[1])) if offset else now, "LT")


@macro("idleDuration", "How long ago the last message of a person was.", "idle_duration")
def idle_duration(call: MacroCall) -> str:
    last = call.environment.last_user_message
    if last is None:
        return "just now"
    return duration((call.environment.now - last).total_seconds())


@macro(
    "timeDiff", "The first time seen from the second: 3 hours ago, in 2 days.", takes="time time"
)
def time_difference(call: MacroCall) -> str:
    zone = call.environment.now.tzinfo
    assert zone is not None, "the clock of a context knows its zone"
    left, right = (read(text, zone) for text in call.arguments)
    if left is None or right is None:
        return "Invalid date"
    return difference((left - right).total_seconds())
