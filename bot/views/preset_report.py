"""What became of a preset, told in one answer with a button that takes it back."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

import discord

from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import N_, _, ngettext
from bot.views.panels import Panel
from bot.views.regex_scripts import add_decision, decision, told_of
from bot.views.reply_length import reply_limit
from bot.views.samplers import shown, unused_line
from bot.wording.values import sentence_about
from core.backends.sampling import unused_samplers
from core.characters.fields import Remark
from core.chat.place import Scope
from core.errors import NotFound, TavernError
from core.kind import Kind
from core.models_in_use.models import ActiveModel
from core.options.table import (
    ALWAYS_FORCE_NAME,
    CONTEXT_SIZE,
    CONTEXT_WISH,
    CUSTOM_STOP,
    REASONING_EFFORT,
    REPLY_LENGTH,
    REPLY_START,
    SAMPLERS,
    SINGLE_LINE,
    TRIM_SENTENCES,
    Option,
)
from core.presets.preset import PresetKind
from core.presets.templates import ChatPreset
from core.presets.wishes import Missing, PresetWishes
from core.samplers.table import ALL_SAMPLERS
from core.services.preset_uses import Found, PresetUse
from core.services.presets import CHOICES, completed
from core.transfer.preset_export import preset_files

LONGEST = 2000
NAMED = 15
"""Keys or samplers named in a line; more are counted."""
WHERE: Mapping[Scope, str] = {
    Scope.THREAD: N_("in this thread"),
    Scope.CHANNEL: N_("in this channel"),
    Scope.CATEGORY: N_("in this category"),
    Scope.SERVER: N_("in this server"),
}
PARTS: Mapping[PresetKind, str] = {
    PresetKind.CONTEXT: N_("Context template"),
    PresetKind.INSTRUCT: N_("Instruct template"),
    PresetKind.SYSTEM: N_("System prompt"),
    PresetKind.REASONING: N_("Thinking tags"),
}
OTHERS: Mapping[Option[Any], Callable[[Any], str]] = {
    REPLY_LENGTH: lambda value: _("Longest reply: {number} tokens", number=f"{value:,}"),
    CUSTOM_STOP: lambda value: ngettext(
        "{number} stop string", "{number} stop strings", len(value)
    ),
    REASONING_EFFORT: lambda value: _("Thinking: {effort}", effort=value),
    REPLY_START: lambda value: (
        _("Replies start with “{text}”", text=shortened(value, 60))
        if value
        else _("Replies start however the model likes.")
    ),
    ALWAYS_FORCE_NAME: lambda value: _switch(_("End with the character's name"), value),
    SINGLE_LINE: lambda value: _switch(_("Only the first line of a reply"), value),
    TRIM_SENTENCES: lambda value: _switch(_("Cut off unfinished sentences"), value),
}
"""Everything but samplers and context, each in a line of its own."""
MISSING: Mapping[Missing, str] = {
    Missing.CONNECTION: N_(
        "Servers, models, addresses and keys; `/connect use` sets those: {keys}"
    ),
    Missing.VALUE: N_("Values that can't be: {keys}"),
    Missing.UNKNOWN: N_("Nothing like it here: {keys}"),
}


@dataclass(frozen=True, slots=True)
class PresetReport:
    """What is told about one preset."""

    found: Found
    wishes: PresetWishes
    active_model: ActiveModel | None
    """What answers here now; None where no model is connected."""

    def taken(self) -> Iterator[str]:
        """What the preset sets, a line each."""
        for kind, preset in self.found:
            if isinstance(preset, ChatPreset):
                yield _prompts_line(preset)
            elif kind in PARTS:
                yield f"{_(PARTS[kind])}: {preset.name}"
        if self.wishes.samplers:
            yield _samplers_line(self.wishes.samplers)
        for option, told in OTHERS.items():
            if option in self.wishes.options:
                value = self.wishes.options[option]
                yield (self._reply_limit(value) if option is REPLY_LENGTH else "") or told(value)
        if CONTEXT_WISH in self.wishes.options:
            yield self._context_line(self.wishes.options[CONTEXT_WISH])

    def _reply_limit(self, wish: int) -> str:
        """Less is sent than the preset asks for; empty where its wish is not what counts here."""
        active_model = self.active_model
        if active_model is None or active_model.options[REPLY_LENGTH] != wish:
            return ""
        return reply_limit(active_model, wish)

    def _context_line(self, wish: int) -> str:
        active_model = self.active_model
        if active_model is not None and active_model.options[CONTEXT_WISH] == wish:
            allowed = active_model.context_size
            if allowed < wish and active_model.options.is_nearer(CONTEXT_WISH, CONTEXT_SIZE):
                return _(
                    "Context: {wish} tokens wanted, {allowed} used, because the model has no more "
                    "as far as is known. `/connect context` sets another size.",
                    wish=f"{wish:,}",
                    allowed=f"{allowed:,}",
                )
        return _("Context: {wish} tokens", wish=f"{wish:,}")

    def notes(self) -> Iterator[str]:
        """What was changed on the way, and what has no effect here now."""
        for id_, (was, taken) in self.wishes.limited.items():
            yield _(
                "⚠ `{name}` was {was}; {taken} is as far as it goes.",
                name=id_,
                was=was,
                taken=shown(taken),
            )
        if self.active_model is None:
            return
        spec, model = self.active_model.spec, self.active_model.model
        if unused := unused_samplers(spec, self.wishes.samplers, model):
            yield unused_line(self.active_model, unused)
        yield from self._without_effect(self.active_model)
        yield from self._without_start(self.active_model)
        yield from self._overridden(self.active_model)

    def _without_effect(self, active_model: ActiveModel) -> Iterator[str]:
        kinds = {kind for kind, _preset in self.found}
        if active_model.kind is Kind.TEXT and PresetKind.CHAT in kinds:
            yield _(
                "⚠ {name} gets text completion here, where a prompt list has no effect. "
                "`/connect use kind:chat` changes that.",
                name=active_model.spec.name,
            )
        text = kinds & {PresetKind.CONTEXT, PresetKind.INSTRUCT, PresetKind.SYSTEM}
        if active_model.kind is Kind.CHAT and text:
            yield _(
                "⚠ {name} gets chat completion here, where templates and system prompts for text "
                "have no effect.",
                name=active_model.spec.name,
            )

    def _without_start(self, active_model: ActiveModel) -> Iterator[str]:
        """A start of the answer is for models that go on from one."""
        traits = active_model.spec.traits(active_model.model)
        starts = any(
            preset.assistant_prefill.strip() or preset.assistant_impersonation.strip()
            for _kind, preset in self.found
            if isinstance(preset, ChatPreset)
        )
        if starts and active_model.kind is Kind.CHAT and traits.prefill == "none":
            yield _(
                "⚠ {name} doesn't go on from a started answer, so `assistant_prefill` isn't sent.",
                name=active_model.spec.name,
            )

    def _overridden(self, active_model: ActiveModel) -> Iterator[str]:
        """What a narrower setting of this channel holds against."""
        wanted: dict[Option[Any], Any] = dict(self.wishes.options)
        wanted |= {CHOICES[kind]: preset.name for kind, preset in self.found}
        other = [key.key for key, value in wanted.items() if active_model.options[key] != value]
        own: dict[str, Any] = active_model.options[SAMPLERS]
        other += [id_ for id_ in own if id_ in self.wishes.samplers]
        if other:
            yield _(
                "⚠ Set otherwise for this place, so not as in the preset here: {keys}",
                keys=_keys(other),
            )

    def missing(self) -> Iterator[str]:
        """What was not taken, and why."""
        for why, keys in self.wishes.missing.items():
            if keys:
                yield _(MISSING[why], keys=_keys(keys))


async def answer_use(
    context: CommandContext,
    name: str,
    found: Found,
    wishes: PresetWishes,
    use: PresetUse | None,
    remarks: Iterable[Remark] = (),
) -> None:
    """The answer to an import (`use` None: it is only kept) or to a choice."""
    active_model = await _active_model(context) if use is not None else None
    report = PresetReport(found, wishes, active_model)
    lines = [_head(name, use), *(f"- {line}" for line in report.taken())]
    if use is not None:
        lines += report.notes()
        if use.replaced:
            names = _keys(list(use.replaced))
            lines.append(_("In place of what was set by hand: {names}", names=names))
    lines += map(sentence_about, remarks)
    if missing := list(report.missing()):
        lines += [_("**Not taken**"), *(f"- {line}" for line in missing)]
    brought = await context.services.regex_scripts.of_presets(
        context.place, [(kind, preset.name) for kind, preset in found]
    )
    text, waiting = told_of(context, name, brought)
    lines += filter(None, [text])
    if use is None:
        await context.say(fitting(lines), view=decision(context, waiting))
        return
    lines.append(_("-# `/format preset use name:-` takes it back later, too."))
    view = TakeBack(context, use)
    if waiting:
        add_decision(view, context, waiting)
    await context.say(fitting(lines), view=view)


def fitting(lines: list[str]) -> str:
    """The lines as one message; of too many the longest are shortened, none is left out whole."""
    while len("\n".join(lines)) > LONGEST:
        longest = max(range(len(lines)), key=lambda at: len(lines[at]))
        lines[longest] = shortened(lines[longest], max(20, len(lines[longest]) * 3 // 4))
        if len(lines[longest]) <= 20:
            break
    return "\n".join(lines)


class TakeBack(Panel):
    """One button: what held before holds again."""

    def __init__(self, context: CommandContext, use: PresetUse) -> None:
        super().__init__(context.actor.id)
        self.add_button(_("Take back"), partial(self._pressed, context, use))

    async def _pressed(
        self, context: CommandContext, use: PresetUse, interaction: discord.Interaction[Any]
    ) -> None:
        await interaction.response.defer()
        text = await taken_back(context, use.scope, use.id)
        self.stop()
        await interaction.edit_original_response(content=text, view=None)


async def taken_back(context: CommandContext, scope: Scope, id_: int | None = None) -> str:
    """Takes the newest use in a scope back, and says so."""
    uses = context.services.preset_uses
    name = await uses.take_back(context.actor, context.place, scope, id_)
    if name is not None:
        return _("Taken back: **{name}**. What held before it holds again.", name=name)
    if id_ is not None:
        return _(
            "That was taken back before, or another preset is in use since. "
            "`/format preset use name:-` takes back the newest one."
        )
    return _("No preset was used there that could be taken back.")


async def exported(context: CommandContext, name: str | None) -> list[tuple[str, bytes]]:
    """The files of a preset, or of everything that is in use here.

    Raises NotFound, NotConfigured.
    """
    presets = context.services.presets
    if name is not None:
        found = await presets.all_named(context.place, name)
        if not found:
            raise NotFound(what="preset", name=name)
        return preset_files(found)
    active_model = await context.engine.models.active(context.place)
    templates = await context.engine.models.templates_of(active_model)
    used = await presets.in_use(context.place, active_model.options, templates, active_model.kind)
    is_text = active_model.kind is Kind.TEXT
    return preset_files(used, active_model.options[REPLY_START] if is_text else "")


async def _active_model(context: CommandContext) -> ActiveModel | None:
    try:
        return await context.engine.models.active(context.place)
    except TavernError:
        return None


def _head(name: str, use: PresetUse | None) -> str:
    if use is None:
        return _("Added **{name}**. `/format preset use` puts it to use.", name=name)
    where = _(WHERE.get(use.scope, WHERE[Scope.CHANNEL]))
    return _("**{name}** is now used {where}:", name=name, where=where)


def _prompts_line(preset: ChatPreset) -> str:
    """Of a prompt list without an order the usual one holds."""
    if not preset.prompts:
        return _("Prompt list: the usual prompts")
    switched_on = {one.identifier for one in completed(preset).order if one.enabled}
    return ngettext(
        "Prompt list: {number} prompt, {on} on",
        "Prompt list: {number} prompts, {on} of them on",
        len(preset.prompts),
        on=len(switched_on & {one.identifier for one in preset.prompts}),
    )


def _samplers_line(samplers: Mapping[str, Any]) -> str:
    set_ = {
        id_: value
        for id_, value in samplers.items()
        if id_ in ALL_SAMPLERS and value != ALL_SAMPLERS[id_].neutral
    }
    told = [f"`{id_}` {shortened(shown(value), 40)}" for id_, value in set_.items()]
    neutral = len(samplers) - len(set_)
    line = ", ".join(told[:NAMED]) + ("…" if len(told) > NAMED else "")
    if not told:
        return ngettext("{number} sampler, neutral", "{number} samplers, all neutral", neutral)
    if not neutral:
        return _("Samplers: {values}", values=line)
    return _("Samplers: {values}; {number} more are neutral", values=line, number=neutral)


def _switch(label: str, value: bool) -> str:
    return f"{label}: {_('on') if value else _('off')}"


def _keys(keys: list[str]) -> str:
    listed = ", ".join(f"`{shortened(key, 40)}`" for key in keys[:NAMED])
    more = len(keys) - NAMED
    return listed + (" " + _("and {number} more", number=more) if more > 0 else "")
