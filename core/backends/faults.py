"""From what a server answers to one of our errors: the table of statuses in one place."""

import math
import re
import time
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any

from core.backends.documents import at, dicts_at, list_at, number_at, read_json, text_at
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
from core.reasons import Reason
from core.secret import Secret, scrub

MAX_DETAIL = 300
LONGEST_WAIT = 30 * 86_400.0
"""Seconds; a server that asks for more asks for ever."""

_OVERFLOW = re.compile(
    r"context[ _](?:length|window|size)|maximum context|too many tokens|prompt is too long"
    r"|window is full|out of context|context (?:is )?full|context shift is disabled"
    r"|exceeds? the (?:model's )?(?:maximum )?(?:context|token)|reduce the length"
    r"|reduce your message size",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"insufficient[ _](?:quota|balance|credits|funds)|exceeded your current quota|billing"
    r"|spend(?:ing)?[ _-]limit|out of credits|payment required"
    r"|free[ _-]tier|no pollen|kudos|allowance",
    re.IGNORECASE,
)
_TOO_MANY = re.compile(r"rate[ _-]?limit|too many requests|throttl", re.IGNORECASE)
_DAILY = re.compile(r"per[ _-]?day|/ ?day|a day\b|daily|insufficient[ _]quota", re.IGNORECASE)
_ALLOWANCES = (
    (Reason.KUDOS, re.compile(r"kudos", re.IGNORECASE)),
    (Reason.MONTHLY_LIMIT,
     re.compile(r"(?:per|a|/)[ _-]?month|monthly|calls? / month", re.IGNORECASE)),
    (Reason.DAILY_LIMIT, re.compile(r"per[ _-]?day|/ ?day|\ba day\b|daily", re.IGNORECASE)),
    (Reason.FREE_QUOTA, re.compile(r"free[ _-](?:tier|quota|usage|credit|model|plan|request)"
                                   r"|\btrial\b|allowance", re.IGNORECASE)),
)  # fmt: skip
"""What is used up where it is not money; it comes back by itself."""
_FILTER = re.compile(
    r"content[ _](?:filter|policy|management)|moderat(?:ion|ed)|responsibleai"
    r"|safety (?:system|policy|filter|settings)|flagged|prohibited|acceptable use|usage polic",
    re.IGNORECASE,
)
_BAD_KEY = re.compile(
    r"api[ _]?key[ _](?:not valid|invalid|expired)|api_key_invalid|(?:invalid|incorrect|missing)"
    r" (?:api|auth)[ _a-z]*key|invalid_grant|authentication_error|blocked token",
    re.IGNORECASE,
)
_NO_MODEL = re.compile(
    r"model.{0,120}?(?:not[ _]found|does not exist|not exist|is not available)"
    r"|(?:unknown|invalid|no such)[ _]model|not a valid model"
    r"|no models? (?:is |are )?(?:currently )?loaded|no endpoints found",
    re.IGNORECASE,
)
_TOLD = {
    "loading": re.compile("loading", re.IGNORECASE),
    "unsupported": re.compile(
        r"unsupported|not supported|unrecognized|unknown (?:name|parameter|field)|not permitted"
        r"|does not support|deprecated",
        re.IGNORECASE,
    ),
    "refuses_prefill": re.compile(
        r"prefill|must end with a user|last message must (?:be|have role) .{0,12}user"
        r"|assistant message .{0,40}(?:last|final|trailing)",
        re.IGNORECASE,
    ),
    "wrong_kind": re.compile(
        r"(?:is|not) a chat model|chat/completions|v1/completions|completions? (?:endpoint|api)"
        r"|does not support (?:chat|completions?)|chat template",
        re.IGNORECASE,
    ),
}
"""What is read out of a server's own words, here and nowhere else, as facts of the error."""
_LENGTHS = (
    ("limit", "n_ctx",
     re.compile(r"(?:maximum|context)[^.\d]{0,40}?(\d{3,8})|> (\d{3,8}) maximum", re.IGNORECASE)),
    ("sent", "n_prompt_tokens",
     re.compile(r"(\d{3,8}) tokens? >|(?:requested|resulted in|has|count) \(?(\d{3,8})",
                re.IGNORECASE)),
)  # fmt: skip
_TITLE = re.compile(r"<(?:title|h1)[^>]*>(.*?)</(?:title|h1)>", re.IGNORECASE | re.DOTALL)
_UNSEEN = re.compile(r"<(script|style|svg)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_HAS_TAGS = re.compile(r"</[a-z][\w-]*\s*>|<(?:br|hr|p|img|meta|!doctype)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^>]{0,2000}>")
_SPACES = re.compile(r"\s+")

_BY_LABEL: dict[str, type[BackendError]] = {
    "authentication_error": KeyRejected,
    "billing_error": QuotaExhausted,
    "content_filter": Refused,
    "content_policy_violation": Refused,
    "context_length_exceeded": PromptTooLong,
    "exceed_context_size_error": PromptTooLong,
    "content_policy": Refused,
    "image_generation_user_error": Refused,
    "insufficient_credits": QuotaExhausted,
    "insufficient_quota": QuotaExhausted,
    "insufficient_balance": QuotaExhausted,
    "insufficient_funds": QuotaExhausted,
    "payment_required": QuotaExhausted,
    "billing_hard_limit_reached": QuotaExhausted,
    "quota_exceeded": QuotaExhausted,
    "too_many_requests": RateLimited,
    "moderation_blocked": Refused,
    "prohibited_content": Refused,
    "responsibleaipolicyviolation": Refused,
    "safety": Refused,
    "invalid_api_key": KeyRejected,
    "invalid_request_error": BadRequest,
    "invalidapikey": KeyRejected,
    "kudosupfront": QuotaExhausted,
    "model_not_found": UnknownModel,
    "not_found_error": UnknownModel,
    "overloaded_error": Overloaded,
    "permission_error": KeyRejected,
    "rate_limit_error": RateLimited,
    "rate_limit_exceeded": RateLimited,
    "request_too_large": PromptTooLong,
    "toomanyprompts": RateLimited,
}


def fault(
    status: int | None,
    headers: Mapping[str, str],
    body: str,
    *,
    where: str,
    model: str = "",
    reason: str = "",
    secrets: tuple[Secret, ...] = (),
) -> BackendError:
    """The error for an answer that is none.

    `status` is None for an error object inside a stream whose status was already 200.
    The error's `detail` is the server's own sentence, scrubbed and at most 300 characters.
    """
    document = _document(body)
    said = _sentence(document, body, reason, headers.get("content-type", ""))
    facts: dict[str, object] = {"where": where, "model": model}
    return _error(status, headers, document, scrub(said, secrets), facts)


def frame_fault(
    frame: Any, *, where: str, model: str = "", secrets: tuple[Secret, ...] = ()
) -> BackendError | None:
    """The error that a frame of a stream holds instead of a chunk, if it does."""
    if isinstance(frame, list):  # Gemini wraps errors of a stream in an array
        frame = next((item for item in frame if isinstance(item, dict)), None)
    facts: dict[str, object] = {"where": where, "model": model}
    if not isinstance(frame, dict):
        return BadAnswer(Reason.UNEXPECTED_SHAPE, **facts)
    # MiniMax tells its faults beside an empty list of choices.
    if number_at(frame, "base_resp", "status_code"):
        said = text_at(frame, "base_resp", "status_msg")
        return frame_fault({"error": said or "error"}, where=where, model=model, secrets=secrets)
    if not frame.get("error") and frame.get("type") != "error":
        inner = at(frame, "choices", 0, "error")
        if inner:
            return frame_fault({"error": inner}, where=where, model=model, secrets=secrets)
        if "choices" in frame:
            return None
        # Ollama's `message` is the message object itself, an error's is text.
        told = isinstance(frame.get("message"), str | list) or isinstance(frame.get("msg"), str)
        if not frame.get("detail") and not told:
            return None
    return _error(None, {}, frame, scrub(_sentence(frame, "", "", ""), secrets), facts)


def _error(
    status: int | None,
    headers: Mapping[str, str],
    document: Any,
    said: str,
    facts: dict[str, object],
) -> BackendError:
    if status is None or 200 <= status < 300:
        status = _inner_status(document)
    wait = retry_after(headers, document)
    kind = _kind(status, document, said, wait)
    reason = _allowance(said, document) if kind is QuotaExhausted else None
    kind = AllowanceUsed if reason else kind
    facts["where"] = behind(
        text_at(document, "error", "metadata", "provider_name"), str(facts["where"])
    )
    facts |= {
        "status": status,
        "request_id": headers.get("x-request-id") or headers.get("request-id") or "",
        "retry_after": wait,
    }
    facts |= _more_facts(kind, document, said)
    facts |= {name: True for name, words in _TOLD.items() if words.search(said[:MAX_DETAIL])}
    should_retry = headers.get("x-should-retry", "").lower()
    if should_retry in ("true", "false"):
        facts["retry"] = should_retry == "true"
    return kind(reason, said[:MAX_DETAIL], **facts)


def behind(provider: str, service: str) -> str:
    """Who did it, where a service passes requests on to others."""
    provider = _SPACES.sub(" ", provider).strip()[:40]
    return f"{provider} ({service})" if provider and provider != service else service


def readable(code: str) -> str:
    """A vendor's code as words: `HARM_CATEGORY_HATE_SPEECH` is “hate speech”."""
    is_code = code.isupper() or "_" in code
    words = code.removeprefix("HARM_CATEGORY_").replace("_", " ").strip()
    return (words.lower() if is_code else words)[:MAX_DETAIL]


def azure_verdict(document: Any) -> str:
    """The categories that Azure's filter objected to."""
    for key in ("content_filter_results", "content_filter_result"):
        found = at(document, key)
        if isinstance(found, dict):
            hit = [name for name, one in found.items() if at(one, "filtered") is True]
            return ", ".join(readable(name) for name in hit)
    return ""


def retry_after(headers: Mapping[str, str], document: Any = None) -> float | None:
    """Seconds the server asks to wait; None where it does not say."""
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    if given := headers.get("retry-after"):
        seconds = _number(given)
        return seconds if seconds is not None else _until(given)
    for entry in dicts_at(document, "error", "details"):
        delay = text_at(entry, "retryDelay")
        if delay.endswith("s"):
            return _number(delay[:-1])
    # OpenRouter repeats its headers in the error of a free model's daily cap.
    told = at(document, "error", "metadata", "headers")
    told = {name.lower(): value for name, value in told.items()} if isinstance(told, dict) else {}
    return _reset(headers.get("x-ratelimit-reset") or told.get("x-ratelimit-reset"))


def _reset(value: object) -> float | None:
    """Seconds until a limit is lifted: told in seconds, or as a time in seconds or thousandths."""
    number = _any_number(value)
    if number is None or number < 0:
        return None
    for unit in (1e3, 1.0):
        if number / unit > 1e9:
            return min(max(0.0, number / unit - time.time()), LONGEST_WAIT)
    return min(number, LONGEST_WAIT)


def page_summary(body: str) -> str:
    """What an HTML page is about: its title, else its first words."""
    body = _UNSEEN.sub(" ", body[:8_000])
    title = _TITLE.search(body)
    words = unescape(_TAG.sub(" ", title[1] if title else body[:4_000]))
    return _SPACES.sub(" ", words).strip()[:120]


def _document(body: str) -> Any:
    try:
        document = read_json(body) if body.strip() else None
    except BadAnswer:
        return None
    if isinstance(document, list) and document and isinstance(document[0], dict):
        return document[0]
    return document


def _sentence(document: Any, body: str, reason: str, content_type: str) -> str:
    said = next(_texts(document), "")
    if _HAS_TAGS.search(said):
        said = page_summary(said)
    if not said:
        start = body.lstrip()[:15].lower()
        marked = ("<!doctype", "<html", "<head", "<?xml")
        if "html" in content_type or start.startswith(marked) or _HAS_TAGS.search(body):
            said = page_summary(body)
        elif not isinstance(document, dict | list):
            # Of a trace of calls the first line is for people, if any.
            said = next(filter(None, map(str.strip, body[:20_000].splitlines())), "")
    return _SPACES.sub(" ", said or reason).strip()[: 2 * MAX_DETAIL]


def _texts(document: Any) -> Iterator[str]:
    # A service that passes requests on says "Provider returned error" and keeps the words inside.
    raw = text_at(document, "error", "metadata", "raw")
    if raw:
        inner = _document(raw)
        words = next(_texts(inner), "") if isinstance(inner, dict) else raw
        if words:
            yield words
    named = text_at(document, "detail", 0, "msg")
    place = [one for one in list_at(document, "detail", 0, "loc") if isinstance(one, str)]
    if named and place[1:]:
        yield f"{place[-1]}: {named}"
    for path in (
        ("error", "message"),
        ("error",),
        ("detail", "msg"),
        ("detail", "error", "message"),
        ("detail", 0, "msg"),
        ("detail",),
        ("message",),
        ("msg",),
        ("message", "detail"),
        ("message", "detail", 0, "msg"),
        ("error_description",),
        ("error", "message", "message"),
    ):
        found = text_at(document, *path).strip()
        if found:
            yield found


def _labels(document: Any) -> list[str]:
    paths = (
        ("error", "code"),
        ("error", "type"),
        ("error", "status"),
        ("error", "details", "error_code"),
        ("error",),
        ("code",),
        ("type",),
        ("rc",),
        ("detail", "type"),
    )
    found = [text_at(document, *path) for path in paths]
    found += [text_at(entry, "reason") for entry in dicts_at(document, "error", "details")]
    found += [text_at(entry, "@type") for entry in dicts_at(document, "error", "details")]
    raw = text_at(document, "error", "metadata", "raw")
    inner = _labels(_document(raw)) if raw else []
    return [label.lower() for label in found if label] + inner


def _inner_status(document: Any) -> int | None:
    paths = (("error", "code"), ("error", "status"), ("statusCode",), ("status",), ("code",))
    found = (number_at(document, *path) or 0 for path in paths)
    return next((status for status in found if 400 <= status < 600), None)


def _kind(status: int | None, document: Any, said: str, wait: float | None) -> type[BackendError]:
    labels = _labels(document)
    known = next((_BY_LABEL[label] for label in labels if label in _BY_LABEL), None)
    everything = f"{said} {' '.join(labels)}"
    is_overflow = status in (None, 400, 422, 500) and _OVERFLOW.search(everything)
    if known is PromptTooLong or is_overflow or status == 413:
        return PromptTooLong
    if known is QuotaExhausted or _is_quota(status, document, everything, wait):
        return QuotaExhausted
    reasons = at(document, "error", "metadata", "reasons") or azure_verdict(
        at(document, "error", "innererror")
    )
    is_filter = status in (None, 400, 403, 451) and (reasons or _FILTER.search(everything))
    if known is Refused or is_filter:
        return Refused
    if status in (401, 403, 407) or _BAD_KEY.search(everything):
        return KeyRejected
    if known is UnknownModel or (status != 429 and _NO_MODEL.search(everything)):
        return UnknownModel
    return _by_status(status, known, everything)


def _by_status(
    status: int | None, known: type[BackendError] | None, everything: str
) -> type[BackendError]:
    if status is None:
        return known or (RateLimited if _TOO_MANY.search(everything) else Overloaded)
    if status == 429:
        return RateLimited
    if status in (408, 409, 425, 498) or status >= 500:
        return Overloaded
    if 300 <= status < 400 or status in (404, 405, 501):
        return BadAnswer
    return known or BadRequest


def _is_quota(status: int | None, document: Any, everything: str, wait: float | None) -> bool:
    if status == 402 or at(document, "error", "details", "error_code"):
        return True
    if status not in (None, 403, 429):
        return False
    quotas = _quotas(document)
    if quotas or wait is not None:
        # Gemini says "exceeded your current quota" for its limits per minute as well.
        longer = f"{everything} {quotas}"
        return bool(_DAILY.search(longer) or _ALLOWANCES[1][1].search(longer))
    used_up = any(words.search(everything) for _, words in _ALLOWANCES[:2])
    return used_up or bool(_MONEY.search(everything) or _DAILY.search(everything))


def _allowance(said: str, document: Any) -> Reason | None:
    """What is used up, where it comes back by itself; None: it is money."""
    everything = f"{said} {' '.join(_labels(document))} {_quotas(document)}"
    return next((why for why, words in _ALLOWANCES if words.search(everything)), None)


def _quotas(document: Any) -> str:
    """What Google calls the quotas that a request would exceed."""
    return " ".join(
        text_at(violation, "quotaId") or text_at(violation, "quotaMetric")
        for entry in dicts_at(document, "error", "details")
        for violation in dicts_at(entry, "violations")
    )


def _more_facts(kind: type[BackendError], document: Any, said: str) -> dict[str, object]:
    if kind is PromptTooLong:
        return _lengths(document, said)
    if kind is Refused:
        reasons = list_at(document, "error", "metadata", "reasons")
        azure = azure_verdict(at(document, "error", "innererror"))
        return {"category": ", ".join(map(str, reasons)) or azure}
    place = [one for one in list_at(document, "detail", 0, "loc") if isinstance(one, str)]
    param = text_at(document, "error", "param") or (place[-1] if place[1:] else "")
    return {"param": param} if param else {}


def _lengths(document: Any, said: str) -> dict[str, object]:
    found: dict[str, object] = {}
    for fact, key, words in _LENGTHS:
        match = words.search(said)
        told = int(match[1] or match[2]) if match else None
        known = number_at(document, "error", key)
        found[fact] = told if known is None else known
    return found


def _number(text: str | None) -> float | None:
    value = _any_number(text)
    return min(value, LONGEST_WAIT) if value is not None and value >= 0 else None


def _any_number(value: object) -> float | None:
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _until(date: str) -> float | None:
    try:
        seconds = parsedate_to_datetime(date).timestamp() - time.time()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, seconds), LONGEST_WAIT)
