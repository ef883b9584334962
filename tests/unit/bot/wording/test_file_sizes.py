"""Sizes are told in words."""

import pytest

from bot.wording.errors import explain
from bot.wording.values import file_size
from core.errors import InvalidCard
from core.reasons import Reason


@pytest.mark.parametrize(
    ("size", "text"),
    [(900, "900 bytes"), (512_000, "500 KiB"), (25 * 2**20, "25 MiB"), (1_600_000, "1.5 MiB")],
)
def test_file_size(size: int, text: str) -> None:
    assert file_size(size) == text


def test_a_small_limit_is_not_told_as_nothing() -> None:
    assert explain(InvalidCard(Reason.TOO_LARGE, largest=1000)) == (
        "That can't be imported. It is larger than the limit of 1000 bytes."
        " Bring a character card as PNG, WEBP, JSON or CHARX."
    )
