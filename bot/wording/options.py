"""Every option in words: what it does, what its values mean, and under which topic it stands."""

import json
from collections.abc import Mapping
from typing import Any

from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from bot.wording.values import number
from core.chat.place import Scope
from core.options.table import OPTIONS, Option

LONGEST_VALUE = 120

HELP: Mapping[str, str] = {
    "chat.mode": N_("When characters answer: to every message, when mentioned, or not at all"),
    "chat.burst_seconds": N_("Seconds to wait for more messages before a reply begins"),
    "chat.out_of_character": N_("Lines that begin with // or stand in ((…)) are left out"),
    "chat.quote_replies": N_("A reply in Discord carries the beginning of what it answers"),
    "chat.flood_limits": N_("Limits on how many replies a person and a server can ask for"),
    "chat.scenario": N_("The scenario of this chat, instead of the card's"),
    "chat.examples": N_("Example dialogues of this chat, instead of the card's"),
    "chat.system_prompt": N_("The main prompt of this chat, instead of the card's"),
    "connection": N_("The saved connection that answers"),
    "model": N_("The model that answers, where the server has several"),
    "kind": N_("Text or chat completion, where the server has both"),
    "context_size": N_("Tokens of prompt and reply together"),
    "context_wish": N_("The context that a preset asks for, as far as the model has it"),
    "reply_length": N_("Tokens of a reply at most"),
    "samplers": N_("Samplers of this place, one by one"),
    "sampler_preset": N_("The preset of samplers"),
    "adverts": N_("Advertising of free services: removed, or kept without links"),
    "pictures": N_("Whether the model is sent pictures; auto: where it is known to see them"),
    "reasoning.shown": N_("What the model thought stands under its reply, hidden"),
    "reasoning.preset": N_("How the model marks its thinking in the text"),
    "reasoning.effort": N_("How much the model may think, where it can be told"),
    "template.context": N_("The context template (text completion)"),
    "template.instruct": N_("The instruct template (text completion)"),
    "template.instruct_enabled": N_("Instruct mode; auto: on where a template fits the model"),
    "template.system": N_("The system prompt (text completion)"),
    "template.chat": N_("The preset of prompts (chat completion)"),
    "format.always_force_name": N_("Prompts without instruct mode end with the character's name"),
    "format.examples": N_("Example dialogues: kept, pushed out by the chat, or left out"),
    "format.convert_html": N_("HTML in replies is shown as what Discord has for it"),
    "format.collapse_newlines": N_("Several empty lines in a prompt become one"),
    "format.single_line": N_("A reply ends with its first line"),
    "format.trim_sentences": N_("An unfinished last sentence is cut off"),
    "format.prefer_character_prompt": N_("A card's own main prompt replaces the system prompt"),
    "format.prefer_character_instructions": N_("A card's last instructions replace the preset's"),
    "format.reply_start": N_("The words every reply begins with"),
    "multigen.on": N_("Long replies come in short batches (text completion)"),
    "multigen.first": N_("Tokens of the first batch"),
    "multigen.next": N_("Tokens of each later batch"),
    "stop.custom": N_("Further stop strings, as a JSON list"),
    "tokenizer": N_("The tokenizer that counts (text completion)"),
    "token_padding": N_("Tokens kept free where counts are estimates"),
    "group.cards": N_("Whose cards the prompt holds: the speaker's, everyone's, muted ones too"),
    "group.join_prefix": N_("Stands before each joined card"),
    "group.join_suffix": N_("Stands behind each joined card"),
    "character.adult": N_("For adults only: auto goes by the card's tags"),
    "character.nickname": N_("The card's nickname is used as the character's name"),
    "note.text": N_("The author's note"),
    "note.frequency": N_("The note comes with every so many messages of people; 0: never"),
    "note.position": N_("Where the note stands: in the chat, or before or after the card"),
    "note.depth": N_("How many messages stand below a note in the chat"),
    "note.role": N_("Who a note in the chat is from"),
    "note.scan": N_("Lorebook keys are looked for in the note too"),
    "lore.depth": N_("How many messages are searched for lorebook keys"),
    "lore.budget_percent": N_("Share of the prompt that lore may take, in percent"),
    "lore.budget_cap": N_("Tokens that lore may take at most"),
    "lore.min_activations": N_("Search further back until so many entries are found"),
    "lore.min_activations_depth": N_("How many messages back that search goes"),
    "lore.max_recursion": N_("How often lore is searched, the first time included"),
    "lore.recursive": N_("Entries that were found can bring in others"),
    "lore.include_names": N_("Names of speakers are searched for keys too"),
    "lore.case_sensitive": N_("Keys tell capital from small letters"),
    "lore.whole_words": N_("Keys match whole words only"),
    "lore.group_scoring": N_("In a group the entry with most matching keys wins"),
    "lore.strategy": N_("Which lore comes first where room is short"),
    "language": N_("The language of the bot's own texts; empty: Discord's"),
    "time_zone": N_("The time zone of dates and times, such as Europe/Berlin"),
}

TOPICS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "chat": (N_("When and how characters answer"), ("chat",)),
    "model": (
        N_("Model, length and samplers"),
        ("connection", "model", "kind", "context_size", "context_wish", "reply_length", "samplers"),
    ),
    "counting": (
        N_("Thinking, batches, stops and counting"),
        ("reasoning", "multigen", "stop", "tokenizer", "token_padding", "adverts", "pictures"),
    ),
    "format": (N_("Templates and formatting"), ("template", "format", "sampler_preset")),
    "note": (N_("Author's note"), ("note",)),
    "lore": (N_("Lorebooks"), ("lore",)),
    "group": (N_("Several characters"), ("group", "character")),
    "words": (N_("Language and time"), ("language", "time_zone")),
}
"""What people look under: a title, and the keys or first parts of keys that stand there."""

OTHERWISE: Mapping[str, str] = {
    "context_wish": N_("none"),
    "connection": N_("the server's default"),
    "model": N_("the connection's"),
    "kind": N_("the server's own"),
    "context_size": N_("as the model allows, at most 16,384"),
    "sampler_preset": N_("none chosen"),
    "template.chat": N_("none chosen"),
    "template.system": N_("none chosen"),
    "template.context": N_("the best match for the model"),
    "template.instruct": N_("the best match for the model"),
    "reasoning.preset": N_("the best match for the model"),
    "reasoning.effort": N_("the model's own"),
    "tokenizer": N_("the best match for the model"),
}
"""What holds where an option that something else decides is not set."""

SCOPES: Mapping[Scope, str] = {
    Scope.PERSON: N_("your own"),
    Scope.THREAD: N_("this thread"),
    Scope.CHANNEL: N_("this channel"),
    Scope.CATEGORY: N_("this category"),
    Scope.CHARACTER: N_("the character"),
    Scope.SERVER: N_("this server"),
    Scope.EVERYWHERE: N_("the whole bot"),
}


def help_of(option: Option[Any]) -> str:
    return _(HELP[option.key])


def of_topic(topic: str) -> list[Option[Any]]:
    """The options that stand under a topic, in the order of the table."""
    beginnings = TOPICS[topic][1]
    return [
        option
        for key, option in OPTIONS.items()
        if key in beginnings or key.partition(".")[0] in beginnings
    ]


def shown(option: Option[Any], value: object) -> str:
    """A value as people read it."""
    if value is None:
        return _("no limit") if option.unlimited else _(OTHERWISE[option.key])
    if isinstance(value, bool):
        return _("on") if value else _("off")
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, str):
        text = " ".join(value.split()).replace("`", "'")
        return f"`{shortened(text, LONGEST_VALUE)}`" if text else _("empty")
    if not value:
        return _("none")
    written = json.dumps(value, ensure_ascii=False).replace("`", "'")
    return f"`{shortened(written, LONGEST_VALUE)}`"
