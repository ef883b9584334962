"""Runs the lorebook scan for one prompt."""

from collections.abc import Callable, Sequence

from core.lorebook import ExtraTexts, Lorebook, ScanInput, ScanLine, ScanResult
from core.lorebook.scan import scan
from core.macros.seeded_random import SeededRandom
from core.patterns.matcher import Matcher, MatchResult
from core.patterns.pattern import Pattern
from core.prompt.context import Line
from core.prompt.draft import Draft
from core.prompt.notes import note_fires, scanned_texts

MAX_SCAN_DEPTH = 1_000
"""Messages a scan looks at; older ones only count."""

_UNSEEN = ScanLine("", "")


def find_lore(draft: Draft, count: Callable[[str], int]) -> ScanResult:
    """The lore of this reply. Raises NeedCounts."""
    context = draft.context
    lore, fields = context.lore, draft.fields
    sources = lore.sources
    if not (sources.chat or sources.persona or sources.character or sources.shared):
        return ScanResult(timed=lore.timed)
    depth = _reach(draft)
    return scan(
        ScanInput(
            sources=sources,
            lines=_lines(draft.core, depth),
            prompt_budget=context.budget,
            settings=lore.settings,
            card=ExtraTexts(
                persona=fields.persona,
                description=fields.description,
                personality=fields.personality,
                depth_prompt=fields.depth_prompt,
                scenario=fields.scenario,
                creator_notes=fields.creator_notes,
            ),
            injections=tuple(draft.expand(one.text) for one in scanned_texts(draft, fires(draft))),
            trigger=str(context.purpose),
            character_file=lore.character_file or context.character.name,
            character_tags=lore.character_tags,
            timed=lore.timed,
            substitute=draft.macros.expand,
        ),
        count,
        context.matcher or _NoMatcher(),
        SeededRandom(f"lore-{context.dice.reply}"),
    )


def fires(draft: Draft) -> bool:
    """Whether the author's note is in this prompt."""
    note = draft.context.note
    # Usually it is in every prompt; then nothing has to be counted.
    return note.frequency == 1 or note_fires(note, sum(line.is_user for line in draft.chat))


def _reach(draft: Draft) -> int:
    """How many messages, from the newest, any entry may ask for."""
    settings, sources = draft.context.lore.settings, draft.context.lore.sources
    if settings.min_activations > 0:
        return MAX_SCAN_DEPTH
    books: Sequence[Lorebook] = [
        active.book
        for group in (sources.chat, sources.persona, sources.character, sources.shared)
        for active in group
    ]
    own = max((entry.scan_depth or 0 for book in books for entry in book.entries), default=0)
    return min(max(own, settings.depth, 0), MAX_SCAN_DEPTH)


def _lines(core: Sequence[Line], depth: int) -> tuple[ScanLine, ...]:
    """The chat for the scan; lines out of reach are there for their number only."""
    unseen = max(0, len(core) - depth)
    seen = tuple(ScanLine(line.name, line.text) for line in core[unseen:])
    return (_UNSEEN,) * unseen + seen


class _NoMatcher(Matcher):
    """Stands in where regex keys cannot be run: they match nothing."""

    def test(self, patterns: Sequence[Pattern], subject: str) -> list[MatchResult]:
        return [MatchResult.NO_MATCH for _ in patterns]
