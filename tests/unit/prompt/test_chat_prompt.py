"""Chat prompts: what the reference cases do not show."""

from typing import Any

import pytest

from core.kind import Kind
from core.presets.templates import ChatPreset
from core.prompt.build import build_prompt
from core.prompt.context import (
    AuthorsNote,
    ChatCounting,
    Context,
    Group,
    GroupMember,
    HistoryMessage,
    NotePosition,
    Purpose,
    Sizes,
)
from core.prompt.prompt import PartKind, Prompt
from tests.unit.prompt.contexts import characters, context, mira, said

MARKERS = ("worldInfoBefore", "charDescription", "charPersonality", "scenario", "worldInfoAfter")


def preset(*own: dict[str, Any], order: tuple[str, ...] | None = None, **fields: Any) -> ChatPreset:
    """A preset with main, history, instructions and prompts of one's own."""
    fixed = [
        {"identifier": "main", "content": "Play {{char}}.", "system_prompt": True},
        {"identifier": "chatHistory", "marker": True, "system_prompt": True},
        {"identifier": "dialogueExamples", "marker": True, "system_prompt": True},
        {"identifier": "jailbreak", "content": "", "system_prompt": True},
        *({"identifier": name, "marker": True, "system_prompt": True} for name in MARKERS),
    ]
    named = {prompt["identifier"] for prompt in own}
    prompts = [prompt for prompt in fixed if prompt["identifier"] not in named]
    listed = order or ("main", *MARKERS, "dialogueExamples", "chatHistory", "jailbreak", *named)
    return ChatPreset.model_validate(
        {
            "prompts": [*prompts, *own],
            "prompt_order": [{"order": [{"identifier": name} for name in dict.fromkeys(listed)]}],
            **fields,
        }
    )


def chat(chat_preset: ChatPreset | None = None, **changes: Any) -> Context:
    return context(kind=Kind.CHAT, chat_preset=chat_preset or preset(), **changes)


def sent(prompt: Prompt) -> list[tuple[str, str]]:
    return [(one.role, one.content) for one in prompt.messages]


def test_the_usual_prompt() -> None:
    assert sent(build_prompt(chat(), characters)) == [
        ("system", "Play Mira."),
        ("system", "Mira keeps the light."),
        ("system", "[Start a new Chat]"),
        ("assistant", "Hello."),
        ("user", "Hi."),
    ]


def test_people_cannot_use_macros_but_greetings_can() -> None:
    lines = (
        HistoryMessage("Mira", "I am {{char}}.", trusted=True),
        HistoryMessage("Tobin", "{{char}} <USER>", True),
    )
    guarded = sent(build_prompt(chat(history=lines), characters))
    assert guarded[-2:] == [("assistant", "I am Mira."), ("user", "{{char}} <USER>")]
    exact = sent(build_prompt(chat(history=lines, guarded=False), characters))
    assert exact[-1] == ("user", "Mira Tobin")


def test_several_people_are_named() -> None:
    lines = (
        HistoryMessage("Ann", "Hi.", is_user=True),
        HistoryMessage("Tobin", "Ho.", is_user=True),
    )
    prompt = build_prompt(chat(history=lines, people_named=True), characters)
    assert sent(prompt)[-2:] == [("user", "Ann: Hi."), ("user", "Tobin: Ho.")]


def test_names_for_the_vendor() -> None:
    lines = (HistoryMessage("Zoë 😀 the Bold", "Hi.", is_user=True),)
    prompt = build_prompt(chat(preset(names_behavior=1), history=lines), characters)
    assert prompt.messages[-1].name == "Zo_____the_Bold"


def test_what_does_not_fit_is_left_out_and_shown() -> None:
    fitting = chat(history=said("first " * 20, "second", "third"), sizes=Sizes(200, 50))
    prompt = build_prompt(fitting, characters)
    assert [content for _, content in sent(prompt)][-2:] == ["second", "third"]
    left = [part for part in prompt.parts if part.dropped]
    assert [(part.kind, part.dropped) for part in left] == [(PartKind.HISTORY, True)]
    assert prompt.report.messages_dropped == 1
    assert prompt.report.messages_kept == 2
    assert prompt.report.used <= 150
    shown = [part.text.strip() for part in prompt.parts]
    assert shown.index("[Start a new Chat]") < shown.index(("first " * 20).strip())


def test_fixed_prompts_that_do_not_fit_end_the_assembly() -> None:
    prompt = build_prompt(chat(sizes=Sizes(60, 25)), characters)
    assert sent(prompt) == [("system", "Play Mira.")]
    assert prompt.report.overflow


def test_prefill_is_told_to_the_backend() -> None:
    going_on = chat(
        preset(continue_prefill=True),
        history=(*said("Hi."), HistoryMessage("Mira", "I was")),
        purpose=Purpose.CONTINUE,
    )
    prompt = build_prompt(going_on, characters)
    assert sent(prompt)[-1] == ("assistant", "I was")
    assert prompt.prefill


def test_notes_follow_a_main_prompt_into_the_chat() -> None:
    main = {
        "identifier": "main",
        "content": "MAIN",
        "role": "user",
        "system_prompt": True,
        "injection_position": 1,
        "injection_depth": 1,
    }
    note = AuthorsNote("NOTE", position=NotePosition.BEFORE_STORY)
    prompt = build_prompt(chat(preset(main), note=note), characters)
    assert sent(prompt)[-3:] == [("assistant", "Hello."), ("user", "NOTE\nMAIN"), ("user", "Hi.")]


def test_a_prompt_without_a_role_is_the_systems_and_nobodys_in_the_chat() -> None:
    own = {"identifier": "own", "content": "OWN", "system_prompt": False}
    relative = sent(build_prompt(chat(preset(own)), characters))
    assert relative[-1] == ("system", "OWN")
    placed = preset(own | {"injection_position": 1, "injection_depth": 0})
    assert sent(build_prompt(chat(placed), characters)) == relative[:-1]


def test_a_chat_without_messages_can_be_continued() -> None:
    nothing = chat(preset(continue_nudge_prompt="Go on."), history=(), purpose=Purpose.CONTINUE)
    assert sent(build_prompt(nothing, characters))[-1] == ("system", "Go on.")


def test_a_message_without_text_leaves_its_room_to_others() -> None:
    named = preset(names_behavior=1)
    lines = (HistoryMessage("Mira", "Hello."), HistoryMessage("Somebody", ""), *said("Hi."))
    whole = build_prompt(chat(named, history=lines), characters)
    tight = Sizes(whole.report.used + 3, 0)
    assert build_prompt(chat(named, history=lines, sizes=tight), characters).messages == (
        whole.messages
    )


def test_a_marker_takes_the_settings_of_its_definition() -> None:
    marker = {
        "identifier": "charDescription",
        "marker": True,
        "role": "user",
        "injection_position": 1,
        "injection_depth": 0,
    }
    prompt = build_prompt(chat(preset(marker)), characters)
    assert sent(prompt)[-2:] == [("user", "Hi."), ("user", "Mira keeps the light.")]


def test_parts_missing_in_the_order_come_last() -> None:
    prompt = build_prompt(chat(preset(order=("main", "chatHistory"))), characters)
    assert sent(prompt)[-1] == ("system", "Mira keeps the light.")


def test_send_if_empty_speaks_only_for_people_who_said_nothing() -> None:
    silent = preset(send_if_empty=" [Go on] ")
    assert sent(build_prompt(chat(silent), characters))[-1] == ("user", "Hi.")
    waiting = chat(silent, history=(HistoryMessage("Mira", "Well?"),))
    assert sent(build_prompt(waiting, characters))[-1] == ("user", "[Go on]")


def test_squashing_keeps_apart_what_an_empty_prompt_parts() -> None:
    empty = {"identifier": "x", "role": "user", "content": "", "system_prompt": False}
    order = ("main", "x", "charDescription", "charPersonality", "chatHistory")
    lines = (
        HistoryMessage("", "Rain.", narrator=True),
        HistoryMessage("Mira", ""),
        HistoryMessage("", "Hail.", narrator=True),
    )
    squashing = preset(empty, order=order, squash_system_messages=True)
    prompt = build_prompt(chat(squashing, history=lines), characters)
    assert sent(prompt) == [
        ("system", "Play Mira."),
        ("system", "Mira keeps the light."),
        ("system", "[Start a new Chat]"),
        ("system", "Rain.\nHail."),
    ]


def test_group_nudge() -> None:
    group = Group((GroupMember(mira()), GroupMember(mira(name="Bram"))))
    grouped = chat(group=group, history=(HistoryMessage("Bram", "Click."), *said("Hi.")))
    assert sent(build_prompt(grouped, characters))[-3:] == [
        ("assistant", "Bram: Click."),
        ("user", "Hi."),
        ("system", "[Write the next reply only as Mira.]"),
    ]


@pytest.mark.parametrize(
    ("counting", "tokens"),
    [(ChatCounting.OPENAI, 4 + 3 + 4), (ChatCounting.JOINED, 7), (ChatCounting.CLAUDE, 9)],
)
def test_what_a_message_costs(counting: ChatCounting, tokens: int) -> None:
    prompt = build_prompt(chat(chat_counting=counting), characters)
    assert [part.tokens for part in prompt.parts if part.text == "Hi."] == [tokens]
