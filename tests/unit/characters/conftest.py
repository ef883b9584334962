"""What the tests of characters share."""

import pytest

from core.characters.card_file import read_card
from tests.unit.characters import samples
from tests.unit.characters.watch import Watch


@pytest.fixture(scope="session")
def watch() -> Watch:
    """The interpreter under watch, with everything imported that a first card imports."""
    read_card(samples.png(samples.text(samples.v2())))
    return Watch()
