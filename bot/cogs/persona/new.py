"""`/persona new`"""

from discord import app_commands

from bot.cogs._context import Here, Interaction, at
from bot.i18n import _
from bot.views.forms import Field, Form


@app_commands.command()
async def new(interaction: Interaction) -> None:
    """Describe who you are in the story."""
    form = Form(_("New persona"), fields(), create)
    await interaction.response.send_modal(form.on(at(interaction)))


def fields() -> list[Field]:
    """The questions of the form, in the current language."""
    return [
        Field("name", _("Name"), _("What characters call you"), longest=80),
        Field(
            "description",
            _("Description"),
            _("What characters know of you: looks, manner, history"),
            long=True,
            required=False,
        ),
    ]


async def create(here: Here, values: dict[str, str]) -> None:
    """Stores what was written."""
    stored = await here.services.personas.new(here.actor, values)
    name = stored.persona.display_name
    current = await here.services.personas.current(here.place, here.actor.id)
    if current is not None and current.id == stored.id:
        await here.say(_("You are **{name}** from now on.", name=name))
    else:
        await here.say(_("**{name}** is ready. `/persona use` makes you speak as them.", name=name))
