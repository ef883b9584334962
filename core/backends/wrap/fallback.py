"""Which faults of one connection are a reason to ask the next one of its chain."""

from core.errors import (
    KeyRejected,
    Overloaded,
    QuotaExhausted,
    RateLimited,
    StreamBroken,
    TimedOut,
    Unreachable,
)

PASSED_ON = (
    Unreachable,
    TimedOut,
    Overloaded,
    RateLimited,
    QuotaExhausted,
    KeyRejected,
    StreamBroken,
)
"""Faults of the server or the account; those of the prompt would meet the next one too."""
