"""A finished prompt as the request that is sent, and how its answer is read."""

from collections.abc import Sequence

from core.backends.koboldai import takes_stops
from core.backends.sampling import limited
from core.backends.types import Request
from core.backends.wrap.multigen import Batches
from core.engine.reply_input import ReplyInput
from core.kind import Kind
from core.options.table import (
    ADVERTS,
    MULTIGEN,
    MULTIGEN_FIRST,
    MULTIGEN_NEXT,
    REASONING_EFFORT,
    SINGLE_LINE,
    TRIM_SENTENCES,
)
from core.prompt.context import Context, Purpose
from core.prompt.prompt import Prompt
from core.reply.output_filter import OutputRules
from core.samplers.sampler import Dialect


def request_of(reply_input: ReplyInput, context: Context, prompt: Prompt) -> Request:
    """The request of one reply. Names of everyone in the scene stop it first.

    Servers take few stop strings, and a model that speaks for a person spoils a story most.
    """
    stops = stops_of(reply_input, prompt)
    by_token = reply_input.spec.kinds.get(reply_input.kind) == "novelai"
    encode = reply_input.token_counter.counter.tokenizer.encode
    return Request(
        kind=reply_input.kind,
        model=reply_input.facts.model,
        prompt=prompt.text,
        messages=prompt.messages,
        samplers=reply_input.templates.samplers,
        stop=stops,
        max_tokens=context.sizes.reply,
        context_size=context.sizes.context,
        prefill=prompt.prefill,
        images=tuple(reply_input.pictures.values()) if reply_input.kind is Kind.TEXT else (),
        switches=tuple(sorted(reply_input.connection.switches)),
        effort=reply_input.options[REASONING_EFFORT] or "",
        stop_tokens=tuple(tuple(encode(stop)) for stop in stops) if by_token else (),
        conversation=str(reply_input.story.id),
    )


def stops_of(reply_input: ReplyInput, prompt: Prompt) -> tuple[str, ...]:
    """The prompt's own stop strings with everyone's names, names first."""
    return tuple(dict.fromkeys([*name_stops(reply_input), *prompt.stop, *prompt.own_stop]))


def sent_stops(reply_input: ReplyInput, stops: Sequence[str]) -> list[str]:
    """Those that the server is sent; the reply is cut at the others when it arrives."""
    spec, traits = reply_input.spec, reply_input.spec.traits(reply_input.facts.model)
    if reply_input.spec.kinds.get(reply_input.kind) == "novelai":
        return [stop for stop in stops if reply_input.token_counter.counter.tokenizer.encode(stop)]
    version = reply_input.facts.probe.version
    if spec.sampling.dialect is Dialect.KOBOLDAI and not takes_stops(version):
        return []
    return limited(stops, spec, traits)


def batches_of(reply_input: ReplyInput) -> Batches | None:
    """The batches in which the reply is to come; None: it comes as a stream."""
    if not reply_input.options[MULTIGEN] or reply_input.kind is Kind.CHAT:
        return None
    return Batches(reply_input.options[MULTIGEN_FIRST], reply_input.options[MULTIGEN_NEXT])


def start_of(reply_input: ReplyInput, prompt: Prompt) -> str:
    """What of the reply stands in the prompt already; nothing where the model begins anew."""
    prefill = reply_input.spec.traits(reply_input.facts.model).prefill
    goes_on = reply_input.kind is Kind.TEXT or prefill not in (None, "none")
    return prompt.reply_start if goes_on else ""


def name_stops(reply_input: ReplyInput) -> list[str]:
    """A line that begins with the name of anybody but the speaker ends the reply."""
    speaker = reply_input.speaker.character.name
    if reply_input.purpose is Purpose.IMPERSONATE:
        others = [one.stored.character.name for one in reply_input.scene.members]
    else:
        people = {one.name for one in reply_input.messages if one.author_id} | {
            reply_input.user_name
        }
        characters = {one.stored.character.name for one in reply_input.scene.members}
        others = sorted((people | characters) - {speaker})
    return [f"\n{name}:" for name in others if name.strip()]


def rules_of(reply_input: ReplyInput, context: Context, prompt: Prompt, keeps: str) -> OutputRules:
    speaks = (
        reply_input.user_name
        if reply_input.purpose is Purpose.IMPERSONATE
        else reply_input.speaker.character.name
    )
    keeps_adverts = reply_input.options[ADVERTS] == "keep"
    adverts = reply_input.spec.reply.adverts
    return OutputRules(
        stop=(
            *stops_of(reply_input, prompt),
            *markers(context),
            *(() if keeps_adverts else adverts),
        ),
        adverts=adverts if keeps_adverts else (),
        names=(speaks,),
        keeps=keeps
        or without_tag(start_of(reply_input, prompt), reply_input.templates.thinking.opens),
        single_line=reply_input.options[SINGLE_LINE],
        trim_sentences=reply_input.options[TRIM_SENTENCES],
        open_tags=reply_input.templates.thinking.opens,
        close_tags=reply_input.templates.thinking.closes,
        opened=is_opened(prompt, reply_input.templates.thinking.opens),
    )


def is_opened(prompt: Prompt, opens: Sequence[str]) -> bool:
    """Whether the prompt itself ends with the mark behind which the model thinks."""
    last = prompt.messages[-1].content if prompt.prefill and prompt.messages else prompt.text
    return last.rstrip().endswith(tuple(opens))


def without_tag(start: str, opens: Sequence[str]) -> str:
    """The start of a reply without a mark of thinking at its end."""
    bare = start.rstrip()
    mark = next((one for one in opens if bare.endswith(one)), None)
    return start if mark is None else bare.removesuffix(mark)


def markers(context: Context) -> list[str]:
    """Markers of whose turn it is in the instruct template, cut wherever they stand."""
    if context.kind is Kind.CHAT or context.instruct is None:
        return []
    template = context.instruct
    found = (template.stop_sequence, template.input_sequence, template.system_sequence)
    return [text.strip() for text in found if len(text.strip()) > 2 and "{{" not in text]
