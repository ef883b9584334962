"""Contexts for tests: one character, a few lines."""

from dataclasses import replace
from typing import Any

from core.characters.character import Character
from core.kind import Kind
from core.presets.templates import ContextTemplate, InstructTemplate, SystemPrompt
from core.prompt.context import Context, HistoryMessage, Sizes

CHATML = InstructTemplate(
    input_sequence="<|im_start|>user",
    output_sequence="<|im_start|>assistant",
    system_sequence="<|im_start|>system",
    input_suffix="<|im_end|>\n",
    output_suffix="<|im_end|>\n",
    system_suffix="<|im_end|>\n",
    stop_sequence="<|im_end|>",
    story_string_prefix="<|im_start|>system",
    story_string_suffix="<|im_end|>\n",
)
STORY = "{{#if system}}{{system}}\n{{/if}}{{#if description}}{{description}}\n{{/if}}{{trim}}"


def characters(count: str) -> int:
    """Counts characters: a tokenizer that is easy to reckon with."""
    return len(count)


def mira(**fields: Any) -> Character:
    """A small card."""
    data = {"name": "Mira", "description": "Mira keeps the light.", **fields}
    return Character.from_document({"spec": "chara_card_v2", "data": data})


def said(*texts: str) -> tuple[HistoryMessage, ...]:
    """Lines in turn, the last one the user's."""
    first = len(texts) % 2
    return tuple(
        HistoryMessage("Tobin", text, is_user=True)
        if index % 2 != first
        else HistoryMessage("Mira", text)
        for index, text in enumerate(texts)
    )


def context(**changes: Any) -> Context:
    """A plain text context with room for everything."""
    base = Context(
        kind=Kind.TEXT,
        character=mira(),
        user_name="Tobin",
        history=said("Hello.", "Hi."),
        context_template=ContextTemplate(
            story_string=STORY, chat_start="***", use_stop_strings=False
        ),
        system_prompt=SystemPrompt(content="Play {{char}}."),
        sizes=Sizes(8000, 500),
    )
    return replace(base, **changes)
