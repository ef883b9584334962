"""A finished prompt as the request that is sent, and how its answer is read."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from core.backends.koboldai import takes_stops
from core.backends.messages import arrange, goes_on
from core.backends.novelai import stop_forms
from core.backends.sampling import limited, untaken
from core.backends.thoughts import opened_by, without_opening
from core.backends.types import Request, SpeakerNames, WireMessage
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


def request_of(
    reply_input: ReplyInput, context: Context, prompt: Prompt, turn: str = ""
) -> Request:
    """The request of one reply, the `turn` by name. Names of everyone in the scene stop it first.

    Servers take few stop strings, and a model that speaks for a person spoils a story most.
    """
    stops = stops_of(reply_input, prompt)
    by_token = reply_input.spec.kinds.get(reply_input.kind) == "novelai"
    forms = stop_forms(reply_input.facts.model, stops) if by_token else ()
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
        # A mark of thoughts is nothing that a model could be told to begin with.
        reply_start=without_opening(prompt.reply_start, reply_input.templates.thinking.families)
        if prompt.prefill and prompt.reply_start
        else None,
        unseen_start=prompt.unseen_start if prompt.prefill else "",
        speakers=SpeakerNames(
            context.user_name,
            context.character.name,
            tuple(context.group.names()) if context.group else (),
        ),
        images=tuple(reply_input.pictures.values()) if reply_input.kind is Kind.TEXT else (),
        switches=tuple(sorted(reply_input.connection.switches)),
        effort=reply_input.options[REASONING_EFFORT] or "",
        stop_tokens=tuple(tuple(encode(stop)) for stop in forms),
        omit=untaken(reply_input.spec, reply_input.facts.model, reply_input.facts.probe.parameters),
        conversation=str(reply_input.story.id),
        turn=turn,
    )


def counted_as_sent(
    reply_input: ReplyInput, context: Context, as_taken: Callable[[Request], Request]
) -> Context:
    """The context whose chat prompt is counted in the form in which the server takes it.

    `as_taken` leaves out of a request what the model refuses.
    """
    spec, model = reply_input.spec, reply_input.facts.model

    def messages(
        found: Sequence[WireMessage], prefill: bool, reply_start: str
    ) -> Sequence[WireMessage]:
        prompt = Prompt(Kind.CHAT, messages=tuple(found), prefill=prefill, reply_start=reply_start)
        request = as_taken(request_of(reply_input, context, prompt))
        said = arrange(request, spec, spec.traits(model))
        return [*(WireMessage("system", text) for text in said.system), *said.messages]

    return replace(context, as_taken=messages) if reply_input.kind is Kind.CHAT else context


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


def name_stops(reply_input: ReplyInput) -> list[str]:
    """A line that begins with the name of anybody but the speaker ends the reply."""
    return [f"\n{name}:" for name in others_of(reply_input)]


def others_of(reply_input: ReplyInput) -> tuple[str, ...]:
    """The names of everyone in the scene but the speaker."""
    speaker = reply_input.speaker.character.name
    if reply_input.purpose is Purpose.IMPERSONATE:
        others = [one.stored.character.name for one in reply_input.scene.members]
    else:
        people = {one.name for one in reply_input.messages if one.author_id} | {
            reply_input.user_name
        }
        characters = {one.stored.character.name for one in reply_input.scene.members}
        others = sorted((people | characters) - {speaker})
    return tuple(name for name in others if name.strip())


def rules_of(
    reply_input: ReplyInput, context: Context, prompt: Prompt, keeps: str, request: Request
) -> OutputRules:
    """How the answer to the request becomes the words that are shown behind those it `keeps`."""
    speaks = (
        reply_input.user_name
        if reply_input.purpose is Purpose.IMPERSONATE
        else reply_input.speaker.character.name
    )
    families = reply_input.templates.thinking.families
    last = prompt.messages[-1].content if prompt.prefill and prompt.messages else prompt.text
    stands = keeps or without_opening(prompt.reply_start, families)
    traits = reply_input.spec.traits(reply_input.facts.model)
    is_anew = reply_input.kind is Kind.CHAT and not goes_on(request, traits)
    return OutputRules(
        stop=(*stops_of(reply_input, prompt), *markers(context)),
        others=others_of(reply_input),
        names=(speaks,),
        keeps=stands,
        begins_anew=stands if is_anew else "",
        joins=joins_of(reply_input) if keeps else "",
        single_line=reply_input.options[SINGLE_LINE],
        trim_sentences=reply_input.options[TRIM_SENTENCES],
        families=families,
        opened=None if is_anew else opened_by(last, families),
        adverts=reply_input.spec.reply.adverts,
        keeps_adverts=reply_input.options[ADVERTS] == "keep",
    )


def joins_of(reply_input: ReplyInput) -> str:
    """Line breaks that the preset wants between a message and its continuation."""
    postfix = reply_input.templates.chat.continue_postfix
    return postfix if reply_input.kind is Kind.CHAT and "\n" in postfix else ""


def markers(context: Context) -> list[str]:
    """Markers of whose turn it is in the instruct template, cut wherever they stand."""
    if context.kind is Kind.CHAT or context.instruct is None:
        return []
    template = context.instruct
    found = (
        template.stop_sequence,
        template.input_sequence,
        template.system_sequence,
        template.output_suffix,
    )
    return [text.strip() for text in found if len(text.strip()) > 2 and "{{" not in text]
