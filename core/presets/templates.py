"""Context, instruct, system prompt and chat presets as people exchange them; unknown keys stay."""

from collections.abc import Mapping
from enum import Enum, IntEnum, StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

ACTIVE_ORDER = 100001
"""The `character_id` under which SillyTavern files the order of a chat preset."""


def _text(value: Any) -> Any:
    if value is None:
        return ""
    return str(value) if isinstance(value, bool | int | float) else value


def _number(value: Any) -> Any:
    return 0 if value is None or value == "" else value


Text = Annotated[str, BeforeValidator(_text)]
"""Text from a file where null and numbers occur."""
Number = Annotated[int, BeforeValidator(_number)]


def _known(kind: type[Enum], default: Enum) -> BeforeValidator:
    """Reads a value of `kind`, numbers as text too, and one that no version knows as the default.

    A boolean is no number here: it would count as 0 or 1.
    """

    def read(value: Any) -> Any:
        known = {str(one.value): one for one in kind}
        return default if isinstance(value, bool) else known.get(str(value).strip(), default)

    return BeforeValidator(read)


class StoryPosition(IntEnum):
    """Where the rendered story string goes."""

    IN_PROMPT = 0
    IN_CHAT = 1


class PromptRole(IntEnum):
    """Under which role a note, lore or a story string stands inside the chat."""

    SYSTEM = 0
    USER = 1
    ASSISTANT = 2

    @property
    def wire(self) -> str:
        """The role of a message on the wire."""
        return self.name.lower()


class NamesBehavior(StrEnum):
    """Whether an instruct turn begins with its speaker's name."""

    NONE = "none"
    FORCE = "force"
    ALWAYS = "always"


class ChatNames(IntEnum):
    """Where a chat message carries its speaker's name."""

    NONE = -1
    DEFAULT = 0
    COMPLETION = 1
    CONTENT = 2


class PresetDocument(BaseModel):
    """A document of people's own, whose other keys stay."""

    model_config = ConfigDict(extra="allow", frozen=True)


class _Nullable(PresetDocument):
    @model_validator(mode="before")
    @classmethod
    def _read_nulls_as_missing(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        return {key: value for key, value in data.items() if value is not None}


class _Template(_Nullable):
    name: Text = ""


class ContextTemplate(_Template):
    """How card, lore and chat are laid out in a text prompt."""

    story_string: Text = ""
    example_separator: Text = "***"
    chat_start: Text = "***"
    use_stop_strings: bool = True
    names_as_stop_strings: bool = True
    story_string_position: Annotated[
        StoryPosition, _known(StoryPosition, StoryPosition.IN_PROMPT)
    ] = StoryPosition.IN_PROMPT
    story_string_depth: Number = 1
    story_string_role: Annotated[PromptRole, _known(PromptRole, PromptRole.SYSTEM)] = (
        PromptRole.SYSTEM
    )


class InstructTemplate(_Template):
    """The markers around turns that a model was trained on."""

    input_sequence: Text = ""
    input_suffix: Text = ""
    output_sequence: Text = ""
    output_suffix: Text = ""
    system_sequence: Text = ""
    system_suffix: Text = ""
    first_input_sequence: Text = ""
    last_input_sequence: Text = ""
    first_output_sequence: Text = ""
    last_output_sequence: Text = ""
    last_system_sequence: Text = ""
    story_string_prefix: Text = ""
    story_string_suffix: Text = ""
    stop_sequence: Text = ""
    user_alignment_message: Text = ""
    wrap: bool = True
    macro: bool = True
    names_behavior: Annotated[NamesBehavior, _known(NamesBehavior, NamesBehavior.FORCE)] = (
        NamesBehavior.FORCE
    )
    skip_examples: bool = False
    system_same_as_user: bool = False
    sequences_as_stop_strings: bool = True
    activation_regex: Text = ""

    @model_validator(mode="before")
    @classmethod
    def _read_old_keys(cls, data: Any) -> Any:
        return _migrated_instruct(data) if isinstance(data, Mapping) else data


def _migrated_instruct(data: Mapping[str, Any]) -> dict[str, Any]:
    """Keys of older files under their present names; a key that is already present wins."""
    new = dict(data)
    for old, present in (
        ("separator_sequence", "output_suffix"),
        ("system_sequence_prefix", "story_string_prefix"),
        ("system_sequence_suffix", "story_string_suffix"),
    ):
        if old in new:
            new.setdefault(present, new.pop(old))
    if "names" in new or "names_force_groups" in new:
        always, force = new.pop("names", False), new.pop("names_force_groups", False)
        behavior = NamesBehavior.FORCE if force else NamesBehavior.NONE
        new.setdefault("names_behavior", NamesBehavior.ALWAYS if always else behavior)
    return new


class SystemPrompt(_Template):
    """The instructions ahead of everything, and those after the history."""

    enabled: bool = True
    content: Text = ""
    post_history: Text = ""


class ChatPrompt(_Nullable):
    """One block of a chat preset: a text, or a marker that stands for card, lore or history."""

    identifier: Text
    name: Text = ""
    role: Text = ""
    content: Text = ""
    system_prompt: bool = False
    marker: bool = False
    injection_position: Number = 0
    injection_depth: int | None = None
    injection_order: int | None = None
    injection_trigger: tuple[str, ...] = ()
    forbid_overrides: bool = False


class OrderedPrompt(PresetDocument):
    """A place in the order of a chat preset."""

    identifier: Text
    enabled: bool = True


class PromptOrder(PresetDocument):
    """An order of prompts, filed under a `character_id`."""

    character_id: int = ACTIVE_ORDER
    order: tuple[OrderedPrompt, ...] = ()


class ChatPreset(_Template):
    """The ordered prompt list of chat completion with its utility prompts."""

    prompts: tuple[ChatPrompt, ...] = ()
    prompt_order: tuple[PromptOrder, ...] = ()
    names_behavior: Annotated[ChatNames, _known(ChatNames, ChatNames.DEFAULT)] = ChatNames.DEFAULT
    send_if_empty: Text = ""
    impersonation_prompt: Text = ""
    new_chat_prompt: Text = "[Start a new Chat]"
    new_group_chat_prompt: Text = "[Start a new group chat. Group members: {{group}}]"
    new_example_chat_prompt: Text = "[Example Chat]"
    continue_nudge_prompt: Text = (
        "[Continue your last message without repeating its original content.]"
    )
    group_nudge_prompt: Text = "[Write the next reply only as {{char}}.]"
    wi_format: Text = "{0}"
    scenario_format: Text = "{{scenario}}"
    personality_format: Text = "{{personality}}"
    squash_system_messages: bool = False
    continue_prefill: bool = False
    continue_postfix: Text = " "
    assistant_prefill: Text = ""
    assistant_impersonation: Text = ""
    use_sysprompt: bool = False

    @model_validator(mode="before")
    @classmethod
    def _read_plain_order(cls, data: Any) -> Any:
        """Other makers write the active order alone."""
        order = data.get("prompt_order") if isinstance(data, Mapping) else None
        if not isinstance(order, list) or not order:
            return data
        if all(isinstance(one, Mapping) and "identifier" in one for one in order):
            return {**data, "prompt_order": [{"character_id": ACTIVE_ORDER, "order": order}]}
        return data

    @property
    def order(self) -> tuple[OrderedPrompt, ...]:
        """The active order, else the first that says anything; empty when the preset has none."""
        for order in self.prompt_order:
            if order.character_id == ACTIVE_ORDER:
                return order.order
        return next((one.order for one in self.prompt_order if one.order), ())

    def definition(self, identifier: str) -> ChatPrompt | None:
        """The block of that identifier; None when the preset does not define it."""
        return next((prompt for prompt in self.prompts if prompt.identifier == identifier), None)
