"""Modals: a few labelled fields and what happens when they are sent."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import discord

from bot.command_context import CommandContext, command_context
from bot.discord_text.display_names import shortened
from bot.i18n import use
from bot.wording.errors import answer

LONGEST = 4000
"""Discord's limit of a text field in a modal."""
TITLE = 45


@dataclass(frozen=True, slots=True)
class Field:
    """One text field. `key` names it, `label` is what people read."""

    key: str
    label: str
    hint: str = ""
    value: str = ""
    long: bool = False
    required: bool = True
    longest: int = LONGEST

    def filled(self, value: str) -> "Field":
        """The field with a text in it, cut to what Discord takes."""
        return replace(self, value=value[: self.longest])

    def label_item(self) -> "discord.ui.Label[Any]":
        style = discord.TextStyle.paragraph if self.long else discord.TextStyle.short
        text = discord.ui.TextInput[Any](
            custom_id=self.key,
            style=style,
            required=self.required,
            default=self.value or None,
            placeholder=shortened(self.hint, 100) or None,
            max_length=self.longest,
        )
        return discord.ui.Label(text=shortened(self.label, TITLE), component=text)


Done = Callable[[CommandContext, dict[str, str]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Form:
    """A modal to be: its title, fields, and what is done with the values."""

    title: str
    fields: Sequence[Field]
    done: Done
    is_secret: bool = False
    """What is typed into it is never shown again."""

    async def open(self, interaction: discord.Interaction[Any]) -> None:
        """Shows the modal; it has to be the first answer to the interaction."""
        await interaction.response.send_modal(_Modal(self))

    def kept(self, typed: Mapping[str, str]) -> str:
        """The long texts that were written anew: after a refusal they would be lost."""
        if self.is_secret:
            return ""
        return "\n\n".join(
            f"{field.label}\n{typed[field.key]}"
            for field in self.fields
            if field.long and typed.get(field.key, "").strip() not in ("", field.value.strip())
        )


class _Modal(discord.ui.Modal):
    def __init__(self, form: Form) -> None:
        super().__init__(title=shortened(form.title, TITLE), timeout=None)
        self._form = form
        for field in form.fields:
            self.add_item(field.label_item())

    async def on_submit(self, interaction: discord.Interaction[Any], /) -> None:
        use(interaction.locale)
        await self._form.done(await command_context(interaction), values_of(self))

    async def on_error(
        self, interaction: discord.Interaction[Any], error: Exception, item: Any = None, /
    ) -> None:
        await answer(interaction, error, self._form.kept(values_of(self)))


def values_of(modal: discord.ui.Modal) -> dict[str, str]:
    """What was typed, by the fields' keys."""
    found: Mapping[str, str] = {
        item.component.custom_id: item.component.value
        for item in modal.children
        if isinstance(item, discord.ui.Label) and isinstance(item.component, discord.ui.TextInput)
    }
    return dict(found)
