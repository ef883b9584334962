"""Times as moment.js writes and compares them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from core.macros.engine import Macros
from core.macros.environment import Environment

NOW = datetime(2026, 3, 1, 15, 4, 5, tzinfo=UTC)


def expand(text: str, now: datetime = NOW) -> str:
    last = NOW - timedelta(hours=3)
    return Macros(Environment(now=now, last_user_message=last)).expand(text)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{time}} {{date}} {{weekday}}", "3:04 PM March 1, 2026 Sunday"),
        ("{{isotime}} {{isodate}}", "15:04 2026-03-01"),
        ("{{time::UTC+2}} {{time_UTC-10}} {{time::UTC-90}}", "5:04 PM 5:04 AM 1:34 PM"),
        ("{{datetimeformat::dddd, Do MMM YY [at] h:mm a}}", "Sunday, 1st Mar 26 at 3:04 pm"),
        ("{{datetimeformat LLLL}}", "Sunday, March 1, 2026 3:04 PM"),
        ("{{datetimeformat::DDD w W Q X x Z}}", "60 10 9 1 1772377445 1772377445000 +00:00"),
        ("{{idleDuration}}", "3 hours"),
    ],
)
def test_clock(text: str, result: str) -> None:
    assert expand(text) == result


def test_zone_of_the_context() -> None:
    assert expand("{{time}}", NOW.astimezone(ZoneInfo("Asia/Tokyo"))) == "12:04 AM"


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [
        ("2024-01-01 12:00:00", "2024-01-01 15:00:00", "3 hours ago"),
        ("2024-01-03", "2024-01-01", "in 2 days"),
        ("2024-01-01", "2024-01-01", "a few seconds ago"),
        ("2024-01-01 00:00:44", "2024-01-01", "in a few seconds"),
        ("2024-01-01 00:00:45", "2024-01-01", "in a minute"),
        ("2024-01-01 00:44:30", "2024-01-01", "in an hour"),
        ("2024-01-01 21:29", "2024-01-01", "in 21 hours"),
        ("2024-01-01 21:30", "2024-01-01", "in a day"),
        ("2024-01-26 12:00", "2024-01-01", "in a month"),
        ("2024-02-16", "2024-01-01", "in 2 months"),
        ("2024-11-01", "2024-01-01", "in 10 months"),
        ("2024-12-01", "2024-01-01", "in a year"),
        ("2034-01-01", "2024-01-01", "in 10 years"),
        ("2024-01-01T12:00:00Z", "2024-01-01T12:00:00+02:00", "in 2 hours"),
        ("January 2, 2024", "2024-01-01", "in a day"),
        ("whenever", "2024-01-01", "Invalid date"),
    ],
)
def test_time_difference(left: str, right: str, result: str) -> None:
    assert expand(f"{{{{timeDiff::{left}::{right}}}}}") == result
