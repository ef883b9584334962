from discord import app_commands

from bot.cogs._autocomplete import characters
from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.views.cards import character_embed


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
    embed, files = await character_embed(context.services, found)
    await context.say(embed=embed, files=files)
