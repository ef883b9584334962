"""`/connect help`"""

from typing import Literal

from discord import app_commands

from bot.command_context import Interaction, command_context
from bot.views.help_topics import TOPICS, topic_text


@app_commands.command()
async def help(
    interaction: Interaction,
    topic: Literal["start", "files", "speed", "models", "memory", "tabby", "docker", "keys"],
) -> None:
    """Learn how to run and connect models.

    Parameters
    ----------
    topic: Literal
        Which topic
    """
    context = await command_context(interaction)
    await context.say(topic_text(TOPICS[topic]))
