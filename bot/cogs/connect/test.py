"""`/connect test`"""

from discord import app_commands

from bot.cogs._here import Interaction, here
from bot.errors import explain
from bot.i18n import _
from bot.names import shortened


@app_commands.command()
async def test(
    interaction: Interaction, say: app_commands.Range[str, 1, 200] | None = None
) -> None:
    """Ask the model that answers here for a few words, and time it.

    Parameters
    ----------
    say: str
        What to ask
    """
    place = await here(interaction)
    trial = await place.engine.trial(place.place, say or _("Say hello in one short sentence."))
    if trial.error is not None:
        await place.say(f"⚠ {explain(trial.error)}")
        return
    lines = [
        _("**{name}** answers:", name=trial.name),
        f">>> {shortened(trial.text, 1500)}",
    ]
    await place.say("\n".join(lines))
    figures = _(
        "First word after {first} s, {rate} tokens a second.",
        first=f"{trial.first_text:.2f}",
        rate=f"{trial.rate:.1f}",
    )
    await place.say(f"-# {figures}")
