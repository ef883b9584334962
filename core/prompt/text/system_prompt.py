"""System prompt and post-history instructions of a text prompt: the card's or the preset's."""

from core.prompt.card import finish_field
from core.prompt.draft import Draft


def system_prompt(draft: Draft) -> str:
    """The card's system prompt where it is preferred, else the preset's."""
    system, macros = draft.context.system_prompt, draft.macros
    if not system.enabled:
        return ""
    own = draft.fields.system_prompt
    if own:
        text = macros.expand(own, original=system.content)
    else:
        text = finish_field(draft.context, macros)(system.content, None)
    if draft.context.instruct is not None:
        text = macros.expand(text, original=system.content)
    return text


def instructions(draft: Draft) -> str:
    """Post-history instructions, by the same rule."""
    system, macros = draft.context.system_prompt, draft.macros
    if not system.enabled:
        return ""
    own = draft.fields.instructions
    if own:
        text = macros.expand(own, original=system.post_history)
    else:
        text = finish_field(draft.context, macros)(system.post_history, None)
    return draft.guard.reveal(text)
