"""Options as people set them, told in the prompt's own terms."""

from core.lorebook import ScanSettings, Strategy
from core.options.option import Resolved
from core.options.table import (
    ALWAYS_FORCE_NAME,
    COLLAPSE_NEWLINES,
    CUSTOM_STOP,
    EXAMPLE_DIALOGUES,
    EXAMPLES,
    GROUP_CARDS,
    LORE_BUDGET_CAP,
    LORE_BUDGET_PERCENT,
    LORE_CASE_SENSITIVE,
    LORE_DEPTH,
    LORE_GROUP_SCORING,
    LORE_INCLUDE_NAMES,
    LORE_MAX_RECURSION,
    LORE_MIN_ACTIVATIONS,
    LORE_MIN_ACTIVATIONS_DEPTH,
    LORE_RECURSIVE,
    LORE_STRATEGY,
    LORE_WHOLE_WORDS,
    MAIN_PROMPT,
    NOTE_DEPTH,
    NOTE_FREQUENCY,
    NOTE_POSITION,
    NOTE_ROLE,
    NOTE_SCAN,
    NOTE_TEXT,
    PREFER_CHARACTER_INSTRUCTIONS,
    PREFER_CHARACTER_PROMPT,
    REPLY_START,
    SCENARIO,
    SINGLE_LINE,
    TRIM_SENTENCES,
)
from core.presets.templates import (
    PromptRole,
)
from core.prompt.context import (
    AuthorsNote,
    Formatting,
    GroupMode,
    NotePosition,
    Overrides,
)

NOTE_PLACES = {
    "after": NotePosition.AFTER_STORY,
    "in-chat": NotePosition.IN_CHAT,
    "before": NotePosition.BEFORE_STORY,
}
NOTE_ROLES = {
    "system": PromptRole.SYSTEM,
    "user": PromptRole.USER,
    "assistant": PromptRole.ASSISTANT,
}
STRATEGIES = {
    "evenly": Strategy.EVENLY,
    "character-first": Strategy.CHARACTER_FIRST,
    "global-first": Strategy.GLOBAL_FIRST,
}
GROUP_MODES = {
    "swap": GroupMode.SWAP,
    "join": GroupMode.JOIN,
    "join-muted": GroupMode.JOIN_MUTED,
}


def formatting(options: Resolved) -> Formatting:
    """The switches outside of the templates."""
    stop: list[str] = options[CUSTOM_STOP]
    return Formatting(
        always_force_name=options[ALWAYS_FORCE_NAME],
        collapse_newlines=options[COLLAPSE_NEWLINES],
        pin_examples=options[EXAMPLES] == "always",
        strip_examples=options[EXAMPLES] == "never",
        single_line=options[SINGLE_LINE],
        trim_sentences=options[TRIM_SENTENCES],
        prefer_character_prompt=options[PREFER_CHARACTER_PROMPT],
        prefer_character_instructions=options[PREFER_CHARACTER_INSTRUCTIONS],
        reply_start=options[REPLY_START],
        custom_stop=tuple(stop),
    )


def authors_note(options: Resolved) -> AuthorsNote:
    return AuthorsNote(
        text=options[NOTE_TEXT],
        frequency=options[NOTE_FREQUENCY],
        position=NOTE_PLACES[options[NOTE_POSITION]],
        depth=options[NOTE_DEPTH],
        role=NOTE_ROLES[options[NOTE_ROLE]],
        scanned=options[NOTE_SCAN],
    )


def lore_settings(options: Resolved) -> ScanSettings:
    return ScanSettings(
        depth=options[LORE_DEPTH],
        min_activations=options[LORE_MIN_ACTIVATIONS],
        min_activations_depth_max=options[LORE_MIN_ACTIVATIONS_DEPTH],
        budget_percent=options[LORE_BUDGET_PERCENT],
        budget_cap=options[LORE_BUDGET_CAP],
        include_names=options[LORE_INCLUDE_NAMES],
        recursive=options[LORE_RECURSIVE],
        case_sensitive=options[LORE_CASE_SENSITIVE],
        match_whole_words=options[LORE_WHOLE_WORDS],
        strategy=STRATEGIES[options[LORE_STRATEGY]],
        use_group_scoring=options[LORE_GROUP_SCORING],
        max_recursion_steps=options[LORE_MAX_RECURSION],
    )


def overrides(options: Resolved) -> Overrides:
    """What this chat says instead of the card."""
    return Overrides(
        scenario=options[SCENARIO],
        examples=options[EXAMPLE_DIALOGUES],
        system_prompt=options[MAIN_PROMPT],
    )


def group_mode(options: Resolved) -> GroupMode:
    """Whose cards a group prompt holds."""
    return GROUP_MODES[options[GROUP_CARDS]]
