"""Stop strings, in SillyTavern's order."""

from core.prompt.context import Purpose
from core.prompt.draft import Draft
from core.prompt.text.instruct import Instruct


def stop_strings(draft: Draft, instruct: Instruct | None) -> tuple[str, ...]:
    """All stop strings of a text prompt, empty ones and repetitions left out."""
    template = draft.context.context_template
    stops: list[str] = ["\n"] if draft.context.formatting.single_line else []
    if template.names_as_stop_strings:
        stops += _names(draft)
    if instruct is not None:
        stops += instruct.stop_sequences()
    if template.use_stop_strings:
        for marker in (template.chat_start, template.example_separator):
            if marker:
                stops.append("\n" + draft.expand(marker))
    stops += custom_stops(draft)
    return tuple(dict.fromkeys(stop for stop in stops if stop))


def custom_stops(draft: Draft) -> list[str]:
    """The person's own stop strings."""
    formatting = draft.context.formatting
    own = [stop for stop in formatting.custom_stop if stop]
    return [draft.expand(stop) for stop in own] if formatting.custom_stop_macros else own


def _names(draft: Draft) -> list[str]:
    context = draft.context
    user, char = f"\n{draft.user}:", f"\n{draft.char}:"
    names = [char if context.purpose is Purpose.IMPERSONATE else user, user]
    if draft.continues and draft.chat and draft.chat[-1].is_user:
        names.append(char)
    others = context.group.names(without=draft.char) if context.group else ()
    return names + [f"\n{name}:" for name in others]
