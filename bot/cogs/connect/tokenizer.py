"""`/connect tokenizer`"""

from discord import app_commands

from bot.cogs._autocomplete import tokenizers
from bot.cogs._format import choose_tokenizer
from bot.command_context import Interaction, command_context


@app_commands.command()
@app_commands.rename(name="set")
@app_commands.autocomplete(name=tokenizers)
async def tokenizer(interaction: Interaction, name: app_commands.Range[str, 1, 80]) -> None:
    """Choose what counts tokens here (text completion).

    Parameters
    ----------
    name: str
        A tokenizer; best-match takes the choice back
    """
    context = await command_context(interaction)
    await context.say(await choose_tokenizer(context, name))
