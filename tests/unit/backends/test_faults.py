"""From answers to errors."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from core.backends.faults import LONGEST_WAIT, fault, frame_fault, retry_after
from core.errors import (
    AllowanceUsed,
    BackendError,
    BadAnswer,
    BadRequest,
    KeyRejected,
    Overloaded,
    PromptTooLong,
    QuotaExhausted,
    RateLimited,
    Refused,
    UnknownModel,
)
from core.secret import Secret, forms, scrub

CASES: list[tuple[int, Any, type[BackendError], str]] = [
    (401, {"error": {"message": "Bad key", "code": "invalid_api_key"}}, KeyRejected, "Bad key"),
    (401, {"detail": "Unauthorized"}, KeyRejected, "Unauthorized"),
    (
        401,
        {"detail": {"error": "Unauthorized", "msg": "no key", "type": "unauthorized"}},
        KeyRejected,
        "no key",
    ),
    (400, {"error": {"code": 400, "message": "API key not valid. Please pass a valid API key.",
                     "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}},
     KeyRejected, "API key not valid. Please pass a valid API key."),
    (403, {"message": "no", "rc": "KudosUpfront"}, AllowanceUsed, "no"),
    (403, {"error": {"code": 403, "message": "Input flagged",
                     "metadata": {"reasons": ["violence"], "flagged_input": "x"}}},
     Refused, "Input flagged"),
    (402, {"error": {"code": 402, "message": "Insufficient credits"}}, QuotaExhausted,
     "Insufficient credits"),
    (429, {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}},
     QuotaExhausted, "You exceeded your current quota"),
    (429, {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}},
     RateLimited, "Rate limit reached"),
    (429, {"type": "error", "error": {"type": "rate_limit_error", "message": "slow",
                                      "details": {"error_code": "enforced_spend_limit_reached"}}},
     QuotaExhausted, "slow"),
    (429, {"type": "error", "error": {"type": "rate_limit_error", "message": "slow"}},
     RateLimited, "slow"),
    (429, {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED",
                     "message": "You exceeded your current quota, check your plan and billing",
                     "details": [{"retryDelay": "17s"},
                                 {"violations": [{"quotaId": "RequestsPerMinutePerModel"}]}]}},
     RateLimited, "You exceeded your current quota, check your plan and billing"),
    (429, {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "quota",
                     "details": [{"violations": [{"quotaId": "RequestsPerDayPerModel"}]}]}},
     AllowanceUsed, "quota"),
    (429, {"error": {"code": 429, "message": "Rate limit exceeded: free-models-per-day"}},
     AllowanceUsed, "Rate limit exceeded: free-models-per-day"),
    (400, {"error": {"message": "too long", "code": "context_length_exceeded"}}, PromptTooLong,
     "too long"),
    (400, {"type": "error", "error": {"type": "invalid_request_error",
                                      "message": "prompt is too long: 2100 tokens > 200 maximum"}},
     PromptTooLong, "prompt is too long: 2100 tokens > 200 maximum"),
    (413, {"error": {"message": "Request too large for model (TPM)"}}, PromptTooLong,
     "Request too large for model (TPM)"),
    (404, {"error": {"message": "The model `x` does not exist", "code": "model_not_found"}},
     UnknownModel, "The model `x` does not exist"),
    (404, {"error": "model 'llama3.2:latest' not found"}, UnknownModel,
     "model 'llama3.2:latest' not found"),
    (503, {"detail": "No model is currently loaded"}, UnknownModel, "No model is currently loaded"),
    (503, {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
     Overloaded, "Loading model"),
    (529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
     Overloaded, "Overloaded"),
    (409, {"error": {"message": "locked"}}, Overloaded, "locked"),
    (422, {"detail": [{"loc": ["body", "x"], "msg": "Field required", "type": "missing"}]},
     BadRequest, "x: Field required"),
    (400, {"error": {"message": "Unsupported parameter: 'top_k'", "param": "top_k",
                     "type": "invalid_request_error"}},
     BadRequest, "Unsupported parameter: 'top_k'"),
    (400, {"error": {"message": "blocked by content_filter", "code": "content_filter"}}, Refused,
     "blocked by content_filter"),
    (400, {"message": {"detail": [{"msg": "odd"}]}}, BadRequest, "odd"),
    (404, {"statusCode": 404, "message": "Not found"}, BadAnswer, "Not found"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "kind", "detail"), CASES)
def test_each_answer_means_one_error(
    status: int, body: Any, kind: type[BackendError], detail: str
) -> None:
    found = fault(status, {}, json.dumps(body), where="X", model="m")
    assert type(found) is kind
    assert found.detail == detail
    assert found.facts["status"] == status


def test_numbers_of_an_overflow_are_found() -> None:
    body = {"error": {"message": "prompt is too long: 210000 tokens > 200000 maximum"}}
    found = fault(400, {}, json.dumps(body), where="X")
    assert (found.facts["sent"], found.facts["limit"]) == (210000, 200000)
    body = {"error": {"message": "maximum context length is 4097 tokens, requested 5000 tokens"}}
    found = fault(400, {}, json.dumps(body), where="X")
    assert (found.facts["sent"], found.facts["limit"]) == (5000, 4097)


def test_times_to_wait() -> None:
    soon = datetime.now(UTC) + timedelta(seconds=20)
    assert retry_after({"retry-after": "2.5"}) == 2.5
    assert retry_after({"retry-after-ms": "1500", "retry-after": "9"}) == 1.5
    assert 10 < (retry_after({"retry-after": format_datetime(soon)}) or 0) <= 20
    assert retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert retry_after({}, {"error": {"details": [{"retryDelay": "17s"}]}}) == 17
    assert retry_after({"retry-after": "soon"}) is None
    assert retry_after({"retry-after": "inf"}) is None
    assert retry_after({"retry-after": "-5"}) is None
    assert retry_after({"retry-after": "9" * 20}) == LONGEST_WAIT
    assert retry_after({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}) == LONGEST_WAIT
    assert retry_after({}) is None


def test_the_server_may_forbid_a_retry() -> None:
    assert fault(503, {"x-should-retry": "false"}, "", where="X").facts["retry"] is False


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "[[[[",
        "[" * 100_000,
        '{"error":' * 5_000,
        '{"error": {"message": ["x"]}}',
        '{"detail": {"msg": {"a": 1}}}',
        '{"error": 1e999}',
        "\x00\x01",
        "9" * 5000,
        '"text"',
    ],
)
def test_odd_bodies_are_never_fatal(body: str) -> None:
    for status in (None, 200, 301, 400, 401, 404, 429, 500, 599):
        found = fault(status, {}, body, where="X", reason="Reason")
        assert isinstance(found, BackendError)
        assert len(found.detail) <= 300
    frame_fault({"error": body}, where="X")


def test_frames_that_are_no_errors() -> None:
    frames: tuple[dict[str, Any], ...] = (
        {"choices": [], "error": None},
        {"token": "a", "finish_reason": "null"},
        {"model": "m", "message": {"role": "assistant", "content": "x"}, "done": False},
        {"type": "ping"},
        {"type": "message_start", "message": {"id": "1"}},
        {"content": "a", "stop": False},
    )
    for frame in frames:
        assert frame_fault(frame, where="X") is None


def test_frames_that_are_errors() -> None:
    overloaded = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    assert type(frame_fault(overloaded, where="X")) is Overloaded
    wrapped = [{"error": {"code": 429, "message": "slow", "status": "RESOURCE_EXHAUSTED"}}]
    assert type(frame_fault(wrapped, where="X")) is RateLimited
    assert type(frame_fault({"statusCode": 401, "message": "bad token"}, where="X")) is KeyRejected
    assert type(frame_fault({"error": "CUDA error"}, where="X")) is Overloaded


KEY = Secret("sk-verysecretkeyvalue0123456789")


@pytest.mark.parametrize("form", sorted(forms(KEY.reveal())))
def test_keys_are_taken_out_in_every_form(form: str) -> None:
    assert form not in scrub(f"before {form} after", [KEY])
    assert form not in f"{fault(401, {}, f'key {form} is wrong', where='X', secrets=(KEY,))}"


@pytest.mark.parametrize(
    "text",
    [
        "Incorrect API key provided: sk-proj-abcdefghijk",
        "GET https://x.example/v1?key=AIzaSyA1234567890abc&alt=sse failed",
        "Authorization: Bearer abcdef123456",
        "https://user:hunter22@example.com/",
        "token ya29.a0AfH6SMBabcdefghijk",
    ],
)
def test_things_shaped_like_keys_are_taken_out(text: str) -> None:
    assert "•••" in scrub(text)


@pytest.mark.parametrize(
    "piece", ["secretkeyvalue0123", "keyvalue0123456789", "SECRETKEYVALUE", "c2tleXZhbHVlMDEyMz"]
)
def test_pieces_of_a_key_are_taken_out(piece: str) -> None:
    hidden = Secret("tavern-secretkeyvalue0123456789")
    assert "•••" in scrub(f"the key ends in {piece}!", [hidden])


def test_of_a_service_account_only_the_key_proper_is_taken_out_in_pieces() -> None:
    account = {"project_id": "tavern-project", "private_key": "-----BEGIN\nMIIEvQIBADANBg\n"}
    said = "permission denied on tavern-project for MIIEvQIBADA"
    assert scrub(said, [Secret(json.dumps(account))]) == (
        "permission denied on tavern-project for •••"
    )


def test_a_secret_does_not_show_itself() -> None:
    shown = f"{KEY} {KEY!r} {[KEY]}"
    assert "verysecret" not in shown
    assert KEY.ending == "6789"
    assert Secret("short").ending == ""
