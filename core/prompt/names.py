"""The names that macros and stop strings work with."""

from dataclasses import replace

from core.macros.environment import Names
from core.prompt.context import Context, Group


def names_of(context: Context, user: str) -> Names:
    """Who is who in this reply; `user` is the person's name as it may be shown."""
    char = context.character.name
    if context.group is None:
        return Names(user, char, char, char, user)
    return Names(
        user,
        char,
        _joined(context.group, muted=True),
        _joined(context.group, muted=False),
        # SillyTavern leaves the user out here, although alone it is the user.
        _joined(context.group, muted=False, without=char),
    )


def named_after(names: Names, group: Group, char: str) -> Names:
    """The names as another member of the group would have them."""
    return replace(names, char=char, not_char=_joined(group, muted=False, without=char))


def member_names(group: Group | None) -> list[str]:
    """All members of a group in order; none outside of groups."""
    return [member.character.name for member in group.members] if group else []


def _joined(group: Group, muted: bool, without: str | None = None) -> str:
    shown = (member for member in group.members if muted or not member.muted)
    return ", ".join(m.character.name for m in shown if m.character.name != without)
