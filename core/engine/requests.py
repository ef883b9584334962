"""A finished prompt as the request that is sent, and how its answer is read."""

from collections.abc import Sequence

from core.backends.base import Kind, Request
from core.backends.koboldai import takes_stops
from core.backends.spec import Dialect, Prefill
from core.backends.stops import limited
from core.backends.wrap.multigen import Batches
from core.engine.scene import Scene
from core.options import (
    ADVERTS,
    MULTIGEN,
    MULTIGEN_FIRST,
    MULTIGEN_NEXT,
    REASONING_EFFORT,
    SINGLE_LINE,
    TRIM_SENTENCES,
)
from core.output import OutputRules
from core.prompt.context import Context, Purpose
from core.prompt.prompt import Prompt


def request_of(scene: Scene, context: Context, prompt: Prompt) -> Request:
    """The request of one reply. Names of everyone in the scene stop it first (decisions 4)."""
    options: dict[str, object] = {"switches": sorted(scene.connection.switches)}
    if scene.options[REASONING_EFFORT]:
        options["effort"] = scene.options[REASONING_EFFORT]
    stops = stops_of(scene, prompt)
    if scene.spec.kinds.get(scene.kind) == "novelai":
        encode = scene.counted.counter.tokenizer.encode
        options["stop_tokens"] = [encode(stop) for stop in stops]
    return Request(
        kind=scene.kind,
        model=scene.facts.model,
        prompt=prompt.text,
        messages=prompt.messages,
        samplers=scene.templates.samplers,
        stop=stops,
        max_tokens=context.sizes.reply,
        context_size=context.sizes.context,
        prefill=prompt.prefill,
        images=tuple(scene.pictures.values()) if scene.kind is Kind.TEXT else (),
        options=options,
        conversation=str(scene.session.id),
    )


def stops_of(scene: Scene, prompt: Prompt) -> tuple[str, ...]:
    """The prompt's own stop strings with everyone's names, names first."""
    return tuple(dict.fromkeys([*name_stops(scene), *prompt.stop, *prompt.own_stop]))


def sent_stops(scene: Scene, stops: Sequence[str]) -> list[str]:
    """Those that the server is sent; the reply is cut at the others when it arrives."""
    spec, traits = scene.spec, scene.spec.traits(scene.facts.model)
    if scene.spec.kinds.get(scene.kind) == "novelai":
        return [stop for stop in stops if scene.counted.counter.tokenizer.encode(stop)]
    if spec.dialect is Dialect.KOBOLDAI and not takes_stops(scene.facts.probe.version):
        return []
    return limited(stops, spec, traits)


def batches_of(scene: Scene) -> Batches | None:
    """The batches in which the reply is to come; None: it comes as a stream."""
    if not scene.options[MULTIGEN] or scene.kind is Kind.CHAT:
        return None
    return Batches(scene.options[MULTIGEN_FIRST], scene.options[MULTIGEN_NEXT])


def start_of(scene: Scene, prompt: Prompt) -> str:
    """What of the reply stands in the prompt already; nothing where the model begins anew."""
    prefill = scene.spec.traits(scene.facts.model).prefill
    goes_on = scene.kind is Kind.TEXT or prefill not in (None, Prefill.NONE)
    return prompt.reply_start if goes_on else ""


def name_stops(scene: Scene) -> list[str]:
    """A line that begins with the name of anybody but the speaker ends the reply."""
    speaker = scene.speaker.character.name
    if scene.purpose is Purpose.IMPERSONATE:
        others = [entry.stored.character.name for entry in scene.cast]
    else:
        people = {turn.name for turn in scene.turns if turn.author_id} | {scene.user_name}
        characters = {entry.stored.character.name for entry in scene.cast}
        others = sorted(people | characters - {speaker})
        others = [name for name in others if name != speaker]
    return [f"\n{name}:" for name in others if name.strip()]


def rules_of(scene: Scene, context: Context, prompt: Prompt, keeps: str) -> OutputRules:
    """How the answer becomes visible text."""
    speaks = (
        scene.user_name if scene.purpose is Purpose.IMPERSONATE else scene.speaker.character.name
    )
    keeps_adverts = scene.options[ADVERTS] == "keep"
    adverts = scene.spec.adverts
    return OutputRules(
        stop=(
            *stops_of(scene, prompt),
            *markers(context),
            *(() if keeps_adverts else adverts),
        ),
        adverts=adverts if keeps_adverts else (),
        names=(speaks,),
        keeps=keeps or without_tag(start_of(scene, prompt), scene.templates.thinking.opens),
        single_line=scene.options[SINGLE_LINE],
        trim_sentences=scene.options[TRIM_SENTENCES],
        open_tags=scene.templates.thinking.opens,
        close_tags=scene.templates.thinking.closes,
        opened=is_opened(prompt, scene.templates.thinking.opens),
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
    """Turn markers of the instruct template, cut wherever they stand."""
    if context.kind is Kind.CHAT or context.instruct is None:
        return []
    template = context.instruct
    found = (template.stop_sequence, template.input_sequence, template.system_sequence)
    return [text.strip() for text in found if len(text.strip()) > 2 and "{{" not in text]
