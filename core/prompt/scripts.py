"""Regex scripts that rewrite only what is sent: the chat's messages and the lore."""

from collections.abc import Sequence
from dataclasses import replace

from core.lorebook import ScanResult
from core.lorebook.lorebook import Position
from core.lorebook.scan_types import Activation, Rule, in_places
from core.prompt.card import CardReader
from core.prompt.context import Context, HistoryMessage
from core.prompt.examples import example_formatter
from core.prompt.guard import Guard
from core.prompt.prompt_build import PromptBuild, macros_of
from core.regex_scripts.run import PromptMacros, ScriptRunner
from core.regex_scripts.script import Placement, RegexScript, Target


def rewritten_history(build: PromptBuild) -> list[HistoryMessage]:
    """What may be sent of the chat, as scripts leave it.

    Depth counts from the newest message, which is 0; a message that is to be continued is -1.
    """
    sent, scripts = build.sent, _scripts(build, Placement.USER_INPUT, Placement.AI_OUTPUT)
    if not scripts:
        return sent
    runner = _runner(build)
    texts = [message.text for message in sent]
    newest = len(sent) - (2 if build.continues else 1)
    for script in scripts:
        chosen = [
            index
            for index, message in enumerate(sent)
            if script.is_for(placement_of(message), Target.PROMPT, depth=newest - index)
        ]
        made = runner.run_on(script, [texts[index] for index in chosen])
        for index, text in zip(chosen, made, strict=True):
            texts[index] = text
    made_of_each = [
        message if text == message.text else replace(message, text=text)
        for message, text in zip(sent, texts, strict=True)
    ]
    for before, after in zip(sent, made_of_each, strict=True):
        if before is build.filler:
            build.filler = after
    return made_of_each


def rewritten_lore(build: PromptBuild, lore: ScanResult) -> ScanResult:
    """The lore as scripts leave it; limits of depth count for entries at a depth only."""
    scripts = _scripts(build, Placement.WORLD_INFO)
    if not scripts or not lore.activated:
        return lore
    runner = _runner(build)
    placeless = (Rule.EMPTY, Rule.NO_OUTLET)
    return in_places(
        tuple(_rewritten(one, scripts, runner) for one in lore.activated),
        tuple(drop for drop in lore.dropped if drop.rule not in placeless),
        timed=lore.timed,
        stopped=lore.stopped,
        budget=lore.budget,
        is_over_budget=lore.is_over_budget,
        is_cut_short=lore.is_cut_short,
    )


def script_macros(context: Context) -> PromptMacros:
    """What macros give in scripts that run outside of a prompt, on a reply of this context."""
    guard, chat = Guard(context), list(context.history)
    macros = macros_of(context, guard, chat)
    build = PromptBuild(context, guard, macros, CardReader(context, macros), chat)
    build.learn(card=lambda: CardReader(context, macros), format_examples=example_formatter(build))
    return PromptMacros(macros)


def placement_of(message: HistoryMessage) -> Placement:
    return Placement.USER_INPUT if message.is_user else Placement.AI_OUTPUT


def _rewritten(one: Activation, scripts: Sequence[RegexScript], runner: ScriptRunner) -> Activation:
    depth = one.entry.depth if one.entry.position is Position.AT_DEPTH else None
    fitting = [
        script
        for script in scripts
        if script.is_for(Placement.WORLD_INFO, Target.PROMPT, depth=depth)
    ]
    return replace(one, content=runner.run(fitting, one.content))


def _scripts(build: PromptBuild, *placements: Placement) -> list[RegexScript]:
    """Those that rewrite prompts and are for one of these texts."""
    given = build.context.scripts
    return [
        script
        for script in (given.scripts if given else ())
        if any(script.is_for(placement, Target.PROMPT) for placement in placements)
    ]


def _runner(build: PromptBuild) -> ScriptRunner:
    assert build.context.scripts is not None
    return build.context.scripts.runner(PromptMacros(build.macros))
