"""Rate limits as Discord shows them: five headers, 429 bodies, one hidden bucket, one global."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from bot.playground.rules.errors import Json
from bot.playground.world.clock import Clock


@dataclass(frozen=True, slots=True)
class Rule:
    """`amount` requests in `seconds` for each combination of the pattern's groups.

    A hidden rule shows nothing in the headers until it refuses.
    """

    match: str
    amount: int
    seconds: float
    hidden: bool = False
    by_channel: bool = False  # the group is a webhook's id and stands for its channel


@dataclass(frozen=True, slots=True)
class Profile:
    rules: tuple[Rule, ...] = ()
    each_second: int | None = None  # the global limit


OFF = Profile()
# As observed by others; Discord publishes no numbers for single routes. The edit limit belongs
# to the channel, not to the message.
REALISTIC = Profile(
    rules=(
        Rule(r"^POST /channels/(\d+)/messages$", 5, 5.0),
        Rule(r"^PATCH /channels/(\d+)/messages/\d+$", 5, 5.0),
        Rule(r"^(?:PUT|DELETE) /channels/(\d+)/messages/\d+/reactions/", 1, 0.25),
        Rule(r"^(?:POST|PATCH|DELETE) /webhooks/(\d+/[^/?]+)", 5, 2.0),
        Rule(
            r"^(?:POST|PATCH|DELETE) /webhooks/(\d+)/",
            30,
            60.0,
            hidden=True,
            by_channel=True,
        ),
    ),
    each_second=50,
)
PROFILES = {"off": OFF, "realistic": REALISTIC}


@dataclass(slots=True)
class Window:
    started: float
    used: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The headers of an answer, and the 429's body when the request is refused."""

    headers: dict[str, str]
    body: Json | None = None


class Limits:
    """Counts requests in fixed windows that begin with their first request."""

    def __init__(
        self, clock: Clock, profile: Profile, channel_of: Callable[[str], str | None]
    ) -> None:
        self._clock, self.profile, self._channel_of = clock, profile, channel_of
        self._windows: dict[tuple[str, str], Window] = {}
        self._second = Window(0.0)

    def enter(self, method: str, path: str, *, counts_globally: bool) -> Verdict:
        """Takes one request from its buckets, or refuses it."""
        if counts_globally and (wait := self._wait_globally()):
            return refusal(wait, "global")
        headers: dict[str, str] = {}
        for rule in self.profile.rules:
            key = self._key(rule, f"{method} {path}")
            if key is None:
                continue
            window = self._window(rule, key)
            wait = window.started + rule.seconds - self._clock.now()
            refused = window.used >= rule.amount
            window.used += not refused
            if not rule.hidden:
                headers = _headers(rule, key, window, wait, self._clock.now())
            if refused:
                shown = headers or {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "3"}
                return refusal(wait, "user", shown)
        return Verdict(headers)

    def _wait_globally(self) -> float:
        most = self.profile.each_second
        if most is None:
            return 0.0
        now = self._clock.now()
        if now >= self._second.started + 1:
            self._second = Window(now)
        self._second.used += 1
        return self._second.started + 1 - now if self._second.used > most else 0.0

    def _key(self, rule: Rule, subject: str) -> str | None:
        match = re.search(rule.match, subject)
        if match is None:
            return None
        return self._channel_of(match[1]) if rule.by_channel else match[1]

    def _window(self, rule: Rule, key: str) -> Window:
        window = self._windows.get((rule.match, key))
        if window is None or self._clock.now() >= window.started + rule.seconds:
            window = self._windows[rule.match, key] = Window(self._clock.now())
        return window


def _headers(rule: Rule, key: str, window: Window, wait: float, now: float) -> dict[str, str]:
    bucket = hashlib.md5(rule.match.encode(), usedforsecurity=False).hexdigest()
    return {
        "X-RateLimit-Limit": str(rule.amount),
        "X-RateLimit-Remaining": str(rule.amount - window.used),
        "X-RateLimit-Reset": f"{now + wait:.3f}",
        "X-RateLimit-Reset-After": f"{max(wait, 0.001):.3f}",
        "X-RateLimit-Bucket": bucket,
    }


def refusal(wait: float, scope: str, headers: dict[str, str] | None = None) -> Verdict:
    """A 429; `wait` in seconds, `scope` user, global or shared."""
    wait = max(round(wait, 3), 0.001)
    body: Json = {
        "message": "You are being rate limited.",
        "retry_after": wait,
        "global": scope == "global",
    }
    shown = dict(headers or {})
    shown |= {"Retry-After": str(int(wait) + 1), "X-RateLimit-Scope": scope}
    if scope == "global":
        shown["X-RateLimit-Global"] = "true"
    return Verdict(shown, body)
