"""Messages: stored once, in Discord's order, one winner each."""

import asyncio
import random

import pytest

from core.chat.message import Attachment, Message, Role, State, Swipe
from core.chat.place import Place
from core.errors import Conflict, NotFound
from core.lorebook import TimedEffect, TimedState
from core.macros.variables import VariableScope, VariableWrite
from core.storage.messages import Counts
from core.storage.storage import Storage
from core.storage.stories import Effects, Story


async def said(storage: Storage, story: Story, discord_id: int, text: str = "Hello") -> Message:
    stored = await storage.messages.append_person(
        story, discord_id=discord_id, author_id=7, name="Ann", text=text
    )
    assert stored is not None
    return stored


async def answered(storage: Storage, story: Story, discord_id: int, text: str) -> Message:
    turn = await storage.messages.begin(story, "Juno")
    await storage.messages.shown(turn.id, [discord_id])
    return await storage.messages.finish(turn.id, 0, Swipe(text))


async def texts(storage: Storage, story: Story) -> list[str]:
    return [turn.text for turn in await storage.messages.history(story)]


async def test_a_line_comes_back_as_it_was(storage: Storage, story: Story) -> None:
    file = Attachment(5, "map.txt", "text/plain", 12, "https://cdn.test/map.txt", "north")
    stored = await storage.messages.append_person(
        story,
        discord_id=1_300_000_000_000_000_001,
        author_id=2**62,
        name="Ann 🦊",
        text="Grüße, 世界\n👩‍👩‍👧",
        attachments=[file],
        created=1_700_000_000_000,
    )
    assert stored is not None
    assert stored.text == "Grüße, 世界\n👩‍👩‍👧"
    assert stored.seq == 1_300_000_000_000_000_001
    assert stored.discord_ids == (1_300_000_000_000_000_001,)
    assert stored.attachments == (file,)
    assert stored.created == 1_700_000_000_000
    assert (stored.role, stored.state, stored.author_id) == (Role.USER, State.DONE, 2**62)
    assert await storage.messages.history(story) == [stored]


async def test_what_no_database_takes_is_made_harmless(storage: Storage, story: Story) -> None:
    stored = await said(storage, story, 10, "a\0b \ud83e\udd8a \ud800 end")
    assert stored.text == "ab 🦊 \ufffd end"


async def test_a_discord_id_is_stored_once(storage: Storage, story: Story) -> None:
    await said(storage, story, 10)
    again = await storage.messages.append_person(
        story, discord_id=10, author_id=7, name="Ann", text="Hello again"
    )
    assert again is None
    assert await texts(storage, story) == ["Hello"]


async def test_the_same_message_from_many_tasks_is_stored_once(
    storage: Storage, story: Story
) -> None:
    async def store() -> bool:
        stored = await storage.messages.append_person(
            story, discord_id=10, author_id=7, name="Ann", text="Hello"
        )
        return stored is not None

    assert sum(await asyncio.gather(*(store() for _ in range(20)))) == 1
    assert await texts(storage, story) == ["Hello"]


async def test_order_is_discords_whatever_arrives_first(storage: Storage, story: Story) -> None:
    ids = list(range(1000, 1030))
    shuffled = random.Random(4).sample(ids, len(ids))
    for discord_id in shuffled:
        await said(storage, story, discord_id, str(discord_id))
    assert await texts(storage, story) == [str(discord_id) for discord_id in ids]


async def test_a_reply_stands_where_discord_put_it(storage: Storage, story: Story) -> None:
    await said(storage, story, 10, "first")
    turn = await storage.messages.begin(story, "Juno")
    await said(storage, story, 20, "meanwhile")
    await storage.messages.shown(turn.id, [30])
    await storage.messages.finish(turn.id, 0, Swipe("reply"))
    assert await texts(storage, story) == ["first", "meanwhile", "reply"]


async def test_a_turn_goes_from_pending_to_done(storage: Storage, story: Story) -> None:
    turn = await storage.messages.begin(story, "Juno")
    assert (turn.state, turn.text, turn.discord_ids) == (State.PENDING, "", ())
    await storage.messages.shown(turn.id, [30])
    await storage.messages.draft(turn.id, 0, "Well")
    [(place, running)] = await storage.messages.unfinished()
    assert (place, running.state, running.text) == (story.place, State.STREAMING, "Well")
    result = Swipe("Well met.", "thinking", "ollama", "tiny", 40, 3, 0.5)
    done = await storage.messages.finish(turn.id, 0, result)
    assert (done.state, done.swipes, done.discord_ids) == (State.DONE, (result,), (30,))
    assert await storage.messages.unfinished() == [(story.place, done)]
    await storage.messages.shown(turn.id, [30], [9])
    assert await storage.messages.unfinished() == []


async def test_what_discord_does_not_show_yet_is_unfinished(storage: Storage, story: Story) -> None:
    async def waits() -> list[str]:
        return [turn.text for _, turn in await storage.messages.unfinished()]

    async def show(turn: Message) -> None:
        await storage.messages.shown(turn.id, [30], [3])
        assert await waits() == []

    turn = await storage.messages.append(story, Role.CHARACTER, "Juno", ["one", "two"])
    assert await waits() == ["one"]
    await show(turn)
    turn = await storage.messages.activate_swipe(turn, 1)
    assert await waits() == ["two"]
    await show(turn)
    await storage.messages.settle((await storage.messages.begin_continue(turn)).id, "two and")
    assert await waits() == ["two and"]
    await storage.messages.hide_by_discord([30])
    assert await waits() == []


async def test_a_late_draft_changes_nothing(storage: Storage, story: Story) -> None:
    turn = await answered(storage, story, 30, "The end.")
    await storage.messages.draft(turn.id, 0, "The e")
    assert await texts(storage, story) == ["The end."]


async def test_effects_come_with_the_text(storage: Storage, story: Story) -> None:
    turn = await storage.messages.begin(story, "Juno")
    timed = TimedState(sticky={("book", 3): TimedEffect(1, 4, "hash", True)})
    writes = [
        VariableWrite(VariableScope.LOCAL, "gold", 3),
        VariableWrite(VariableScope.GLOBAL, "season", "spring"),
        VariableWrite(VariableScope.LOCAL, "gone", "x"),
        VariableWrite(VariableScope.LOCAL, "gone", None),
    ]
    await storage.messages.finish(turn.id, 0, Swipe("x"), State.DONE, Effects(writes, timed))
    variables = await storage.stories.variables(story)
    assert variables.local == {"gold": 3}
    assert variables.shared == {"season": "spring"}
    assert await storage.stories.timed(story) == timed
    await storage.messages.finish(turn.id, 0, Swipe("x"), State.DONE, Effects(timed=TimedState()))
    assert await storage.stories.timed(story) == TimedState()
    assert (await storage.stories.variables(story)).local == {"gold": 3}


async def test_nothing_of_a_failed_finish_stays(storage: Storage, story: Story) -> None:
    turn = await storage.messages.begin(story, "Juno")
    broken = Effects([VariableWrite(VariableScope.LOCAL, "bad", {1, 2})])  # type: ignore[arg-type]
    with pytest.raises(Exception, match="serializable"):
        await storage.messages.finish(turn.id, 0, Swipe("text"), State.DONE, broken)
    [(_, running)] = await storage.messages.unfinished()
    assert (running.state, running.text) == (State.PENDING, "")


async def test_swipes_add_up(storage: Storage, story: Story) -> None:
    first = await answered(storage, story, 30, "one")
    second = await storage.messages.begin_swipe(first)
    assert (second.state, second.active, second.text) == (State.STREAMING, 1, "")
    done = await storage.messages.finish(first.id, 1, Swipe("two"))
    assert [swipe.text for swipe in done.swipes] == ["one", "two"]
    shown = await storage.messages.activate_swipe(done, 0)
    assert (shown.text, shown.state, len(shown.swipes)) == ("one", State.DONE, 2)
    with pytest.raises(NotFound):
        await storage.messages.activate_swipe(shown, 2)


async def test_one_of_many_clicks_wins(storage: Storage, story: Story) -> None:
    turn = await answered(storage, story, 30, "one")

    async def click(number: int) -> bool:
        try:
            if number % 2:
                await storage.messages.begin_swipe(turn)
            else:
                await storage.messages.begin_continue(turn)
        except Conflict:
            return False
        return True

    assert sum(await asyncio.gather(*(click(number) for number in range(20)))) == 1


async def test_a_swipe_without_text_goes_again(storage: Storage, story: Story) -> None:
    turn = await answered(storage, story, 30, "one")
    await storage.messages.begin_swipe(turn)
    back = await storage.messages.drop_swipe(turn.id, 1)
    assert (back.text, back.state, len(back.swipes)) == ("one", State.DONE, 1)
    with pytest.raises(NotFound):
        await storage.messages.drop_swipe(turn.id, 0)


async def test_continue_keeps_the_swipe(storage: Storage, story: Story) -> None:
    turn = await answered(storage, story, 30, "Once")
    running = await storage.messages.begin_continue(turn)
    assert (running.text, running.state) == ("Once", State.STREAMING)
    done = await storage.messages.finish(turn.id, 0, Swipe("Once upon"), State.CUT)
    assert (done.text, done.state, len(done.swipes)) == ("Once upon", State.CUT, 1)


async def test_settle_and_discard(storage: Storage, story: Story) -> None:
    drafted = await storage.messages.begin(story, "Juno")
    await storage.messages.draft(drafted.id, 0, "Half a")
    assert (await storage.messages.settle(drafted.id)).text == "Half a"
    better = await storage.messages.begin(story, "Juno")
    settled = await storage.messages.settle(better.id, "Half a sentence")
    assert (settled.text, settled.state) == ("Half a sentence", State.CUT)
    nothing = await storage.messages.begin(story, "Juno")
    await storage.messages.shown(nothing.id, [99])
    assert await storage.messages.discard(nothing.id) == (99,)
    assert await storage.messages.find_by_discord(99) is None
    for write in (storage.messages.settle(nothing.id), storage.messages.shown(nothing.id, [100])):
        with pytest.raises(NotFound):
            await write


async def test_a_greeting_takes_its_place_when_it_is_posted(storage: Storage, story: Story) -> None:
    greeting = await storage.messages.append(
        story, Role.CHARACTER, "Juno", ["Hi.", "Hello there."], character_id=None
    )
    assert (greeting.state, greeting.text, len(greeting.swipes)) == (State.DONE, "Hi.", 2)
    await storage.messages.shown(greeting.id, [40])
    await said(storage, story, 50)
    assert [turn.seq for turn in await storage.messages.history(story)] == [40, 50]


async def test_ids_are_replaced_and_forgotten(storage: Storage, story: Story) -> None:
    turn = await answered(storage, story, 30, "long")
    await storage.messages.shown(turn.id, [30, 31, 32])
    await storage.messages.shown(turn.id, [30])
    assert await storage.messages.hide_by_discord([31, 32]) == []
    assert await texts(storage, story) == ["long"]
    await storage.messages.shown(turn.id, [30])
    assert (await storage.messages.get(story.place.id, turn.id)).discord_ids == (30,)


async def test_an_edit_replaces_the_text(storage: Storage, story: Story) -> None:
    turn = await said(storage, story, 10, "Helo")
    await storage.messages.save_counts(Counts("llama", [(turn, 3)]))
    edited = await storage.messages.edit_by_discord(10, "Hello")
    assert edited is not None
    assert (edited.text, edited.counts) == ("Hello", {})
    assert await storage.messages.edit_by_discord(11, "nobody") is None


async def test_an_edit_of_one_part_leaves_the_others(storage: Storage, story: Story) -> None:
    turn = await answered(storage, story, 30, "First part.\n\nSecond part.\n\nThird.")
    lengths = [len("First part.\n\n"), len("Second part.\n\n"), len("Third.")]
    await storage.messages.shown(turn.id, [30, 31, 32], lengths)
    await storage.messages.edit_by_discord(31, "Another, longer second part.")
    await storage.messages.edit_by_discord(32, "Last.")
    await storage.messages.edit_by_discord(30, "1st.")
    assert await texts(storage, story) == ["1st.\n\nAnother, longer second part.\n\nLast."]


async def test_without_lengths_no_part_can_be_found(storage: Storage, story: Story) -> None:
    turn = await answered(storage, story, 30, "one two")
    await storage.messages.shown(turn.id, [30, 31])
    await storage.messages.edit_by_discord(31, "three")
    assert await texts(storage, story) == ["one two"]


async def test_deleting_any_part_hides_the_turn(storage: Storage, story: Story) -> None:
    await said(storage, story, 10)
    turn = await answered(storage, story, 30, "long")
    await storage.messages.shown(turn.id, [30, 31])
    assert await storage.messages.hide_by_discord([31, 999]) == [turn.id]
    assert await storage.messages.hide_by_discord([30]) == []
    assert await texts(storage, story) == ["Hello"]
    assert len(await storage.messages.history(story, hidden=True)) == 2
    with pytest.raises(Conflict):
        await storage.messages.begin_swipe(turn)


async def test_a_deleted_message_does_not_come_back(storage: Storage, story: Story) -> None:
    await said(storage, story, 10)
    await storage.messages.hide_by_discord([10])
    again = await storage.messages.append_person(
        story, discord_id=10, author_id=7, name="Ann", text="Hello"
    )
    assert again is None


async def test_undo_takes_back_one_exchange(storage: Storage, story: Story) -> None:
    greeting = await storage.messages.append(story, Role.CHARACTER, "Juno", ["Hi."])
    await storage.messages.shown(greeting.id, [5])
    assert await storage.messages.hide_last_exchange(story) == []
    await said(storage, story, 10, "one")
    await said(storage, story, 11, "two")
    await answered(storage, story, 12, "reply")
    await answered(storage, story, 13, "another speaker")
    assert await storage.messages.hide_last_exchange(story) == [11, 12, 13]
    assert await texts(storage, story) == ["Hi.", "one"]


async def test_history_by_parts(storage: Storage, story: Story) -> None:
    for number in range(450):
        await said(storage, story, 1000 + number, str(number))
    whole = await storage.messages.history(story)
    assert [turn.text for turn in whole] == [str(number) for number in range(450)]
    newest = await storage.messages.history(story, limit=205)
    assert newest == whole[-205:]
    older = await storage.messages.history(story, limit=215)
    assert older[:10] == whole[-215:-205]
    assert len(whole) == 450


async def test_counts_stay_with_the_text_they_were_made_of(storage: Storage, story: Story) -> None:
    turn = await said(storage, story, 10, "one two")
    await storage.messages.save_counts(Counts("llama", [(turn, 2)]))
    [counted] = await storage.messages.history(story)
    await storage.messages.save_counts(Counts("gemma", [(counted, 3)]))
    [both] = await storage.messages.history(story)
    assert both.counts == {"llama": 2, "gemma": 3}
    await storage.messages.edit_by_discord(10, "one")
    await storage.messages.save_counts(Counts("llama", [(turn, 2)]))
    [edited] = await storage.messages.history(story)
    assert edited.counts == {}


async def test_the_newest(storage: Storage, story: Story) -> None:
    assert await storage.messages.history(story, 1) == []
    await said(storage, story, 10, "asked")
    reply = await answered(storage, story, 11, "told")
    await said(storage, story, 12, "asked again")
    assert (await storage.messages.history(story, 2))[0] == reply
    [newest] = await storage.messages.history(story, 1)
    assert newest is not None
    assert newest.text == "asked again"


async def test_turns_of_other_places_do_not_exist(storage: Storage, story: Story) -> None:
    turn = await said(storage, story, 10)
    assert await storage.messages.get(story.place.id, turn.id) == turn
    with pytest.raises(NotFound) as elsewhere:
        await storage.messages.get(101, turn.id)
    with pytest.raises(NotFound) as absent:
        await storage.messages.get(101, 999_999)
    assert elsewhere.value.detail == absent.value.detail
    assert await storage.messages.place_of(turn.id) == story.place


async def test_two_places_have_two_histories(storage: Storage, story: Story) -> None:
    thread = await storage.stories.open(Place(100, 1, 50, thread_id=200))
    await said(storage, story, 10, "channel")
    await said(storage, thread, 11, "thread")
    assert await texts(storage, story) == ["channel"]
    assert await texts(storage, thread) == ["thread"]


async def test_a_line_that_cannot_be_stored_is_not_taken_for_a_known_one(
    storage: Storage, story: Story
) -> None:
    await storage.forget.place(story.place.id)
    with pytest.raises(Conflict):
        await said(storage, story, 10)
