"""NovelAI's models tell on and know no turns, whatever model they were made of."""

import pytest

from core.detect import propose
from core.presets.stock import for_model


@pytest.mark.parametrize("model", ["llama-3-erato-v1", "kayra-v1", "clio-v1"])
def test_no_instruct_template_is_chosen_for_a_story_model(model: str) -> None:
    assert for_model(model) is None
    assert propose(model) is None
