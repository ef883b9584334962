"""Characters in this server."""

import io
import logging
from collections.abc import Sequence
from typing import Any, Literal

import discord
from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.cogs._command import command
from bot.cogs.chat.start import open_chat
from bot.command_context import CommandContext, defer
from bot.discord_text.display_names import shortened
from bot.discord_text.html import readable
from bot.i18n import N_, _, as_written
from bot.views.forms import Field, Form
from bot.views.panels import confirmed, pages
from bot.views.regex_scripts import decision, told_of
from bot.wording.values import remark_lines
from core.characters.character import Character
from core.characters.names import display_name, unnumbered
from core.chat.place import STOCK, Scope
from core.errors import InvalidCard
from core.options.table import CHARACTER_ADULT, CHARACTER_NICKNAME, Option
from core.policy.content_rating import is_adult, is_tagged_adult
from core.policy.permissions import Action, demand
from core.reasons import Reason
from core.services import Services
from core.storage.characters import CharacterEntry, StoredCharacter

log = logging.getLogger(__name__)

# Discord takes more; a phone shows about this much at once. `/character export` has all of it.
DESCRIPTION = 700
FIELD = 500
MARKED = {
    "yes": N_("**{name}** is marked as a character for adults now."),
    "no": N_("**{name}** is no longer marked as a character for adults."),
    "auto": N_("The tags on **{name}**'s card decide again whether it's for adults."),
}
TYPED = 40
"""Names longer than this nobody types; they are chosen from the suggestions."""


@command(defers=False)
async def new(context: CommandContext) -> None:
    """Create a new character."""
    await Form(_("New character"), fields(), create).open(context.interaction)


def fields() -> list[Field]:
    """The questions of the form, in the current language."""
    return [
        Field("name", _("Name"), longest=80),
        Field(
            "description",
            _("Description"),
            _("Who are they? Looks, personality, history."),
            long=True,
        ),
        Field("first_mes", _("Greeting"), _("The first message"), long=True, required=False),
        Field(
            "scenario", _("Scenario"), _("Where does the story start?"), long=True, required=False
        ),
        Field("mes_example", _("Example dialogue"), "<START>", long=True, required=False),
    ]


async def create(context: CommandContext, values: dict[str, str]) -> None:
    card, _remarks = Character.read(
        {"spec": "chara_card_v2", "spec_version": "2.0", "data": values}
    )
    stored = await context.services.characters.create(context.actor, context.place, card)
    await context.say(arrived(stored))


@command()
async def import_(context: CommandContext, file: discord.Attachment) -> None:
    """Add a character from a card or from another program's file.

    Parameters
    ----------
    file: discord.Attachment
        The card
    """
    limit = context.engine.settings.limits.card_bytes
    if file.size > limit:
        raise InvalidCard(Reason.TOO_LARGE, largest=limit, file=file.filename)
    stored, remarks = await context.services.characters.import_file(
        context.actor, context.place, await file.read(), file.filename
    )
    remarks_text = remark_lines(_("Some things to know about this card:"), remarks)
    embed, files = await character_embed(context.services, stored)
    text = arrived(stored)
    if is_tagged_adult(stored.character):
        text += "\n" + _("It's for adults, so it only speaks in age-restricted channels.")
    nickname = stored.character.under_nickname().display_name
    if nickname != stored.character.display_name:
        text += "\n" + _(
            "It has a nickname, **{name}**. `/character edit` can make stories use it.",
            name=nickname,
        )
    brought = await context.services.regex_scripts.of_character(stored)
    scripts_text, waiting = told_of(context, stored.character.display_name, brought)
    await context.say(
        f"{text}\n{scripts_text}".rstrip() + remarks_text,
        embed=embed,
        files=files,
        view=decision(context, waiting),
    )


@command(defers=False)
@app_commands.autocomplete(character=characters)
async def edit(
    context: CommandContext,
    character: str,
    adult: Literal["as tagged", "yes", "no"] | None = None,
    nickname: bool | None = None,
) -> None:
    """Edit a character's card, or say how it is treated here.

    Parameters
    ----------
    character: str
        Which character
    adult: Literal
        Only for age-restricted channels; for managers
    nickname: bool
        Speak under the card's nickname; for managers
    """
    found = await context.services.characters.find(context.place, character)
    if adult is not None or nickname is not None:
        await defer(context.interaction)
        await context.say(await _treated(context, found, adult, nickname))
        return
    if found.owner != STOCK and found.created_by != context.actor.id:
        demand(context.actor, Action.CHANGE_CHARACTERS, context.place)

    async def change(context: CommandContext, values: dict[str, str]) -> None:
        changed = await context.services.characters.edit(
            context.actor, context.place, found.id, values
        )
        await context.say(
            _("Saved your changes to **{name}**.", name=changed.character.display_name)
        )

    filled = [field.filled(str(getattr(found.character, field.key))) for field in fields()]
    title = _("Edit {name}", name=found.character.display_name)
    await Form(title, filled, change).open(context.interaction)


async def _treated(
    context: CommandContext, found: StoredCharacter, adult: str | None, nickname: bool | None
) -> str:
    """Sets what managers decide about a character, and says what holds now."""
    said = []
    if adult is not None:
        mark = "auto" if adult == "as tagged" else adult
        await _set(context, CHARACTER_ADULT, mark, found.id)
        log.info("character %d: adult mark %s, by %d", found.id, mark, context.actor.id)
        said.append(_(MARKED[mark], name=display_name(found.handle)))
        if is_adult(found.character, mark, context.place):
            said.append(_("It only speaks in age-restricted channels."))
        elif mark == "auto" or context.place.guild_id is not None:
            said.append(_("It speaks in every channel."))
    if nickname is not None:
        await _set(context, CHARACTER_NICKNAME, nickname, found.id)
        card = found.character.under_nickname() if nickname else found.character
        said.append(_("In stories it's called **{name}**.", name=card.display_name))
    return " ".join(said)


async def _set(context: CommandContext, option: Option[Any], value: object, id_: int) -> None:
    options = context.services.options
    await options.set(context.actor, context.place, option, value, Scope.CHARACTER, id_)


@command()
@app_commands.autocomplete(character=characters)
async def delete(context: CommandContext, character: str) -> None:
    """Delete a character.

    Parameters
    ----------
    character: str
        Which character to delete
    """
    found = await context.services.characters.find(context.place, character)
    name = display_name(found.handle)
    question = _(
        "Delete **{name}**? You can't undo this. What they said stays in the stories.", name=name
    )
    if await confirmed(context, question, _("Delete")):
        await context.services.characters.delete(context.actor, context.place, found.id)
        await context.say(_("**{name}** has been deleted.", name=name))


@command()
async def list_(context: CommandContext) -> None:
    """Show all characters of this server."""
    found = await context.services.characters.list(context.place)
    if not found:
        await context.say(
            _(
                "There are no characters yet. Add a card with `/character import` or write one "
                "with `/character new`."
            )
        )
        return
    await pages(context, _("Characters"), [line_of(entry) for entry in found])


def line_of(entry: CharacterEntry) -> str:
    """One character as a line: the name and how the card's notes or description begin."""
    notes = readable(entry.summary).strip()
    summary = f" — {shortened(notes, 90)}" if notes else ""
    return f"- **{as_written(display_name(entry.name))}**{summary}"


@command()
@app_commands.autocomplete(character=characters)
async def info(context: CommandContext, character: str) -> None:
    """Show a character's card.

    Parameters
    ----------
    character: str
        Which character
    """
    found = await context.services.characters.find(context.place, character)
    options = await context.services.options.resolve(context.place, found.id)
    mark = options[CHARACTER_ADULT]
    decided = _("set by a manager") if mark != "auto" else ""
    rated = is_adult(found.character, mark, context.place)
    called = found.character.under_nickname().display_name
    facts = [
        _("for adults") if rated else (_("not for adults") if decided else ""),
        decided,
        _("called {name} in stories", name=called) if options[CHARACTER_NICKNAME] else "",
    ]
    embed, files = await character_embed(context.services, found, facts)
    await context.say(embed=embed, files=files)


@command()
@app_commands.autocomplete(character=characters)
async def export(
    context: CommandContext, character: str, format: Literal["png", "json"] = "png"
) -> None:
    """Download a character's card.

    Parameters
    ----------
    character: str
        Which character
    format: Literal
        PNG with picture, or JSON
    """
    found = await context.services.characters.find(context.place, character)
    file_name, data = await context.services.characters.export(context.place, found.id, format)
    await context.say(files=[discord.File(io.BytesIO(data), file_name)])


@command()
@app_commands.autocomplete(character=characters)
async def use(context: CommandContext, character: str) -> None:
    """Switch to another character in this channel.

    Parameters
    ----------
    character: str
        Which character
    """
    found = await context.services.characters.find(context.place, character)
    await context.say(await open_chat(context, [found.id], None))


def arrived(stored: StoredCharacter) -> str:
    """The news, with a next step that can be typed."""
    name, handle = stored.character.display_name, display_name(stored.handle)
    typed = len(handle) <= TYPED and handle == stored.handle and "`" not in handle
    option = f"character:{handle}" if typed else "character:"
    if unnumbered(stored.handle) != stored.handle and name != handle:
        return _(
            "**{name}** is here. There was one of that name already, so this one is listed as "
            "**{handle}**; in stories both keep their name. Start chatting with "
            "`/chat start {option}`.",
            name=name,
            handle=handle,
            option=option,
        )
    return _(
        "**{name}** is here. Start chatting with `/chat start {option}`.", name=name, option=option
    )


async def character_embed(
    services: Services, stored: StoredCharacter, more: Sequence[str] = ()
) -> tuple[discord.Embed, list[discord.File]]:
    """The card's main fields, and its picture as the file that the embed shows."""
    card = stored.character
    embed = discord.Embed(
        title=shortened(card.display_name, 256),
        description=shortened(card.description, DESCRIPTION) or None,
    )
    for label, text in (
        (_("Personality"), card.personality),
        (_("Scenario"), card.scenario),
        (_("Greeting"), card.first_mes),
        (_("Creator's notes"), readable(card.creator_notes)),
    ):
        if text.strip():
            embed.add_field(name=label, value=shortened(text, FIELD), inline=False)
    facts = [
        _("{number} greetings", number=len(card.greetings)) if len(card.greetings) > 1 else "",
        _("with a lorebook") if card.character_book else "",
        _("by {name}", name=card.creator) if card.creator else "",
        ", ".join(card.tags[:8]),
        *more,
    ]
    footer = " · ".join(fact for fact in facts if fact)
    if footer:
        embed.set_footer(text=shortened(footer, 2048))
    picture = await services.characters.avatar(stored.id)
    if picture is None:
        return embed, []
    embed.set_thumbnail(url="attachment://picture.png")
    return embed, [discord.File(io.BytesIO(picture), "picture.png")]
