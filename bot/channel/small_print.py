"""The small print of a reply: why nothing comes yet, and what stands under its words."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from yarl import URL

from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from bot.wording.errors import duration
from core.backends.types import Note, NoteCode, Wait, WaitReason
from core.prompt.context import GivesWay

MARK = "-# ⏳ "
"""Every message that stands in for words to come begins with this."""


MOST_LINKS = 10
MOST_THOUGHTS = 800
_LONGEST_LINK = 200

_WAITS: Mapping[WaitReason, str] = {
    WaitReason.QUEUE: N_("Waiting in line for the model"),
    WaitReason.LOADING: N_("Loading the model"),
    WaitReason.TOKENIZER: N_("Downloading the tokenizer {name} (only this once)"),
    WaitReason.RATE_LIMIT: N_("The model's server asked us to wait"),
    WaitReason.OVERLOAD: N_("The model's server is busy"),
}


_NOTES: Mapping[NoteCode, str] = {
    NoteCode.FALLBACK: N_("↪ {fact} answered because the usual model isn't available."),
    NoteCode.DROPPED: N_("This model doesn't support `{fact}`, so it wasn't sent."),
    NoteCode.PREFILL_REFUSED: N_(
        "This model always begins anew, so it's told in words where to go on."
    ),
    NoteCode.FILTER: N_("⚠ {where} ended this reply: “{fact}”."),
    NoteCode.WORKER: N_("Written by the worker {fact}."),
    NoteCode.WORKER_CONTEXT: N_(
        "The workers can only read {fact} tokens, so a shorter prompt was sent."
    ),
    NoteCode.WORKER_REPLY: N_(
        "The workers can only write {fact} tokens, so the reply may end early."
    ),
    NoteCode.KUDOS: N_("Cost: {fact} kudos."),
    NoteCode.SLOW: N_(
        "🐢 The last three replies were very slow (under two tokens a second). The graphics card "
        "may have run out of memory. Try fewer layers, a smaller context or a smaller "
        "quantisation. More in `/connect help`."
    ),
    NoteCode.SCRIPT_STOPPED: N_(
        "The regex script “{fact}” took too long and was stopped. See `/format regex list`."
    ),
    NoteCode.IMAGES: N_("🖼 This model can't see pictures, so it only got their file names."),
    NoteCode.LEFT_OUT: N_("✂ No room in the context for: {fact}."),
    NoteCode.FILE_CUT: N_("✂ Only the beginning of “{fact}” was read."),
    NoteCode.FILE_TOO_LARGE: N_("✂ “{fact}” is too large, so only its name was read."),
}
_PARTS: Mapping[GivesWay, str] = {
    GivesWay.EXAMPLES: N_("example dialogues"),
    GivesWay.LORE: N_("some lore"),
    GivesWay.SCENARIO: N_("the scenario"),
    GivesWay.PERSONALITY: N_("the personality"),
    GivesWay.PERSONA: N_("the persona"),
    GivesWay.NOTE: N_("the author's note"),
    GivesWay.DESCRIPTION: N_("the end of the description"),
    GivesWay.MESSAGE: N_("the middle of a long message"),
}


def waiting_line(wait: Wait) -> str:
    """One line for a reply that has to wait; it is replaced by the first words."""
    text = _(_WAITS[wait.reason], name=wait.tokenizer)
    if wait.reason is WaitReason.QUEUE and wait.position == 0:
        text = _("The model is writing")
    elif wait.reason is WaitReason.QUEUE and wait.position is not None:
        text = _("Waiting for the model, number {position} in line", position=wait.position)
    if wait.reason is WaitReason.TOKENIZER:
        return f"{MARK}{text}: {wait.percent or 0} %"
    if wait.seconds:
        about = _("about {time}", time=duration(wait.seconds))
        return f"{MARK}{text} ({about})"
    return f"{MARK}{text}…"


def note_lines(
    notes: Sequence[Note], citations: Sequence[str] = (), thoughts: str = ""
) -> list[str]:
    """One line per note, one with the sources as links, the thoughts hidden."""
    lines = []
    if thoughts:
        lines.append(f"💭 ||{shortened(' '.join(_plain(thoughts).split()), MOST_THOUGHTS)}||")
    lines += [_note_line(note) for note in notes]
    if links := link_line(citations):
        lines.append(links)
    return lines


def _note_line(note: Note) -> str:
    text = _NOTES[note.code]
    if note.code is NoteCode.FILTER and not note.fact:
        text = N_("⚠ {where} ended this reply.")
    where = _plain(note.where) or _("The provider")
    return _(text, fact=_fact(note), where=where)


def parts_text(parts: Iterable[GivesWay]) -> str:
    """What had no room, in words."""
    return ", ".join(_(_PARTS[part]) for part in parts)


def _fact(note: Note) -> str:
    if note.code is NoteCode.LEFT_OUT:
        return parts_text(map(GivesWay, note.fact.split()))
    return shortened(_plain(note.fact), 200)


def link_line(citations: Sequence[str]) -> str:
    """The sources as numbered links; what is no web address is left out."""
    links = []
    for number, text in enumerate(citations[:MOST_LINKS], 1):
        with suppress(ValueError):
            url = URL(text)
            if url.scheme in ("http", "https") and url.host and len(str(url)) <= _LONGEST_LINK:
                address = str(url).replace("(", "%28").replace(")", "%29").replace(">", "%3E")
                links.append(f"[{number}](<{address}>)")
    return _("Sources: {links}", links=" ".join(links)) if links else ""


def _plain(text: str) -> str:
    shown = (sign for sign in text if sign not in "`*_~|<>@[]")
    return "".join(sign if sign.isprintable() else " " for sign in shown)
