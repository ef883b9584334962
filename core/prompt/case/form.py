"""The types of a case file's parts, so that a wrong one ends in a sentence that names its place."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Whole = Annotated[int, Field(ge=-(10**9), le=10**9)]
Object = dict[str, Any]


class _Form(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)


class _Persona(_Form):
    description: str
    position: Whole
    depth: Whole
    role: Whole
    lorebook: str | None = None


class _Note(_Form):
    text: str
    frequency: Whole
    position: Whole
    depth: Whole
    role: Whole
    allow_wi_scan: bool


class _Scan(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    depth: Whole
    min_activations: Whole
    min_activations_depth_max: Whole
    budget_percent: Annotated[float, Field(ge=0, le=10**9)]
    budget_cap: Whole
    include_names: bool
    recursive: bool
    case_sensitive: bool
    match_whole_words: bool
    character_strategy: Whole
    use_group_scoring: bool
    max_recursion_steps: Whole


class _Settings(_Form):
    api: str
    type: str
    max_context: Whole
    max_response: Whole
    token_padding: Whole
    chat_model: str
    user_name: str
    typed: str
    quiet_prompt: str
    always_force_name2: bool
    collapse_newlines: bool
    pin_examples: bool
    strip_examples: bool
    single_line: bool
    trim_sentences: bool
    prefer_character_prompt: bool
    prefer_character_jailbreak: bool
    custom_stopping_strings: str
    custom_stopping_strings_macro: bool
    user_prompt_bias: str
    instruct_enabled: bool
    persona: _Persona
    authors_note: _Note
    world_info: _Scan


class _Message(_Form):
    name: str | None = None
    mes: str | None = None
    extra: Object | None = None
    swipe_id: Whole | None = None
    swipes: list[Any] | None = None


class _Group(_Form):
    members: list[str]
    speaker: str
    name: str | None = None
    disabled_members: list[str] | None = None
    generation_mode: Whole | None = None
    join_prefix: str | None = None
    join_suffix: str | None = None


class _Book(_Form):
    entries: Object | list[Any] | None = None


class _World(_Form):
    books: dict[str, _Book] | None = None
    shared: list[str] | None = Field(None, alias="global")
    chat: str | None = None
    character_extra: list[str] | None = None


class _Effect(_Form):
    uid: Whole
    start: Whole
    end: Whole


class _Timed(_Form):
    sticky: list[_Effect] | None = None
    cooldown: list[_Effect] | None = None


class _Metadata(_Form):
    scenario: str | None = None
    mes_example: str | None = None
    system_prompt: str | None = None
    chat_id_hash: int | None = None
    pick_reroll_seed: str | int | None = None


class _Counted(_Form):
    message: dict[str, str]
    count: Whole


class _Expected(_Form):
    token_counts: dict[str, Whole] | list[_Counted] | None = None


class _Case(_Expected):
    settings: _Settings
    characters: Annotated[list[Object], Field(min_length=1)]
    context: Object | None = None
    instruct: Object | None = None
    sysprompt: Object | None = None
    chat_preset: Object | None = None
    history: list[_Message] | None = None
    group: _Group | None = None
    world_info: _World | None = None
    timed: _Timed | None = None
    chat_metadata: _Metadata | None = None
    expected: _Expected | None = None


def check_case(case: Object) -> None:
    """Raises ValueError for a part of the wrong type."""
    try:
        _Case.model_validate(case)
    except ValidationError as error:
        raise ValueError(sentence(error)) from None


def sentence(error: ValidationError) -> str:
    """The first fault: where it is and what is wrong."""
    first = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    return f"{place}: {first['msg']}" if place else first["msg"]
