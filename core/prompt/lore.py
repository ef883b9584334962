"""Runs the lorebook scan for one prompt."""

from collections.abc import Callable, Sequence

from core.lorebook import Drop, ExtraTexts, Lorebook, Rule, ScanInput, ScanLine, ScanResult
from core.lorebook.scan import scan
from core.lorebook.scan_types import in_places
from core.macros.seeded_random import SeededRandom
from core.patterns.matcher import Matcher, MatchResult
from core.patterns.pattern import Pattern
from core.prompt.notes import scanned_texts
from core.prompt.prompt_build import PromptBuild

MAX_SCAN_DEPTH = 1_000
"""Messages a scan looks at; older ones only count."""

_UNSEEN = ScanLine("", "")


def find_lore(build: PromptBuild, count: Callable[[str], int]) -> ScanResult:
    """The lore of this reply. Raises NeedCounts."""
    context = build.context
    lore, card = context.lore, build.card
    sources = lore.sources
    if not (sources.chat or sources.persona or sources.character or sources.shared):
        return ScanResult(timed=lore.timed)
    unseen = max(0, len(build.sent) - _reach(build))
    seen = tuple(ScanLine(message.name, message.text) for message in build.sent[unseen:])
    found = scan(
        ScanInput(
            sources=sources,
            # Messages out of reach are there for their number only.
            lines=(_UNSEEN,) * unseen + seen,
            prompt_budget=context.budget,
            settings=lore.settings,
            card=ExtraTexts(
                persona=card.persona,
                description=card.description,
                personality=card.personality,
                depth_prompt=card.depth_prompt,
                scenario=card.scenario,
                creator_notes=card.creator_notes,
            ),
            injections=tuple(build.expand(one.text) for one in scanned_texts(build)),
            trigger=str(context.purpose),
            character_file=lore.character_file or context.character.name,
            character_tags=lore.character_tags,
            timed=lore.timed,
            substitute=build.macros.expand,
        ),
        count,
        context.matcher or _NoMatcher(),
        SeededRandom(f"lore-{context.seeds.reply}"),
    )
    most = context.room.lore if context.room is not None else None
    return found if most is None else _foremost(found, most)


def _foremost(found: ScanResult, most: int) -> ScanResult:
    """The entries of the highest order; the others are held back for want of room."""
    ranked = sorted(found.activated, key=lambda one: -one.entry.order)
    kept = {(one.book, one.entry.uid) for one in ranked[:most]}
    left = [one for one in found.activated if (one.book, one.entry.uid) not in kept]
    # What has no place is found anew.
    known = [one for one in found.dropped if one.rule not in (Rule.EMPTY, Rule.NO_OUTLET)]
    return in_places(
        tuple(one for one in found.activated if (one.book, one.entry.uid) in kept),
        (*known, *(Drop(one.book, one.entry, Rule.BUDGET, one.key) for one in left)),
        timed=found.timed,
        stopped=found.stopped,
        budget=found.budget,
        is_over_budget=True,
        is_cut_short=found.is_cut_short,
    )


def _reach(build: PromptBuild) -> int:
    """How many messages, from the newest, any entry may ask for."""
    settings, sources = build.context.lore.settings, build.context.lore.sources
    if settings.min_activations > 0:
        return MAX_SCAN_DEPTH
    books: Sequence[Lorebook] = [
        active.book
        for group in (sources.chat, sources.persona, sources.character, sources.shared)
        for active in group
    ]
    own = max((entry.scan_depth or 0 for book in books for entry in book.entries), default=0)
    return min(max(own, settings.depth, 0), MAX_SCAN_DEPTH)


class _NoMatcher(Matcher):
    """Stands in where regex keys cannot be run: they match nothing."""

    def test(self, patterns: Sequence[Pattern], subject: str) -> list[MatchResult]:
        return [MatchResult.NO_MATCH for _ in patterns]
