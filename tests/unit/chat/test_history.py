"""The turns in memory stand as the store has them."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.chat.history import History
from core.chat.message import Message, Role, Swipe


def turn(number: int, seq: int | None = None, role: Role = Role.USER) -> Message:
    return Message(number, seq if seq is not None else number, role, "Ann", (Swipe(str(number)),))


def ids(history: History) -> list[int]:
    return [message.id for message in history]


def test_a_late_message_finds_its_place() -> None:
    history = History([turn(1, 10), turn(3, 30)])
    history.put(turn(2, 20))
    assert ids(history) == [1, 2, 3]
    history.put(turn(3, 15))
    assert ids(history) == [1, 3, 2]


def test_until() -> None:
    history = History(map(turn, range(1, 5)))
    assert [message.id for message in history.until(2)] == [1, 2]
    assert [message.id for message in history.until(3)] == [1, 2, 3]


def test_hidden_turns_leave() -> None:
    history = History([turn(1), turn(2)])
    history.put(replace(turn(2), hidden=True))
    assert ids(history) == [1]
    assert history.find(2) is None
    assert list(history)[-1] == turn(1)


def test_who_read_a_turn_before_it_was_deleted_does_not_bring_it_back() -> None:
    history = History([turn(1), turn(2)])
    history.drop([2])
    history.put(turn(2))
    assert ids(history) == [1]


@given(st.lists(st.tuples(st.integers(1, 8), st.integers(1, 5), st.booleans())))
def test_any_order_of_changes_ends_as_the_store_would(
    steps: list[tuple[int, int, bool]],
) -> None:
    history, store = History(), dict[int, Message]()
    for number, seq, hidden in steps:
        before = store.get(number)
        message = replace(turn(number, seq), hidden=hidden or bool(before and before.hidden))
        history.put(message)
        store[number] = message
    told = sorted((m for m in store.values() if not m.hidden), key=lambda m: (m.seq, m.id))
    assert list(history) == told
    assert all(history.find(message.id) == message for message in told)
