"""Which request comes next, and which never comes."""

from typing import cast

from bot.channel.buttons import BARE, Row, RowKind
from bot.channel.reply_composer import Act, MessageDiff, ShownMessage, Step
from bot.webhooks import Sender

STOP = Row(RowKind.RUNNING, 1)
REPLY = Row(RowKind.REPLY, 1)
SENDER = cast(Sender, None)


def shown(*texts: str, row: Row = STOP) -> MessageDiff:
    messages = [ShownMessage(number, SENDER, text, BARE) for number, text in enumerate(texts, 1)]
    messages[-1].row = row
    return MessageDiff(messages)


def test_first_words_are_posted() -> None:
    assert MessageDiff().step([("Hi", STOP)]) == Step(Act.POST, 0, "Hi", STOP)


def test_what_is_shown_is_left_alone() -> None:
    assert shown("Hi").step([("Hi", STOP)]) is None
    assert shown("Hi").step([(None, STOP)]) is None


def test_only_what_differs_is_sent() -> None:
    assert shown("Hi").step([("Hi there", STOP)]) == Step(Act.EDIT, 0, "Hi there", None)
    assert shown("Hi").step([("Hi", REPLY)]) == Step(Act.EDIT, 0, None, REPLY)


def test_a_full_message_is_closed_before_the_next_begins() -> None:
    diff = shown("The whole ti")
    wanted = [("The whole", BARE), ("time", STOP)]
    first = diff.step(wanted)
    assert first == Step(Act.EDIT, 0, "The whole", BARE)
    diff.edited(first)
    second = diff.step(wanted)
    assert second == Step(Act.POST, 1, "time", STOP)
    diff.posted(second, 2, SENDER)
    assert diff.step(wanted) is None
    assert diff.ids == (1, 2)


def test_messages_too_many_go_last() -> None:
    diff = shown("one", "two", "three", row=REPLY)
    wanted = [("new", REPLY)]
    acts = []
    while (step := diff.step(wanted)) is not None:
        acts.append((step.act, step.index))
        diff.edited(step) if step.act is Act.EDIT else diff.deleted(step)
    assert acts == [(Act.EDIT, 0), (Act.DELETE, 2), (Act.DELETE, 1)]


def test_unknown_buttons_are_set_anyway() -> None:
    diff = MessageDiff([ShownMessage(1, SENDER, None, None)])
    assert diff.step([(None, REPLY)]) == Step(Act.EDIT, 0, None, REPLY)
