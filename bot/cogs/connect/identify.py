from discord import app_commands

from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import _
from bot.views.model import verdict_lines
from core.detect import identify as verdict_on
from core.detect import propose


@command()
async def identify(context: CommandContext, name: app_commands.Range[str, 1, 200]) -> None:
    """Find out what a model file is, just from its name.

    Parameters
    ----------
    name: str
        For example mythomax-l2-13b.Q5_K_M.gguf
    """
    servers = {spec.id: spec.name for spec in context.engine.models.pool.catalog}
    lines = verdict_lines(verdict_on(name), servers)
    found = propose(name)
    if found is not None:
        lines.append(_("Matching templates: **{name}**", name=found.instruct))
    await context.say("\n".join(lines))
