"""Templates as an overview, as a form and as a file, and which are used here; stop strings."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import discord
import yaml

from bot.command_context import CommandContext
from bot.i18n import N_, _
from bot.views.forms import LONGEST, Field, Form
from core.engine.requests import sent_stops, stops_of
from core.errors import InvalidPreset, InvalidTemplate, NotAllowed, NotConfigured
from core.options.table import CUSTOM_STOP, INSTRUCT_ENABLED, NOTE_POSITION, NOTE_TEXT, Resolved
from core.presets.preset import Preset, PresetKind, Templates, whole_document
from core.prompt.stop_strings import read_stops
from core.prompt.text.unsent import unsent_parameters
from core.reasons import Reason
from core.services.presets import CHOICES

OFF = "off"
NOTHING = "-"
"""Typed as a name it takes a choice back."""
KINDS = {
    "context": PresetKind.CONTEXT,
    "instruct": PresetKind.INSTRUCT,
    "system": PresetKind.SYSTEM,
    "chat": PresetKind.CHAT,
}
LABELS: Mapping[PresetKind, str] = {
    PresetKind.CONTEXT: N_("Context template"),
    PresetKind.INSTRUCT: N_("Instruct template"),
    PresetKind.SYSTEM: N_("System prompt"),
    PresetKind.CHAT: N_("Prompt list"),
}
FORMS: Mapping[PresetKind, Mapping[str, str]] = {
    PresetKind.CONTEXT: {
        "story_string": N_("Story string"),
        "example_separator": N_("Line before each example dialogue"),
        "chat_start": N_("Line before the chat"),
    },
    PresetKind.SYSTEM: {
        "content": N_("System prompt"),
        "post_history": N_("Instructions after the chat"),
    },
}
"""Fields that have a form of their own; other templates are edited as YAML."""
WHOLE = "document"
SHOWN = 900
"""Characters of one list."""


async def overview(context: CommandContext) -> discord.Embed:
    """What is in use in this channel, layer by layer."""
    chosen = (await context.engine.models.templates(context.place)).chosen
    hint = _("Choose others with `/format template use`. See the result with `/chat prompt`.")
    embed = discord.Embed(title=_("Templates in this channel"), description=hint)
    for kind, label in LABELS.items():
        embed.add_field(name=_(label), value=chosen[kind.value] or _("off"), inline=False)
    return embed


ANCHORS = {"before": "anchorBefore", "after": "anchorAfter"}
"""What a story string needs for a note beside it."""


def story_warning(templates: Templates, options: Resolved) -> str:
    """What is not sent because the story string has no place for it: of the card, or the note."""
    anchor = ANCHORS.get(options[NOTE_POSITION], "") if options[NOTE_TEXT].strip() else ""
    missing = unsent_parameters(templates.context.story_string, [anchor] if anchor else [])
    if not missing:
        return ""
    names = ", ".join(f"`{name}`" for name in missing)
    return _("⚠ Missing from the story string, so never sent: {names}", names=names)


async def preset_named(context: CommandContext, kind: PresetKind, name: str) -> Preset | None:
    """The preset of this name; None where the word means that there is none. Raises NotFound."""
    word = name.strip().lower()
    if word in (NOTHING, "") or (word == OFF and kind is PresetKind.INSTRUCT):
        return None
    return await context.services.presets.get(context.place, kind, name)


async def choose_template(context: CommandContext, kind: PresetKind, name: str) -> str:
    """The preset of a kind that is used here; instruct mode can be switched off, too."""
    preset = await preset_named(context, kind, name)
    if kind is PresetKind.INSTRUCT:
        is_off = name.strip().lower() == OFF
        await context.set(INSTRUCT_ENABLED, OFF if is_off else None)
        if is_off:
            return _("Instruct mode is off in this channel.")
    await context.set(CHOICES[kind], preset.name if preset else None)
    if preset is None:
        return _("Done. It's chosen automatically again.")
    return _("This channel now uses “{name}”.", name=preset.name)


async def edit_form(context: CommandContext, kind: PresetKind) -> Form:
    """The form of the template in use. Raises InvalidTemplate where it is too long for one."""
    name = await context.engine.models.template_name(context.place, kind)
    preset = await context.services.presets.get(context.place, kind, name)

    async def save(context: CommandContext, values: dict[str, str]) -> None:
        text = values.get(WHOLE, "")
        changes = parsed(text) if WHOLE in values else dict(values)
        try:
            await context.services.presets.edit(context.actor, context.place, kind, name, changes)
        except InvalidTemplate as error:
            error.facts |= place_of(text, str(error.facts.get("field", "")))
            raise
        await context.say(_("“{name}” has been changed for this server.", name=name))

    return Form(name, _fields(kind, preset), save)


def parsed(text: str) -> dict[str, Any]:
    """The document out of a form. Raises InvalidTemplate with the place of the fault."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise InvalidTemplate(Reason.NOT_YAML, line=line, column=column) from error
    if not isinstance(found, dict):
        raise InvalidPreset(Reason.NO_OBJECT)
    return found


def place_of(text: str, field: str) -> dict[str, int]:
    """Line and column of a field in a YAML document; nothing where it is not written there."""
    node = yaml.compose(text)
    found: dict[str, int] = {}
    for step in filter(None, field.split(".")):
        mark = None
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == step), None)
            mark, node = (pair[0].start_mark, pair[1]) if pair else (None, None)
        elif isinstance(node, yaml.SequenceNode) and step.isdecimal():
            node = node.value[int(step)] if int(step) < len(node.value) else None
            mark = node.start_mark if node is not None else None
        if mark is None:
            break
        found = {"line": mark.line + 1, "column": mark.column + 1}
    return found


class _TemplateDumper(yaml.SafeDumper):
    """Line breaks at the ends of sequences are written as \\n, where they can be seen."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        style = '"' if "\n" in data else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style)


_TemplateDumper.add_representer(str, _TemplateDumper.represent_str)


def _fields(kind: PresetKind, preset: Preset) -> list[Field]:
    document = whole_document(preset)
    if kind in FORMS:
        return [
            Field(key, _(label), value=str(document.get(key) or ""), long=True, required=False)
            for key, label in FORMS[kind].items()
        ]
    document.pop("name", None)
    text = yaml.dump(
        document, Dumper=_TemplateDumper, allow_unicode=True, sort_keys=False, width=math.inf
    )
    if len(text) > LONGEST:
        raise InvalidTemplate(Reason.TOO_LONG_FOR_FORM)
    return [Field(WHOLE, _("Template (YAML)"), value=text, long=True)]


def listed(stops: Sequence[str]) -> str:
    """The strings as JSON, so that line breaks can be seen."""
    text = json.dumps(list(stops), ensure_ascii=False).replace("`", "ˋ")
    return f"`{text if len(text) <= SHOWN else text[: SHOWN - 1] + '…'}`"


def custom_line(stops: Sequence[str]) -> str:
    """Those that were set here."""
    if not stops:
        return _("This channel has no extra stop strings.")
    return _("Extra stop strings in this channel: {stops}", stops=listed(stops))


async def set_stops(context: CommandContext, strings: str) -> str:
    """Further stop strings, written as a JSON list."""
    stops = read_stops(strings)
    await context.set(CUSTOM_STOP, stops)
    return custom_line(stops) + "\n" + _("-# See where they apply with `/connect stop show`.")


async def stop_lines(context: CommandContext) -> list[str]:
    """All stop strings of the next reply. Where no reply is possible yet, the set ones."""
    own: list[str] = (await context.services.options.resolve(context.place))[CUSTOM_STOP]
    lines = [custom_line(own)]
    try:
        preview = await context.engine.inspect(context.place, context.actor)
    except (NotConfigured, NotAllowed):
        return lines
    reply_input = preview.reply_input
    stops = stops_of(reply_input, preview.prompt)
    sent = sent_stops(reply_input, stops)
    kept = [stop for stop in stops if stop not in sent]
    text = N_("Sent to {name}: {stops}") if sent else N_("None are sent to {name}.")
    lines.append(_(text, name=reply_input.spec.name, stops=listed(sent)))
    if kept:
        lines.append(_("Handled by the bot: {stops}", stops=listed(kept)))
    lines.append(_("-# The bot ends a reply at any of them, whatever the server does."))
    return lines
