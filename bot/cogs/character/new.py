from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.cards import arrived
from bot.views.forms import Field, Form
from core.characters.character import Character


@command(defers=False)
async def new(context: CommandContext) -> None:
    """Create a new character."""
    form = Form(_("New character"), FIELDS(), create)
    await form.open(context.interaction)


def FIELDS() -> list[Field]:
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
    """Stores what was written."""
    card = Character.read({"spec": "chara_card_v2", "spec_version": "2.0", "data": values})[0]
    stored = await context.services.characters.create(context.actor, context.place, card)
    await context.say(arrived(stored.character))
