"""A living prompt: the newest words always arrive, or nothing is to be sent.

Random cards, presets, histories, contexts, notes, lore and personas. `TAVERN_FULL=1` tries 20,000
of each kind for the first law.
"""

import math
import os
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.characters.character import Character
from core.kind import Kind
from core.lorebook import ActiveBook, Entry, Lorebook, Position, ScanSettings, Sources
from core.presets.templates import (
    ChatPreset,
    ContextTemplate,
    InstructTemplate,
    NamesBehavior,
    PromptRole,
    StoryPosition,
    SystemPrompt,
)
from core.prompt.budget.window import Count
from core.prompt.build import build_prompt
from core.prompt.chat.messages import MessageCounter
from core.prompt.context import (
    LONGEST_MESSAGE,
    AuthorsNote,
    ChatCounting,
    Context,
    Formatting,
    GivesWay,
    Group,
    GroupMember,
    GroupMode,
    HistoryMessage,
    Lore,
    NotePosition,
    Overrides,
    PersonaDescription,
    PersonaPosition,
    Purpose,
    Sizes,
)
from core.prompt.fit import fit_prompt
from core.prompt.prompt import Prompt
from core.tokenizers.tokenizer import Estimate
from tests.unit.prompt.contexts import CHATML

FULL = bool(os.environ.get("TAVERN_FULL"))
usual = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
many = settings(usual, max_examples=20_000 if FULL else 300)
some = settings(usual, max_examples=2_000 if FULL else 50)
seeds = st.integers(0, 2**62)

FIRST, LAST = "NEWESTBEGINS", "NEWESTENDS"
GOES_ON = "THISGOESON"
STORIES = (
    ContextTemplate().story_string,
    "{{#if system}}{{system}}\n{{/if}}{{wiBefore}}{{description}}\n{{personality}}\n{{scenario}}\n"
    "{{wiAfter}}{{persona}}\n",
    "{{system}}\n{{mesExamples}}\n{{description}}",
    "{{char}} speaks with {{user}}.\n",
)
WORDS = ("fog", "lantern", "harbour.", "灯台の", "“No.”", "\n", "*sighs*", "a", "1d20", "Ünder")


def grudging(text: str) -> int:
    """Of a whole it counts more than of its parts: a single line break costs nothing."""
    return math.ceil(len(text) / 4) + 2 * max(0, text.count("\n") - 1)


def letters(text: str) -> int:
    return len(text)


COUNTS: tuple[Count, ...] = (letters, Estimate().count, grudging)


class Chance:
    """Everything of one trial, drawn from one seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)

    def one(self, *choices: Any) -> Any:
        return self.dice.choice(choices)

    def words(self, most: int, mark: str = "") -> str:
        """Up to so many characters, mostly few."""
        size = int(most ** self.dice.random()) if self.dice.random() < 0.8 else most
        text = mark
        while len(text) < size:
            text += " " + self.dice.choice(WORDS)
            if size > 500:
                text += " word" * self.dice.randrange(1, 60)
        return text[:size] if not mark else text

    def maybe(self, most: int, mark: str) -> str:
        return self.words(most, mark) if self.dice.random() < 0.6 else ""

    def card(self, name: str, most: int) -> Character:
        data = {
            "name": name,
            "description": self.maybe(self.one(200, most), "DESCRIPTION"),
            "personality": self.maybe(most // 8, "PERSONALITY"),
            "scenario": self.maybe(most // 8, "SCENARIO"),
            "mes_example": self.maybe(most // 4, f"<START>\n{name}: EXAMPLE"),
            "system_prompt": self.maybe(self.one(100, 100, 100, most), "OWNSYSTEM"),
            "post_history_instructions": self.maybe(self.one(100, 100, most), "OWNLAST"),
            "extensions": {
                "depth_prompt": {
                    "prompt": self.maybe(most // 8, "DEPTHNOTE"),
                    "depth": self.dice.randrange(6),
                    "role": self.one("system", "user", "assistant"),
                }
            },
        }
        return Character.from_document({"spec": "chara_card_v2", "data": data})

    def history(self, most: int, purpose: Purpose) -> tuple[HistoryMessage, ...]:
        """A chat in which the newest words of a person are marked."""
        number = self.dice.randrange(1, 40)
        person = self.dice.randrange(max(0, number - 5), number)
        lines = []
        for index in range(number):
            is_user = index == person or (index < person and self.dice.random() < 0.5)
            text = self.words(self.one(30, 300, most), "line" if is_user else "")
            if index == person:
                text = f"{FIRST} {text} {LAST}"
            name = self.one("Tobin", "Ann") if is_user else "Mira"
            lines.append(HistoryMessage(name, text, is_user=is_user, id=index))
        if purpose in (Purpose.CONTINUE, Purpose.SWIPE, Purpose.REGENERATE):
            text = self.words(self.one(30, 300, most))
            lines.append(HistoryMessage("Mira", f"{text} {GOES_ON}", id=number))
        return tuple(lines)

    def lore(self, most: int) -> Lore:
        entries = [
            Entry(
                uid=uid,
                constant=True,
                content=self.words(most, f"LORE{uid}"),
                order=self.dice.randrange(200),
                position=self.dice.choice(list(Position)),
                depth=self.dice.randrange(8),
                outlet="way",
            )
            for uid in range(self.dice.randrange(8))
        ]
        book = ActiveBook("book", Lorebook(entries=tuple(entries)))
        percent = self.one(25, 100, 400)
        return Lore(Sources(character=(book,)), ScanSettings(budget_percent=percent))

    def preset(self, most: int, *, whole: bool = False) -> ChatPreset:
        """A prompt list; `whole`: nothing of it is switched off."""
        markers = (
            *("worldInfoBefore", "charDescription", "charPersonality", "scenario"),
            *("personaDescription", "worldInfoAfter", "dialogueExamples", "chatHistory"),
        )
        main = {"identifier": "main", "content": self.words(self.one(100, 100, most), "SYSTEM")}
        own = [
            {
                "identifier": f"own{index}",
                "content": self.words(self.one(50, 50, most), f"OWN{index}"),
                "system_prompt": False,
                "role": self.one("system", "user", "assistant"),
                **self.one({}, {"injection_position": 1, "injection_depth": self.one(0, 2, 9)}),
            }
            for index in range(self.dice.randrange(4))
        ]
        order = ["main", *markers, *(one["identifier"] for one in own)]
        self.dice.shuffle(order)
        order.remove("main")
        if whole:
            # SillyTavern overwrites the message that is continued with examples at the end.
            order.sort(key=lambda name: name != "dialogueExamples")
        listed = [
            {"identifier": name, "enabled": whole or self.dice.random() < 0.9} for name in order
        ]
        fixed = [{"identifier": name, "marker": True, "system_prompt": True} for name in markers]
        return ChatPreset.model_validate(
            {
                "prompts": [main, *own, *fixed],
                "prompt_order": [{"order": [{"identifier": "main"}, *listed]}],
                "squash_system_messages": self.one(True, False),
                "continue_prefill": self.one(True, False),
                "names_behavior": self.one(-1, 0, 1, 2),
                "send_if_empty": self.one("", "", "Go on."),
            }
        )

    def instruct(self) -> InstructTemplate | None:
        template: InstructTemplate | None = self.one(
            None,
            CHATML,
            CHATML.model_copy(update={"names_behavior": NamesBehavior.ALWAYS}),
            CHATML.model_copy(update={"user_alignment_message": "Begin.", "wrap": False}),
        )
        return template

    def template(self, most: int) -> ContextTemplate:
        return ContextTemplate(
            story_string=self.one(*STORIES),
            chat_start=self.one("", "***"),
            example_separator=self.one("", "***"),
            story_string_position=self.one(StoryPosition.IN_PROMPT, StoryPosition.IN_CHAT),
            story_string_depth=self.dice.randrange(4),
        )

    def context(self, kind: Kind) -> Context:
        size = self.one(64, 200, 600, 2048, 4096)
        reply = self.dice.randrange(1, size // 2 + 1)
        most = size * self.one(1, 2, 8)
        purpose = self.one(*Purpose)
        mira = self.card("Mira", most)
        group = None
        if self.dice.random() < 0.3:
            others = (GroupMember(self.card("Bram", most), self.one(True, False)),)
            group = Group((GroupMember(mira), *others), mode=self.one(*GroupMode))
        return Context(
            kind=kind,
            character=mira,
            user_name="Tobin",
            history=self.history(most, purpose),
            purpose=purpose,
            group=group,
            persona=PersonaDescription(
                self.maybe(most // 4, "PERSONA"),
                self.one(*PersonaPosition),
                self.dice.randrange(5),
                self.one(*PromptRole),
            ),
            note=AuthorsNote(
                self.maybe(most // 4, "NOTE"),
                self.one(0, 1, 1, 2),
                self.one(*NotePosition),
                self.dice.randrange(6),
                self.one(*PromptRole),
            ),
            quiet_prompt="Sum up." if purpose is Purpose.QUIET else "",
            context_template=self.template(most),
            instruct=self.instruct(),
            system_prompt=SystemPrompt(
                enabled=self.one(True, True, False),
                content=self.words(self.one(80, 80, most), "SYSTEM {{char}}"),
                post_history=self.maybe(100, "AFTERWARDS"),
            ),
            chat_preset=self.preset(most),
            chat_counting=self.one(*ChatCounting),
            formatting=Formatting(
                always_force_name=self.one(True, True, False),
                pin_examples=self.one(True, False),
                strip_examples=self.one(True, False, False),
                reply_start=self.one("", "", "Well,"),
            ),
            lore=self.lore(most // 8 + 10),
            overrides=Overrides(scenario=self.maybe(100, "SCENARIO")),
            sizes=Sizes(size, reply, self.one(0, 0, 64, -50)),
            people_named=self.one(True, False),
        )


def size_of(context: Context, prompt: Prompt, count: Count) -> int:
    if context.kind is Kind.TEXT:
        return count(prompt.text)
    counter = MessageCounter(context.chat_counting, count)
    return 3 + sum(counter.message(one.role, one.content, one.name) for one in prompt.messages)


def limit_of(context: Context) -> int:
    padding = context.sizes.padding if context.kind is Kind.TEXT else 0
    return context.sizes.context - context.sizes.reply - padding


def shown(prompt: Prompt) -> str:
    return prompt.text or "\n".join(one.content for one in prompt.messages)


@pytest.mark.parametrize("kind", Kind)
@many
@given(seeds)
@example(2004929)
@example(3004891)
def test_the_newest_words_arrive_and_the_total_is_never_over(kind: Kind, seed: int) -> None:
    chance = Chance(seed)
    context, count = chance.context(kind), chance.one(*COUNTS)
    prompt = fit_prompt(context, count)
    text, limit = shown(prompt), limit_of(context)
    if (misfit := prompt.report.misfit) is not None:
        padding = context.sizes.padding if kind is Kind.TEXT else 0
        assert misfit.needed - padding > limit
        return
    assert size_of(context, prompt, count) <= limit
    assert FIRST in text
    assert LAST in text
    if context.purpose is Purpose.CONTINUE:
        assert GOES_ON in text
    if prompt.report.sent is not None:
        assert prompt.report.sent == size_of(context, prompt, count)


@pytest.mark.parametrize("kind", Kind)
@some
@given(seeds)
def test_what_may_not_be_missing_is_there(kind: Kind, seed: int) -> None:
    chance = Chance(seed)
    context, count = chance.context(kind), chance.one(*COUNTS)
    prompt, roomy = fit_prompt(context, count), replace(context.sizes, context=10_000_000)
    if prompt.report.misfit is not None:
        return
    text = shown(prompt)
    whole = shown(fit_prompt(replace(context, sizes=roomy), count))
    must = ["OWNSYSTEM", "SYSTEM", "OWNLAST", "AFTERWARDS", "OWN0", "OWN1", "OWN2", "Mira"]
    assert [one for one in must if one in whole and one not in text] == []
    if kind is Kind.TEXT and whole.endswith(":"):
        assert text[-6:] == whole[-6:]


@pytest.mark.parametrize("kind", Kind)
@some
@given(seeds)
def test_parts_give_way_in_their_order(kind: Kind, seed: int) -> None:
    chance = Chance(seed)
    context, count = chance.context(kind), chance.one(*COUNTS)
    prompt, roomy = fit_prompt(context, count), replace(context.sizes, context=10_000_000)
    if prompt.report.misfit is not None:
        return
    text = shown(prompt)
    whole = shown(fit_prompt(replace(context, sizes=roomy), count))
    lore = {
        one.content[:5]: one.entry.order
        for one in fit_prompt(context, count).lore.activated
        if one.content[:5] in whole
    }
    order = ["EXAMPLE", "SCENARIO", "PERSONALITY", "PERSONA ", "NOTE ", "DESCRIPTION"]
    gone = [one for one in order[1:] if one in whole and one not in text]
    last = max((order.index(one) for one in gone), default=0)
    stays = [one for one in order[1:last] if one in text and one in whole]
    assert stays == []
    if gone:
        assert not lore
    if gone and context.formatting.pin_examples:
        assert "EXAMPLE" not in text or prompt.report.examples_dropped == 0
    told = {
        "SCENARIO": GivesWay.SCENARIO,
        "PERSONALITY": GivesWay.PERSONALITY,
        "PERSONA ": GivesWay.PERSONA,
        "DESCRIPTION": GivesWay.DESCRIPTION,
    }
    assert {told[one] for one in gone if one in told} <= set(prompt.left_out)


@pytest.mark.parametrize("kind", Kind)
@some
@given(seeds)
def test_with_room_for_everything_it_is_sillytaverns_prompt(kind: Kind, seed: int) -> None:
    chance = Chance(seed)
    context, count = chance.context(kind), chance.one(*COUNTS)
    if any(len(one.text) > LONGEST_MESSAGE for one in context.history):
        return
    preset = chance.preset(100, whole=True)
    context = replace(context, sizes=Sizes(10_000_000, 10), chat_preset=preset)
    prompt, exact = fit_prompt(context, count), build_prompt(context, count)
    assert shown(prompt) == shown(exact)
    assert prompt.left_out == ()
