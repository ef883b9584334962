"""What a case file holds; what it leaves out is as in a fresh SillyTavern."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Whole = Annotated[int, Field(ge=-(10**9), le=10**9)]
Object = dict[str, Any]


class _CaseModel(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class CasePersona(_CaseModel):
    description: str = ""
    position: Whole = 0
    depth: Whole = 2
    role: Whole = 0
    lorebook: str | None = ""


class CaseNote(_CaseModel):
    text: str = ""
    frequency: Whole = 1
    position: Whole = 1
    depth: Whole = 4
    role: Whole = 0
    allow_wi_scan: bool = False


class CaseScan(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    depth: Whole = 2
    min_activations: Whole = 0
    min_activations_depth_max: Whole = 0
    budget_percent: Annotated[float, Field(ge=0, le=10**9)] = 25
    budget_cap: Whole = 0
    include_names: bool = True
    recursive: bool = True
    case_sensitive: bool = False
    match_whole_words: bool = True
    character_strategy: Whole = 1
    use_group_scoring: bool = False
    max_recursion_steps: Whole = 0


class CaseSettings(_CaseModel):
    """The settings, by SillyTavern's names."""

    api: str = "text"
    type: str = "normal"
    max_context: Whole = 8192
    max_response: Whole = 350
    token_padding: Whole = 64
    chat_model: str = "gpt-4o"
    user_name: str = "Tobin"
    typed: str = ""
    quiet_prompt: str = ""
    always_force_name2: bool = True
    collapse_newlines: bool = False
    pin_examples: bool = False
    strip_examples: bool = False
    single_line: bool = False
    trim_sentences: bool = False
    prefer_character_prompt: bool = True
    prefer_character_jailbreak: bool = True
    custom_stopping_strings: str = ""
    custom_stopping_strings_macro: bool = True
    user_prompt_bias: str = ""
    instruct_enabled: bool = False
    persona: CasePersona = Field(default_factory=CasePersona)
    authors_note: CaseNote = Field(default_factory=CaseNote)
    world_info: CaseScan = Field(default_factory=CaseScan)


class CaseMessage(_CaseModel):
    name: str | None = None
    mes: str | None = None
    is_user: Any = None
    is_system: Any = None
    force_avatar: Any = None
    extra: Object | None = None
    swipe_id: Whole | None = None
    swipes: list[Any] | None = None


class CaseGroup(_CaseModel):
    members: list[str]
    speaker: str
    name: str | None = None
    disabled_members: list[str] | None = None
    generation_mode: Whole | None = None
    join_prefix: str | None = None
    join_suffix: str | None = None


class CaseBook(BaseModel):
    """A lorebook as SillyTavern stores it."""

    model_config = ConfigDict(extra="allow", strict=True)

    entries: Object | list[Any] | None = None


class CaseWorld(_CaseModel):
    """The lorebooks by name, and where they are bound."""

    books: dict[str, CaseBook] | None = None
    shared: list[str] | None = Field(default=None, alias="global")
    chat: str | None = None
    character_extra: list[str] | None = None


class CaseTimer(_CaseModel):
    uid: Whole
    start: Whole
    end: Whole
    protected: Any = None


class CaseTimers(_CaseModel):
    sticky: list[CaseTimer] | None = None
    cooldown: list[CaseTimer] | None = None


class CaseMetadata(_CaseModel):
    """What the chat itself replaces."""

    scenario: str | None = None
    mes_example: str | None = None
    system_prompt: str | None = None
    chat_id_hash: int | None = None
    pick_reroll_seed: str | int | None = None


class CountedMessage(_CaseModel):
    """What a whole message of chat completion was counted as."""

    message: dict[str, str]
    count: Whole


class _Expected(_CaseModel):
    token_counts: dict[str, Whole] | list[CountedMessage] | None = None


class Case(_Expected):
    id: Any
    settings: CaseSettings
    characters: Annotated[list[Object], Field(min_length=1)]
    context: Object | None = None
    instruct: Object | None = None
    sysprompt: Object | None = None
    chat_preset: Object | None = None
    history: list[CaseMessage] | None = None
    group: CaseGroup | None = None
    world_info: CaseWorld | None = None
    timed: CaseTimers | None = None
    chat_metadata: CaseMetadata | None = None
    import_embedded_book: Any = None
    cold: Any = None
    """Nothing was built since the chat was opened."""
    expected: _Expected | None = None


def checked_case(case: Object) -> Case:
    """Raises ValueError for a part of the wrong type."""
    try:
        return Case.model_validate(case)
    except ValidationError as error:
        raise ValueError(sentence(error)) from None


def sentence(error: ValidationError) -> str:
    """The first fault: where it is and what is wrong."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place}: {first['msg']}" if place else first["msg"]
