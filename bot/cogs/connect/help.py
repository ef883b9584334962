from typing import Literal

from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.views.help_topics import TOPICS, topic_text


@command()
async def help(
    context: CommandContext,
    topic: Literal["start", "files", "speed", "models", "memory", "tabby", "docker", "keys"],
) -> None:
    """Learn how to run and connect models.

    Parameters
    ----------
    topic: Literal
        Which topic
    """
    await context.say(topic_text(TOPICS[topic]))
