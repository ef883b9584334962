"""A row of the catalog: everything about a backend that is data."""

import re
from functools import cached_property
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.backends.limits import Pace
from core.kind import Kind
from core.samplers.sampler import Dialect

Auth = Literal[
    "none", "bearer", "x-api-key", "api-key", "apikey", "x-goog-api-key", "bearer+x-api-key",
    "service-account",
]  # fmt: skip
"""Which header carries the key."""
MessageMode = Literal["as-is", "merge", "semi", "strict", "single"]
"""How a list of messages is cleaned up for servers that refuse others."""
Prefill = Literal[
    "none",
    "trailing",  # simply by it being the last message
    "trailing-unless-thinking",  # as above, but refused while the model thinks (Claude)
    "prefix",  # `"prefix": true` in that message (Mistral, DeepSeek)
    "continue-final",  # `continue_final_message` beside the messages (vLLM, Aphrodite)
    "continue",  # `continue_` beside the messages (text-generation-webui)
    "response-prefix",  # the text goes into `response_prefix` (TabbyAPI)
]
"""How a backend is told to continue the last assistant message."""
System = Literal[
    "anywhere",
    "first",  # later ones become the user's
    "apart",  # the leading ones stand beside the messages, later ones become the user's
    "not-after-assistant",  # those behind an assistant's become the user's (Mistral)
    "none",
]
"""Where instructions may stand."""
Names = Literal[
    "field",  # beside every message
    "user-field",  # beside people's messages; elsewhere in the text (xAI)
    "text",
]
"""Where speakers' names go."""
Effort = Literal[
    "none",
    "reasoning_effort",
    "reasoning",  # `{"reasoning": {"effort": …}}` (OpenRouter)
    "thinking",  # `{"thinking": {"type": "enabled"}}` with `reasoning_effort` (DeepSeek)
    "budget",  # a number of tokens (Claude to 4.5, Gemini 2.5)
    "adaptive",  # Claude from 4.6: adaptive thinking with an effort
    "level",  # Gemini 3: a thinking level
]
"""Where the wished amount of thinking goes."""
Images = Literal[
    "none",
    "url-parts",  # OpenAI's `image_url` parts holding data URLs
    "base64",  # a list of base64 strings beside prompt or message (KoboldCpp, Ollama)
    "blocks",  # Claude's source blocks
    "inline",  # Gemini's `inlineData`
]
"""The form in which pictures are sent."""


class SpecGroup(BaseModel):
    """Frozen; a key that nobody knows is refused, with its path."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EndpointSpec(SpecGroup):
    """Where the server is and how long it may take."""

    url: str = ""
    """Without the version segment; empty where only the person knows."""
    version: str = "/v1"
    """Segment in front of OpenAI-style routes."""
    verbatim_path: bool = False
    """An address that has a path is used as it stands (generic rows)."""
    chat_route: str = "/chat/completions"
    text_route: str = "/completions"
    prefill_version: str = ""
    """Version segment to use instead when a reply is to be continued (DeepSeek's /beta)."""
    account_url: str = ""
    """Where this vendor tells about the account; asked only beside the row's own address."""
    older_url: str = ""
    """Where this vendor serves its older models; as above."""
    headers: dict[str, str] = {}
    gui_port: int | None = None
    """Port of the server's web page, which people type by mistake."""
    docs_route: str = ""
    """A page that shows that the API is switched on."""
    api_flag: str = ""
    """What the server has to be started with, or its API is off."""
    flag_file: str = ""
    """Where that flag may be written instead."""
    slots: int | None = None
    """How many replies the server (of a vendor: for one account) writes at once, where it does
    not tell; unset = many."""
    pace: Pace = "cloud"
    pause: float = 1.0
    """Seconds before a second try where the server names none; before a third, twice as many."""


class KeySpec(SpecGroup):
    """Whether there is a key, where people get it, and how it is sent."""

    need: Literal["required", "optional", "none"] = "required"
    auth: Auth = "bearer"
    url: str = ""
    """The vendor's page on which keys are made."""
    anonymous: str = ""
    """Sent where no key is set."""
    token_url: str = ""
    """Where a service account gets its short-lived tokens."""


class SamplingSpec(SpecGroup):
    """Which samplers are sent, under which names."""

    dialect: Dialect = Dialect.OPENAI
    samplers: Literal["all"] | tuple[str, ...] = "all"
    """Accepted samplers by our ids; `all` = whatever the dialect has a name for."""
    ranges: dict[str, tuple[float, float]] = {}
    """Ranges narrower than the sampler's own; values outside are moved to the border."""
    renames: dict[str, str] = {}
    """Wire names that differ from the dialect's, by our ids."""
    neutral: bool = False
    """The server's own defaults are not neutral: neutral values are sent explicitly."""
    random_seed: bool = False
    """A seed is always sent, since equal requests are answered from a cache."""


class _ModelDependent(SpecGroup):
    """What a row says of its requests and a rule may say anew of some of its models."""

    max_stops: int | None = None
    max_tokens_name: str = "max_tokens"
    system: System = "anywhere"
    messages: MessageMode = "as-is"
    prefill: Prefill = "none"
    images: Images = "none"
    effort: Effort = "none"
    efforts: tuple[str, ...] = ("none", "minimal", "low", "medium", "high")
    """What the effort's field takes; other wishes become the nearest of these."""


class RequestSpec(_ModelDependent):
    """What is sent beside the samplers."""

    max_stop_length: int | None = None
    max_stop_total: int | None = None
    usage_option: bool = False
    """Token usage of a stream has to be asked for (`stream_options`)."""
    body: dict[str, Any] = {}
    """Keys that every request carries."""
    names: Names = "text"
    user_last: bool = False
    """The last message has to be the user's, unless it is one to be continued."""
    switches: dict[str, dict[str, Any]] = {}
    """What people may switch on (`Request.switches`): id → keys for the body."""


class Traits(_ModelDependent):
    """What may differ from model to model behind one backend; see `Spec.traits`."""

    context: int | None = None
    max_reply: int | None = None
    sees: bool | None = None
    drop: tuple[str, ...] = ()
    """Samplers that this model refuses."""
    exclusive: tuple[str, ...] = ()
    """Samplers of which only the first one set may be sent."""
    streams: bool = True
    thinks: bool = False
    """Thinking counts into the length of the reply, so room is added for it."""


class ModelRule(Traits):
    """What is different for models whose lower-cased id matches `match` (a regex, searched)."""

    match: str

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.match)

    def apply(self, traits: Traits) -> Traits:
        """The traits with this rule's differences; what one rule drops no other brings back."""
        given = {name: getattr(self, name) for name in self.model_fields_set - {"match"}}
        return traits.model_copy(update=given | {"drop": traits.drop + self.drop})


class ModelsSpec(SpecGroup):
    """Which models there are, what is known about them, and who counts their tokens."""

    route: str = ""
    """Route of the list; empty where the vendor has none."""
    list_url: str = ""
    """Where the list lies, if not below the row's own address; it is asked for without a key."""
    known: tuple[str, ...] = ()
    apart: str = ""
    """A regex for lower-cased ids of the list that write no replies (pictures, sound, search)."""
    required: bool = True
    default_context: int | None = None
    context: Literal[
        "list", "props", "koboldcpp", "tabby", "textgen", "lmstudio", "ollama", "tier", "workers",
        "fixed", "setting",
    ] = "list"  # fmt: skip
    """How model and real context size are found out; `fixed` = the row knows, `setting` = the
    person says."""
    rules: tuple[ModelRule, ...] = ()
    admin: Literal["", "tabby", "textgen"] = ""
    """Routes by which models are loaded and unloaded."""
    tokenizer: str = "best-match"
    count: str = ""
    """Id of the remote counting route; empty where there is none."""


class ReplySpec(SpecGroup):
    streams: bool = True
    tells_end: bool = True
    """A whole answer says whether it ended by itself or by its length."""
    aborts: bool = False
    """Goes on when the connection is closed, and has to be told to stop (KoboldCpp)."""
    prefill_echo: bool = False
    """The reply repeats the prefill, which is then cut off."""
    reasoning: str = ""
    """Field that carries the thinking; `think` = tags in the text; empty = none."""
    adverts: tuple[str, ...] = ()
    """What paragraphs of advertising look like, as patterns for the whole of one."""


class Spec(SpecGroup):
    """One backend. The fields are the whole closed list of ways in which backends differ."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$")
    name: str
    aliases: tuple[str, ...] = ()
    """What people call it beside its id and name."""
    replaces: tuple[str, ...] = ()
    """Backends that older guides name and that exist no more; this is the nearest living one."""
    kinds: dict[Kind, str] = Field(min_length=1)
    """Protocol per kind; the first one is the default kind."""
    local: bool = False
    deprecated: bool = False
    notes: tuple[str, ...] = ()
    """What people should know, in whole sentences."""
    endpoint: EndpointSpec = EndpointSpec()
    key: KeySpec = KeySpec()
    models: ModelsSpec = ModelsSpec()
    sampling: SamplingSpec = SamplingSpec()
    request: RequestSpec = RequestSpec()
    reply: ReplySpec = ReplySpec()

    @property
    def default_kind(self) -> Kind:
        return next(iter(self.kinds))

    def traits(self, model: str) -> Traits:
        """The row's ways with this model: its own, changed by every rule that matches."""
        own = {name: getattr(self.request, name) for name in _ModelDependent.model_fields}
        context, streams = self.models.default_context, self.reply.streams
        traits = Traits.model_construct(**own, context=context, streams=streams)
        for rule in self.models.rules:
            if rule.pattern.search(model.lower()):
                traits = rule.apply(traits)
        return traits
