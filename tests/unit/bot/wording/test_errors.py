"""Every error has a clear sentence, short and without markup."""

import inspect
import re
from string import Formatter
from typing import Any

import discord
import pytest
from discord import app_commands

import core.errors
from bot.cli._errors import STEPS as TERMINAL_STEPS
from bot.cli._errors import one_line
from bot.i18n import speaking
from bot.wording.errors import LIMIT, duration, explain, tell
from bot.wording.reasons import REASONS
from bot.wording.sentences import SENTENCES, STEPS
from core.backends.types import Unsupported
from core.errors import (
    BadAnswer,
    Busy,
    InvalidCard,
    KeyRejected,
    LimitReached,
    NeedCounts,
    NotConfigured,
    NotFound,
    Overloaded,
    SchemaBehind,
    SettingsError,
    StorageDamaged,
    StorageError,
    StreamBroken,
    TavernError,
    TimedOut,
    Unreachable,
)
from core.reasons import Reason
from tests.shared import ROOT

CLASSES = [
    kind
    for _name, kind in inspect.getmembers(core.errors, inspect.isclass)
    if issubclass(kind, TavernError)
]


def an(kind: type[TavernError], **facts: object) -> TavernError:
    return kind(["text"]) if kind is NeedCounts else kind(**facts)


@pytest.mark.parametrize("kind", [*CLASSES, Unsupported])
def test_every_class_has_a_sentence_of_its_own(kind: type[TavernError]) -> None:
    assert kind in SENTENCES
    text = explain(an(kind))
    assert text
    assert "{" not in text


@pytest.mark.parametrize("kind", [*CLASSES, Unsupported])
def test_the_last_sentence_needs_no_facts_but_those_always_there(kind: type[TavernError]) -> None:
    fields = {name for _text, name, _spec, _kind in Formatter().parse(SENTENCES[kind][-1]) if name}
    assert fields <= {"next"}


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotFound(what="character", name="Zed"), "no character called “Zed” here"),
        (NotConfigured(what="connection"), "`/connect use`"),
        (Busy(), "press Stop"),
        (
            InvalidCard(Reason.TOO_LARGE, file="a.png", largest=10 * 2**20),
            "“a.png” can't be imported. It is larger than the limit of 10 MiB",
        ),
        (
            KeyRejected(where="OpenAI", status=401),
            "OpenAI needs a valid key. Enter it again with `/connect key`.",
        ),
        (Overloaded(where="Groq", retry_after=20), "again in 20 seconds"),
        (
            LimitReached(what="turns", limit=60, seconds=420),
            "60 replies is reached. Try again in 7",
        ),
        (TimedOut(where="KoboldCpp", seconds=60.0), "silent for 60 seconds"),
        (
            Unreachable(Reason.SILENT, where="llama.cpp"),
            "llama.cpp can't be reached. Nothing answers at its address",
        ),
    ],
)
def test_sentences(error: TavernError, said: str) -> None:
    assert said in (explain(error) or "")


def test_what_exactly_went_wrong_is_told_in_the_readers_language() -> None:
    with speaking("ja"):
        text = explain(Unreachable(Reason.SILENT, where="KoboldCpp"))
    assert text is not None
    assert "KoboldCpp" in text
    assert not re.search("nothing|reached", text.lower())


def test_every_reason_has_a_sentence_and_no_sentence_is_left_over() -> None:
    assert set(REASONS) == set(Reason)


def test_every_reason_is_given_somewhere() -> None:
    folders = [ROOT / "core", ROOT / "bot"]
    paths = [path for folder in folders for path in folder.rglob("*.py")]
    source = "".join(path.read_text("utf-8") for path in paths if "wording" not in path.parts)
    assert [reason for reason in Reason if f"Reason.{reason.name}" not in source] == []


def test_every_class_is_raised_or_has_classes_that_are() -> None:
    source = "".join(path.read_text("utf-8") for path in (ROOT / "core").rglob("*.py"))
    kinds = [kind for kind in CLASSES if not kind.__subclasses__()]
    assert [kind.code for kind in kinds if len(re.findall(rf"\b{kind.code}\b", source)) < 2] == []


def test_steps_are_those_of_sentences_that_have_a_place_for_one() -> None:
    for steps in (STEPS, TERMINAL_STEPS):
        assert all(any("{next}" in text for text in SENTENCES[kind]) for kind in steps)


def test_the_terminal_tells_no_slash_commands_as_the_next_step() -> None:
    assert not [step for step in TERMINAL_STEPS.values() if "`/" in step]
    assert one_line(Unreachable(Reason.SILENT, where="KoboldCpp")) == (
        "KoboldCpp can't be reached. Nothing answers at its address; check that it is running."
    )


def test_logs_name_class_reason_and_facts() -> None:
    error = Unreachable(Reason.SILENT, "their words", where="KoboldCpp", model="")
    assert str(error) == 'Unreachable silent "their words" (where=KoboldCpp)'
    assert str(Busy()) == "Busy"
    assert str(error.turned_into(BadAnswer, status=500)) == (
        'BadAnswer silent "their words" (where=KoboldCpp, status=500)'
    )


def test_a_servers_own_page_is_cut_and_stripped_of_markup() -> None:
    page = "<html><body><h1>502 Bad Gateway</h1>" + "x" * 5000
    text = explain(BadAnswer(None, page, where="**Shouty**"))
    assert text is not None
    assert len(text) <= LIMIT
    assert "<" not in text
    assert "**" not in text


def test_unexpected_errors_get_an_id(caplog: pytest.LogCaptureFixture) -> None:
    text = tell(RuntimeError("boom"), "/chat start")
    code = text.rpartition("`")[0].rpartition("`")[2]
    assert len(code) == 6
    assert code in caplog.text
    assert "boom" in caplog.text
    assert "boom" not in text


def test_wrapped_errors_are_unwrapped() -> None:
    async def callback(interaction: discord.Interaction) -> None:
        """Does nothing."""

    command: app_commands.Command[Any, ..., None] = app_commands.Command(
        name="x", description="y", callback=callback
    )
    error = app_commands.CommandInvokeError(command, Busy())
    error.__cause__ = Busy()
    assert explain(error) == explain(Busy())


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "1 second"), (0.2, "1 second"), (89, "89 seconds"), (150, "2 minutes"), (7200, "2 hours")],
)
def test_duration(seconds: float, said: str) -> None:
    with speaking("en"):
        assert duration(seconds) == said


def test_a_servers_words_are_shown_plainly() -> None:
    told = explain(
        BadAnswer(None, "see [the docs](https://evil.example) \u202enow", where="**Ooba**")
    )
    assert told is not None
    assert "](" not in told
    assert "\u202e" not in told
    assert "**" not in told


@pytest.mark.parametrize("reason", Reason)
def test_no_reason_vanishes_because_a_fact_is_missing(reason: Reason) -> None:
    # The class has a place for the reason and nothing else that could stand there.
    for kind in (SettingsError, StorageError):
        told = one_line(kind(reason))
        why = told.removeprefix("The configuration can't be used.").strip()
        assert why
        assert "{" not in why


@pytest.mark.parametrize("kind", [*CLASSES, Unsupported])
def test_a_class_that_tells_reasons_has_a_sentence_that_needs_nothing_else(
    kind: type[TavernError],
) -> None:
    fields = [
        {name for _text, name, _spec, _kind in Formatter().parse(text) if name}
        for text in SENTENCES[kind]
    ]
    telling = [names for names in fields if "why" in names]
    assert not telling or any(names <= {"why", "next"} for names in telling)


def test_a_reason_follows_a_sentence_of_its_class() -> None:
    assert one_line(BadAnswer(Reason.UNEXPECTED_SHAPE)).startswith(
        "The server sent something that isn't a reply. Something is missing in it."
    )
    for kind in (BadAnswer, StreamBroken, SchemaBehind, StorageDamaged):
        told = one_line(kind(Reason.NOT_JSON))
        assert "It isn't JSON." in told
        assert not told.startswith("It ")


def test_a_time_to_wait_does_not_push_the_reason_out_or_stand_without_its_class() -> None:
    told = one_line(Overloaded(Reason.NO_WORKER, where="AI Horde", retry_after=20))
    assert told.startswith("AI Horde can't answer at the moment. No worker can do this")
