"""The build without a request that SillyTavern does when a chat is opened, and what it leaves."""

from collections.abc import Sequence
from dataclasses import replace

from core.macros.variables import Variables, VariableScope, VariableWrite
from core.prompt.budget.fit import Count
from core.prompt.build import build_prompt
from core.prompt.context import Context, Purpose
from core.prompt.opening import open_draft


def after_dry_run(context: Context, count: Count) -> Context:
    """The context as the first real build finds it.

    What is left behind: variables, the first message with its macros resolved, the texts of
    outlets, and which messages were in the prompt. Raises as `build_prompt` does.
    """
    silent = context.chat_preset.model_copy(update={"send_if_empty": ""})
    dry = replace(
        context,
        purpose=Purpose.NORMAL,
        typed="",
        quiet_prompt="",
        chat_preset=silent,
        first_build=True,
    )
    prompt = build_prompt(dry, count)
    first = open_draft(dry).chat[:1]
    return replace(
        context,
        history=[*first, *context.history[1:]],
        variables=_written(context.variables, prompt.effects),
        outlets=prompt.lore.outlets if prompt.lore else {},
        first_included=prompt.report.first_included,
    )


def _written(variables: Variables, writes: Sequence[VariableWrite]) -> Variables:
    local, shared = dict(variables.local), dict(variables.shared)
    for write in writes:
        stored = local if write.scope is VariableScope.LOCAL else shared
        if write.value is None:
            stored.pop(write.name, None)
        else:
            stored[write.name] = write.value
    return Variables(local, shared)
