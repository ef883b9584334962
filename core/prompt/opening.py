"""The first step of a build: typed input, card, first message, all before anything is placed."""

from dataclasses import replace

from core.kind import Kind
from core.macros.javascript import trim
from core.prompt.card import CardReader, card_fields
from core.prompt.context import Context, Line, Purpose
from core.prompt.dialogue import example_formatter
from core.prompt.draft import Draft
from core.prompt.guard import Guard
from core.prompt.macro_values import macros_of


def open_draft(context: Context) -> Draft:
    """The draft of a reply's prompt."""
    guard = Guard(context)
    chat = list(context.history)
    macros = macros_of(context, guard, chat)
    draft = Draft(context, guard, macros, chat=chat)
    typed = _typed(context)
    draft.learn(card=lambda: CardReader(context, macros), format_examples=example_formatter(draft))
    draft.quiet = macros.expand(context.quiet_prompt)
    if context.purpose is Purpose.REGENERATE and chat and not chat[-1].is_user:
        chat.pop()
    if context.purpose not in (Purpose.IMPERSONATE, Purpose.CONTINUE):
        draft.reply_start = macros.expand(context.formatting.reply_start)
    if typed:
        text = typed if guard.active else macros.expand(typed)
        chat.append(Line(context.user_name, text, is_user=True))
    draft.fields = card_fields(context, macros)
    if chat and (chat[0].trusted or not guard.active):
        chat[0] = replace(chat[0], text=draft.expand(chat[0].text))
    draft.core = [line for line in chat if not line.hidden]
    if context.purpose is Purpose.SWIPE and draft.core:
        draft.core.pop()
    return draft


def _typed(context: Context) -> str:
    """The new message of the person, where this kind of reply takes one."""
    if context.purpose not in (Purpose.NORMAL, Purpose.CONTINUE):
        return ""
    return context.typed or _empty_input(context)


def _empty_input(context: Context) -> str:
    """What a chat preset says in the person's place; in the bot only where they said nothing."""
    if context.kind is not Kind.CHAT or context.purpose is not Purpose.NORMAL:
        return ""
    has_spoken = context.guarded and bool(context.history) and context.history[-1].is_user
    return "" if has_spoken else trim(context.chat_preset.send_if_empty)
