"""Who refused, why, and what is used up, told apart in every vendor's own words."""

import json
import time
from typing import Any

import pytest

from bot.i18n import speaking
from bot.wording.errors import explain
from core.backends import anthropic
from core.backends.faults import fault, frame_fault, retry_after
from core.backends.horde import read_done
from core.backends.openai import read_frame
from core.backends.types import Finish
from core.errors import (
    AllowanceUsed,
    BackendError,
    Overloaded,
    PromptTooLong,
    QuotaExhausted,
    RateLimited,
    Refused,
)

POLICY = "Your request was rejected as a result of our safety system."
AZURE = {"hate": {"filtered": True, "severity": "high"}, "violence": {"filtered": False}}


def told(error: BackendError) -> str:
    with speaking("en"):
        return explain(error) or ""


REFUSALS: list[tuple[int | None, Any, str]] = [
    (400, {"error": {"code": "content_policy_violation", "message": POLICY}},
     "X would not answer this: “Your request was rejected as a result of our safety system”."),
    (400, {"error": {"code": "content_filter", "message": "The prompt was filtered",
                     "innererror": {"code": "ResponsibleAIPolicyViolation",
                                    "content_filter_result": AZURE}}},
     "X would not answer this: “The prompt was filtered” (hate)."),
    (403, {"error": {"code": 403, "message": "Input was flagged",
                     "metadata": {"reasons": ["violence", "hate"], "provider_name": "OpenAI"}}},
     "OpenAI (X) would not answer this: “Input was flagged” (violence, hate)."),
    (400, {"error": {"code": 400, "message": "Provider returned error",
                     "metadata": {"raw": json.dumps({"error": {"message": POLICY,
                                                               "code": "content_filter"}}),
                                  "provider_name": "Azure"}}},
     "Azure (X) would not answer this: “Your request was rejected as a result of our safety"),
    (None, {"error": {"code": "content_policy_violation", "message": "Output blocked"}},
     "X would not answer this: “Output blocked”."),
    (None, {"choices": [{"error": {"code": 403, "message": "Output moderated"},
                         "finish_reason": "error"}]},
     "X would not answer this: “Output moderated”."),
]  # fmt: skip


@pytest.mark.parametrize(("status", "document", "sentence"), REFUSALS)
def test_a_refusal_names_who_and_why(status: int | None, document: Any, sentence: str) -> None:
    found = (
        frame_fault(document, where="X")
        if status is None
        else fault(status, {}, json.dumps(document), where="X")
    )
    assert isinstance(found, Refused)
    assert told(found).startswith(sentence)


def test_words_of_refusal_are_no_words_of_the_character() -> None:
    delta = read_frame({"choices": [{"delta": {"refusal": "I can't help."}}]})
    assert (delta.text, delta.refusal) == ("", "I can't help.")
    cut = {"finish_reason": "content_filter", "delta": {}, "content_filter_results": AZURE}
    delta = read_frame({"provider": "Azure", "choices": [cut]})
    assert delta.finish is Finish.FILTER
    assert (delta.note and delta.note.fact, delta.provider) == ("hate", "Azure")
    end = {"stop_reason": "refusal", "stop_details": {"category": "bio", "explanation": "Unsafe."}}
    delta = anthropic.read_frame({"type": "message_delta", "delta": end})
    assert delta.note is not None
    assert delta.note.fact == "Unsafe."


def test_a_volunteer_that_censors_is_named() -> None:
    generation = {"state": "censored", "worker_name": "Tobin's box", "text": ""}
    with pytest.raises(Refused) as caught:
        read_done({"generations": [generation]}, "AI Horde")
    assert told(caught.value).startswith("Tobin's box (AI Horde) would not answer this (censored).")


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("insufficient credits", QuotaExhausted),
        ("rate limit exceeded, slow down", RateLimited),
        ("the daily limit of free requests is reached", AllowanceUsed),
        ("flagged by moderation", Refused),
        ("maximum context length is 4096 tokens", PromptTooLong),
        ("the window is full", PromptTooLong),
        ("upstream is down", Overloaded),
    ],
)
def test_bare_words_in_a_stream_are_understood_too(words: str, kind: type[BackendError]) -> None:
    minimax = {"choices": None, "base_resp": {"status_code": 1008, "status_msg": words}}
    frames: list[Any] = [{"error": words}, {"error": {"message": words}}, {"detail": words}]
    for frame in [*frames, {"code": 1, "msg": words}, minimax]:
        assert type(frame_fault(frame, where="X")) is kind


SOON = str(int((time.time() + 7200) * 1000))
USED: list[tuple[int, Any, type[BackendError], str]] = [
    (402, {"error": {"message": "Insufficient credits"}}, QuotaExhausted,
     "The account at X has no credit left"),
    (429, {"error": {"message": "You exceeded your current quota, check your plan and billing",
                     "code": "insufficient_quota"}}, QuotaExhausted,
     "The account at X has no credit left"),
    (402, {"error": {"message": "Insufficient Balance"}}, QuotaExhausted,
     "The account at X has no credit left"),
    (429, {"error": {"message": "Rate limit exceeded: free-models-per-day", "code": 429,
                     "metadata": {"headers": {"X-RateLimit-Reset": SOON}}}}, AllowanceUsed,
     "The daily limit at X is used up. It is renewed in 2 hours."),
    (429, {"message": "You are using a Trial key, which is limited to 1000 API calls / month."},
     AllowanceUsed, "The monthly limit at X is used up."),
    (429, {"message": "You are using a Trial key, which is limited to 10 API calls / minute."},
     RateLimited, "X got too many requests."),
    (403, {"message": "Due to heavy demand", "rc": "KudosUpfront"}, AllowanceUsed,
     "X asks for more kudos than this key has."),
    (429, {"error": {"code": 429, "message": "Quota exceeded", "details": [
        {"violations": [{"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]}]}},
     AllowanceUsed, "The daily limit at X is used up."),
    (429, {"error": {"message": "Free tier quota exhausted"}}, AllowanceUsed,
     "The free quota at X is used up."),
    (402, {"error": "You have exceeded your monthly included credits"}, AllowanceUsed,
     "The monthly limit at X is used up."),
    (429, {"error": {"message": "Daily free credit is used up"}}, AllowanceUsed,
     "The daily limit at X is used up."),
]  # fmt: skip


@pytest.mark.parametrize(("status", "document", "kind", "sentence"), USED)
def test_money_and_what_comes_back_by_itself_are_told_apart(
    status: int, document: Any, kind: type[BackendError], sentence: str
) -> None:
    found = fault(status, {}, json.dumps(document), where="X")
    assert type(found) is kind
    assert told(found).startswith(sentence)
    assert found.retryable is (kind is RateLimited)


@pytest.mark.parametrize("unit", [1000, 1, 0])
def test_a_reset_is_a_time_or_seconds(unit: int) -> None:
    value = str(int((time.time() + 7200) * unit)) if unit else "7200"
    found = retry_after({"x-ratelimit-reset": value})
    assert found is not None
    assert 7000 <= found <= 7200


@pytest.mark.parametrize(
    ("status", "body", "detail"),
    [
        (500, "<html><head><title>500</title><style>x{}</style></head><body>", "500"),
        (502, "<html><body><script>var a;</script><h1>Bad Gateway</h1><p>nginx</p>", "Bad Gateway"),
        (500, "Oops<br><div class='x'>It broke</div>", "Oops It broke"),
        (500, "It broke\nTraceback (most recent call last):\n  File x", "It broke"),
        (500, json.dumps({"error": {"message": "<p>It <b>broke</b></p>"}}), "It broke"),
        (422, json.dumps({"detail": [{"loc": ["body", "min_p"], "msg": "Extra inputs are not "
                                      "permitted"}]}), "min_p: Extra inputs are not permitted"),
    ],
)  # fmt: skip
def test_of_a_page_or_a_list_one_plain_sentence_is_quoted(
    status: int, body: str, detail: str
) -> None:
    assert fault(status, {}, body, where="X").detail == detail


def test_a_parameter_named_by_422_is_left_out_next_time() -> None:
    body = {"detail": [{"loc": ["body", "min_p"], "msg": "Extra inputs are not permitted"}]}
    found = fault(422, {}, json.dumps(body), where="X")
    assert (found.facts["param"], found.facts["unsupported"]) == ("min_p", True)
