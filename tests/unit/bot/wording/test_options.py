"""Every option is in words, and stands under one topic."""

from bot.wording.options import HELP, OTHERWISE, TOPICS, of_topic, shown
from core.options.table import OPTIONS


def test_every_option_has_its_help_and_no_other() -> None:
    assert HELP.keys() == OPTIONS.keys()
    assert all(0 < len(text) <= 100 for text in HELP.values())


def test_every_option_stands_under_one_topic() -> None:
    listed = [option.key for topic in TOPICS for option in of_topic(topic)]
    assert sorted(listed) == sorted(OPTIONS)
    assert all(len(of_topic(topic)) <= 25 for topic in TOPICS)


def test_a_missing_value_is_in_words() -> None:
    undecided = {row.key for row in OPTIONS.values() if row.default is None and not row.unlimited}
    assert OTHERWISE.keys() == undecided
    for option in OPTIONS.values():
        assert shown(option, option.default)
