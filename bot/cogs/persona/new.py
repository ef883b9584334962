from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.forms import Field, Form


@command(defers=False)
async def new(context: CommandContext) -> None:
    """Create a persona: who you are in the story."""
    form = Form(_("New persona"), fields(), create)
    await form.open(context.interaction)


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
    """Stores what was written."""
    stored = await context.services.personas.new(context.actor, values)
    name = stored.persona.display_name
    current = await context.services.personas.current(context.place, context.actor.id)
    if current is not None and current.id == stored.id:
        await context.say(_("You're now **{name}**.", name=name))
    else:
        await context.say(_("**{name}** is ready. Speak as them with `/persona use`.", name=name))
