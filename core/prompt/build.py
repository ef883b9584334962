"""Builds one prompt, top to bottom."""

from dataclasses import replace

from core.kind import Kind
from core.macros.javascript import trim
from core.prompt.budget.window import Count, WindowPolicy
from core.prompt.card import CardReader
from core.prompt.chat.chat_prompt import chat_prompt, lore_count
from core.prompt.context import Context, HistoryMessage, Purpose
from core.prompt.examples import example_formatter, finished_examples
from core.prompt.guard import Guard
from core.prompt.lore import find_lore
from core.prompt.notes import place_notes
from core.prompt.prompt import Prompt
from core.prompt.prompt_build import PromptBuild, macros_of
from core.prompt.scripts import rewritten_history, rewritten_lore
from core.prompt.text.text_prompt import text_prompt


def build_prompt(context: Context, count: Count, policy: WindowPolicy | None = None) -> Prompt:
    """The prompt of one reply: pure, in the order of work of SillyTavern.

    Raises NeedCounts, and InvalidTemplate for an unguarded context's broken story string.
    """
    build = start_build(context)
    build.sent = rewritten_history(build)
    found = rewritten_lore(build, find_lore(build, lore_count(build, count)))
    lore = finished_examples(build, found)
    place_notes(build, lore)
    build.learn(outlets=lore.outlets)
    if context.kind is Kind.TEXT:
        prompt = text_prompt(build, lore, count, policy)
    else:
        prompt = chat_prompt(build, lore, count)
    return replace(
        prompt,
        lore=lore,
        notes=tuple(build.notes),
        timed_after=lore.timed,
        effects=build.macros.effects,
        is_shortened=any(len(one.text) > build.guard.longest for one in build.kept),
    )


def start_build(context: Context) -> PromptBuild:
    """The first step: typed input, card, first message, all before anything is placed."""
    guard = Guard(context)
    chat = list(context.history)
    macros = macros_of(context, guard, chat)
    build = PromptBuild(context, guard, macros, CardReader(context, macros), chat)
    typed = _typed(context)
    build.learn(card=lambda: CardReader(context, macros), format_examples=example_formatter(build))
    build.quiet = macros.expand(context.quiet_prompt)
    if context.purpose is Purpose.REGENERATE and chat and not chat[-1].is_user:
        chat.pop()
    if context.purpose not in (Purpose.IMPERSONATE, Purpose.CONTINUE):
        build.reply_start = macros.expand(context.formatting.reply_start)
    if typed:
        text = typed if guard.active else macros.expand(typed)
        chat.append(HistoryMessage(context.user_name, text, is_user=True))
        build.filler = None if context.typed else chat[-1]
    build.card.resolve()
    if chat and (chat[0].trusted or not guard.active):
        chat[0] = replace(chat[0], text=build.expand(chat[0].text))
    build.sent = [message for message in chat if not message.hidden]
    if context.purpose is Purpose.SWIPE and build.sent:
        build.sent.pop()
    return build


def _typed(context: Context) -> str:
    """The new message of the person, or what a chat preset says in the person's place.

    In the bot the preset speaks only where the person said nothing.
    """
    if context.typed or context.kind is not Kind.CHAT or context.purpose is not Purpose.NORMAL:
        takes_one = context.purpose in (Purpose.NORMAL, Purpose.CONTINUE)
        return context.typed if takes_one else ""
    has_spoken = context.guarded and bool(context.history) and context.history[-1].is_user
    return "" if has_spoken else trim(context.chat_preset.send_if_empty)
