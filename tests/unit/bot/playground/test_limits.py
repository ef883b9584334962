"""Windows of requests: counted from the first one, kept apart by channel."""

from bot.playground.rules.limits import OFF, REALISTIC, Limits, Profile, Rule, Verdict
from bot.playground.world.clock import Clock


def enter(limits: Limits, path: str, method: str = "PATCH") -> Verdict:
    return limits.enter(method, path, counts_globally=True)


def test_nothing_is_limited_by_default() -> None:
    limits = Limits(Clock(), OFF, lambda webhook_id: None)
    for _ in range(1000):
        verdict = enter(limits, "/channels/1/messages/2")
        assert verdict.body is None
        assert verdict.headers == {}


def test_a_window_begins_with_its_first_request() -> None:
    clock = Clock()
    rule = Rule(r"^PATCH /channels/(\d+)/messages/\d+$", 2, 5.0)
    limits = Limits(clock, Profile((rule,)), lambda webhook_id: None)
    assert enter(limits, "/channels/1/messages/1").headers["X-RateLimit-Remaining"] == "1"
    assert enter(limits, "/channels/1/messages/2").headers["X-RateLimit-Remaining"] == "0"
    refused = enter(limits, "/channels/1/messages/3")
    assert refused.body is not None
    assert 4 < refused.body["retry_after"] <= 5
    assert enter(limits, "/channels/2/messages/1").body is None
    assert enter(limits, "/channels/1/messages", "POST").body is None
    clock.advance(5)
    assert enter(limits, "/channels/1/messages/3").body is None


def test_the_hidden_limit_joins_all_webhooks_of_a_channel() -> None:
    clock = Clock()
    limits = Limits(clock, REALISTIC, {"7": "c", "8": "c", "9": "d"}.get)
    refused = []
    for number in range(31):
        if number % 4 == 0:
            clock.advance(1.1)
        verdict = enter(limits, f"/webhooks/{7 + number % 2}/token", "POST")
        refused.append(verdict.body is not None)
    assert refused == [False] * 30 + [True]
    assert int(verdict.headers["X-RateLimit-Remaining"]) > 0
    assert enter(limits, "/webhooks/9/token", "POST").body is None
    # Follow-ups of interactions have no channel of their own and do not count.
    assert enter(limits, "/webhooks/100/interaction", "POST").body is None
