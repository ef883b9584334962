"""Date and time, in the zone of the context's clock."""

import re

from core.macros import moment
from core.macros.call import Call
from core.macros.registry import macro

_OFFSET = re.compile(r"UTC([+-][0-9]{1,4})", re.ASCII)


@macro("time", "The time of day; UTC+2 gives the time there.", optional=1)
def time(call: Call) -> str:
    now = call.environment.now
    offset = _OFFSET.fullmatch(call.argument(0))
    return moment.show(moment.with_offset(now, int(offset[1])) if offset else now, "LT")


@macro("date", "Today's date.")
def date(call: Call) -> str:
    return moment.show(call.environment.now, "LL")


@macro("weekday", "Today's weekday.")
def weekday(call: Call) -> str:
    return moment.show(call.environment.now, "dddd")


@macro("isotime", "The time of day as 13:05.")
def isotime(call: Call) -> str:
    return moment.show(call.environment.now, "HH:mm")


@macro("isodate", "Today's date as 2026-01-31.")
def isodate(call: Call) -> str:
    return moment.show(call.environment.now, "YYYY-MM-DD")


@macro("datetimeformat", "Now, by a format such as YYYY-MM-DD HH:mm.", required=1)
def datetimeformat(call: Call) -> str:
    return moment.show(call.environment.now, call.arguments[0])


@macro("idleDuration", "How long ago the last message of a person was.", "idle_duration")
def idle_duration(call: Call) -> str:
    last = call.environment.last_user_message
    if last is None:
        return "just now"
    return moment.duration((call.environment.now - last).total_seconds())


@macro("timeDiff", "The first time seen from the second: 3 hours ago, in 2 days.", required=2)
def time_diff(call: Call) -> str:
    zone = call.environment.now.tzinfo
    assert zone is not None, "the clock of a context knows its zone"
    left, right = (moment.read(text, zone) for text in call.arguments)
    if left is None or right is None:
        return "Invalid date"
    return moment.difference((left - right).total_seconds())
