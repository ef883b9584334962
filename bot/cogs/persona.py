"""Who you are in the story."""

from typing import Literal

from discord import app_commands

from bot.cogs._autocomplete import personas
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from bot.views.forms import Field, Form
from bot.views.panels import confirmed, pages
from core.characters.persona import AT_DEPTH, BOTTOM_OF_NOTE, IN_PROMPT, NOWHERE, TOP_OF_NOTE
from core.chat.place import Scope

SCOPES = {
    "here": (Scope.CHANNEL, N_("You're now **{name}** in this channel.")),
    "server": (Scope.SERVER, N_("You're now **{name}** in this server.")),
    "everywhere": (Scope.EVERYWHERE, N_("You're now **{name}**.")),
}
PLACES = {
    "in the prompt": IN_PROMPT,
    "above the note": TOP_OF_NOTE,
    "below the note": BOTTOM_OF_NOTE,
    "in the chat": AT_DEPTH,
    "nowhere": NOWHERE,
}


@command(defers=False)
async def new(context: CommandContext) -> None:
    """Create a persona: who you are in the story."""
    await Form(_("New persona"), fields(), create).open(context.interaction)


def fields() -> list[Field]:
    """The questions of the form, in the current language."""
    return [
        Field("name", _("Name"), _("What characters call you"), longest=80),
        Field(
            "description",
            _("Description"),
            _("What characters know about you: looks, personality, history"),
            long=True,
            required=False,
        ),
    ]


async def create(context: CommandContext, values: dict[str, str]) -> None:
    stored = await context.services.personas.new(context.actor, values)
    name = stored.persona.display_name
    current = await context.services.personas.current(context.place, context.actor.id)
    await context.say(
        _("You're now **{name}**.", name=name)
        if current is not None and current.id == stored.id
        else _("**{name}** is ready. Speak as them with `/persona use`.", name=name)
    )


@command()
@app_commands.autocomplete(persona=personas)
async def use(
    context: CommandContext,
    persona: str | None = None,
    where: Literal["here", "server", "everywhere"] = "everywhere",
) -> None:
    """Speak as one of your personas.

    Parameters
    ----------
    persona: str
        Which persona; leave empty or type “-” to be yourself
    where: Literal
        In this channel, this server or everywhere
    """
    service, (scope, said) = context.services.personas, SCOPES[where]
    is_named = persona is not None and persona.strip() not in ("", "-")
    found = await service.find(context.actor, persona or "") if is_named else None
    await service.use(context.actor, context.place, found.id if found else None, scope)
    if found is None:
        await context.say(_("You're now speaking as yourself."))
    else:
        await context.say(_(said, name=found.persona.display_name))


@command()
@app_commands.autocomplete(persona=personas)
async def position(
    context: CommandContext,
    persona: str,
    where: Literal["in the prompt", "above the note", "below the note", "in the chat", "nowhere"],
    depth: app_commands.Range[int, 0, 1000] | None = None,
    role: Literal["system", "user", "assistant"] | None = None,
) -> None:
    """Choose where your persona's description goes in prompts.

    Parameters
    ----------
    persona: str
        Which of your personas
    where: Literal
        Where the description goes
    depth: int
        In the chat: how many messages come after it
    role: Literal
        In the chat: who it's from
    """
    found = await context.services.personas.find(context.actor, persona)
    given = {"position": PLACES[where], "depth": depth, "role": role}
    changes = {name: value for name, value in given.items() if value is not None}
    changed = await context.services.personas.edit(context.actor, found.id, changes)
    text = _("**{name}**'s description now goes {where}.")
    await context.say(text.format(name=changed.persona.display_name, where=_(where)))


@command(defers=False)
@app_commands.autocomplete(persona=personas)
async def edit(context: CommandContext, persona: str) -> None:
    """Edit one of your personas.

    Parameters
    ----------
    persona: str
        Which persona
    """
    found = await context.services.personas.find(context.actor, persona)

    async def change(context: CommandContext, values: dict[str, str]) -> None:
        changed = await context.services.personas.edit(context.actor, found.id, values)
        await context.say(_("Saved your changes to **{name}**.", name=changed.persona.display_name))

    filled = [field.filled(str(getattr(found.persona, field.key))) for field in fields()]
    title = _("Edit {name}", name=found.persona.display_name)
    await Form(title, filled, change).open(context.interaction)


@command()
@app_commands.autocomplete(persona=personas)
async def delete(context: CommandContext, persona: str) -> None:
    """Delete one of your personas.

    Parameters
    ----------
    persona: str
        Which persona
    """
    found = await context.services.personas.find(context.actor, persona)
    name = found.persona.display_name
    question = _(
        "Delete **{name}**? You can't undo this. Messages you sent under this name stay.", name=name
    )
    if await confirmed(context, question, _("Delete")):
        await context.services.personas.delete(context.actor, found.id)
        await context.say(_("**{name}** has been deleted.", name=name))


@command()
async def list_(context: CommandContext) -> None:
    """Show your personas."""
    found = await context.services.personas.list(context.actor)
    if not found:
        await context.say(_("You don't have a persona yet. Create one with `/persona new`."))
        return
    current = await context.services.personas.current(context.place, context.actor.id)
    lines = []
    for entry in found:
        mark = " ✓" if current is not None and current.id == entry.id else ""
        text = shortened(entry.persona.description.replace("\n", " "), 100)
        lines.append(f"- **{entry.persona.display_name}**{mark}" + (f" — {text}" if text else ""))
    await pages(context, _("Your personas"), lines)
