"""Whatever stands in a lorebook, reading and scanning it never raises nor exceeds its bounds."""

import random
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidLorebook
from core.lorebook import (
    ActiveBook,
    CharacterFilter,
    Entry,
    EntryRole,
    ExtraTexts,
    Logic,
    Lorebook,
    Position,
    ScanInput,
    ScanLine,
    ScanSettings,
    Sources,
    Strategy,
    TimedState,
)
from core.lorebook.formats import (
    from_character_book,
    from_world_info,
    to_character_book,
    to_world_info,
)
from core.lorebook.load import load_lorebook
from core.lorebook.scan import MAX_PASSES, scan
from core.patterns.matcher import SafeMatcher
from core.tokenizers.tokenizer import Estimate
from core.untrusted import json as untrusted_json

words = st.sampled_from(
    ["lamp", "Lamp", "storm", "vault", "caf", "é", "dark lord", " ", "", "/l.mp/i", "/(/", "{{x}}"]
)
texts = st.lists(words, max_size=5).map(" ".join)
keys = st.lists(words, max_size=3).map(tuple)
flags = st.booleans()
small = st.integers(-2, 6)
maybe = st.none() | flags
entries = st.builds(
    Entry,
    uid=st.integers(0, 4),
    keys=keys,
    secondary_keys=keys,
    content=texts | st.just("@@activate\nforced"),
    enabled=st.sampled_from([True, True, True, False]),
    constant=flags,
    selective=flags,
    logic=st.sampled_from(Logic),
    order=small,
    position=st.sampled_from(Position),
    depth=small,
    role=st.sampled_from(EntryRole),
    outlet=st.sampled_from(["", "map"]),
    ignore_budget=flags,
    exclude_recursion=flags,
    prevent_recursion=flags,
    delay_until_recursion=st.integers(0, 3) | flags,
    probability=st.sampled_from([0, 50, 100]),
    use_probability=flags,
    group=st.sampled_from(["", "G", "G, H", "H,G,1", ","]),
    group_override=flags,
    group_weight=st.sampled_from([0, 1, 100]),
    use_group_scoring=maybe,
    scan_depth=st.none() | small,
    case_sensitive=maybe,
    match_whole_words=maybe,
    match_scenario=flags,
    sticky=st.none() | st.integers(0, 3),
    cooldown=st.none() | st.integers(0, 3),
    delay=st.none() | st.integers(0, 3),
    triggers=st.sampled_from([(), ("normal",), ("swipe",)]),
    character_filter=st.none()
    | st.builds(CharacterFilter, names=st.sampled_from([(), ("Mira",)]), exclude=flags),
)
books = st.lists(entries, max_size=8).map(lambda found: Lorebook(entries=tuple(found)))
scan_settings = st.builds(
    ScanSettings,
    depth=small,
    min_activations=st.integers(0, 4),
    min_activations_depth_max=small,
    budget_percent=st.sampled_from([0, 1, 25, 100]),
    budget_cap=st.sampled_from([0, 5]),
    include_names=flags,
    recursive=flags,
    case_sensitive=flags,
    match_whole_words=flags,
    strategy=st.sampled_from(Strategy),
    use_group_scoring=flags,
    max_recursion_steps=small,
)
lines = st.lists(st.builds(ScanLine, st.sampled_from(["Mira", "Tobin", ""]), texts), max_size=5)


@pytest.fixture(scope="module")
def matcher() -> Iterator[SafeMatcher]:
    with SafeMatcher() as opened:
        yield opened


@given(books, books, scan_settings, lines, st.integers(-5, 200), st.integers())
@settings(max_examples=300)
def test_scans_end_and_account_for_every_entry(
    matcher: SafeMatcher,
    first: Lorebook,
    second: Lorebook,
    wanted: ScanSettings,
    chat: list[ScanLine],
    budget: int,
    seed: int,
) -> None:
    sources = Sources(chat=(ActiveBook("1", first),), shared=(ActiveBook("2", second),))
    timed = TimedState()
    for length in range(len(chat) + 1):
        scan_input = ScanInput(
            sources,
            tuple(chat[:length]),
            budget,
            wanted,
            ExtraTexts(scenario="a dark storm"),
            injections=("the vault",),
            character_file="Mira",
            timed=timed,
        )
        dice = random.Random(seed)
        result = scan(scan_input, Estimate().count, matcher, dice)
        again = scan(scan_input, Estimate().count, matcher, random.Random(seed))
        assert result == again, "the same input gives the same result"
        woken = [(one.book, one.entry.uid) for one in result.activated]
        assert len(woken) == len(set(woken))
        assert all(one.step <= MAX_PASSES for one in result.activated)
        assert all(effect.end > effect.start for effect in result.timed.sticky.values())
        charged = [one for one in result.activated if not one.entry.ignore_budget]
        spent = sum(len(one.content) for one in charged) / 3.35
        assert spent <= max(result.budget, 1) * MAX_PASSES
        timed = result.timed


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["entries", "key", "keys", "uid", "x"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)
known = ["uid", "id", "key", "keys", "keysecondary", "secondary_keys", "comment", "content"]
known += ["order", "insertion_order", "position", "depth", "role", "disable", "enabled", "group"]
known += ["probability", "selectiveLogic", "sticky", "triggers", "characterFilter", "extensions"]
known += ["delayUntilRecursion", "delay_until_recursion", "scanDepth", "caseSensitive", "other"]
wild_entries = st.dictionaries(st.sampled_from(known), json_values, max_size=8)
documents = st.one_of(
    json_values,
    st.fixed_dictionaries({"entries": st.lists(wild_entries | json_values, max_size=4)}),
    st.fixed_dictionaries(
        {"entries": st.dictionaries(st.text(max_size=3), wild_entries | json_values, max_size=4)}
    ),
    st.fixed_dictionaries({"type": st.just("risu"), "data": st.lists(wild_entries, max_size=3)}),
    st.fixed_dictionaries({"lorebookVersion": st.just(5), "entries": st.lists(wild_entries)}),
    st.fixed_dictionaries({"kind": st.just("memory"), "entries": st.lists(wild_entries)}),
)


@given(documents)
@settings(max_examples=400)
def test_any_document_is_read_or_refused(matcher: SafeMatcher, document: Any) -> None:
    try:
        loaded = load_lorebook(untrusted_json.clean(document), "book.json")
    except InvalidLorebook:
        return
    numbers = [entry.uid for entry in loaded.book.entries]
    assert len(numbers) == len(set(numbers))
    Lorebook.model_validate(loaded.book.model_dump())
    sources = Sources(shared=(ActiveBook("1", loaded.book),))
    scan_input = ScanInput(sources, (ScanLine("Mira", "x"),), 8_000)
    scan(scan_input, Estimate().count, matcher, random.Random(1))


@given(books)
def test_books_come_back_from_both_formats(book: Lorebook) -> None:
    numbered = tuple(e.model_copy(update={"uid": n}) for n, e in enumerate(book.entries))
    book = book.model_copy(update={"entries": numbered})
    # The first reading brings what is out of range to its limits; after that nothing changes.
    read = from_world_info(to_world_info(book), [])
    kept = untrusted_json.parse(untrusted_json.dump(to_world_info(read)))
    assert to_world_info(from_world_info(kept, [])) == kept
    through_card = from_character_book(to_character_book(from_world_info(kept, [])), [])
    assert to_world_info(through_card) == kept
