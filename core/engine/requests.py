"""A finished prompt as the request that is sent, and how its answer is read."""

from core.backends.base import Image, Kind, Request
from core.engine.scene import Scene
from core.options import ADVERTS, REASONING_EFFORT, SINGLE_LINE, TRIM_SENTENCES
from core.output import OutputRules
from core.prompt.context import Context, Purpose
from core.prompt.prompt import Prompt


def request_of(scene: Scene, context: Context, prompt: Prompt) -> Request:
    """The request of one reply. Names of everyone in the scene stop it first (decisions 4)."""
    options: dict[str, object] = {"switches": sorted(scene.connection.switches)}
    if scene.options[REASONING_EFFORT]:
        options["effort"] = scene.options[REASONING_EFFORT]
    return Request(
        kind=scene.kind,
        model=scene.facts.model,
        prompt=prompt.text,
        messages=prompt.messages,
        samplers=scene.templates.samplers,
        stop=stops_of(scene, prompt),
        max_tokens=context.sizes.reply,
        context_size=context.sizes.context,
        prefill=prompt.prefill,
        images=pictures(prompt) if scene.kind is Kind.TEXT else (),
        options=options,
        conversation=str(scene.session.id),
    )


def stops_of(scene: Scene, prompt: Prompt) -> tuple[str, ...]:
    """The prompt's own stop strings with everyone's names, names first."""
    return tuple(dict.fromkeys([*name_stops(scene), *prompt.stop]))


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
        keeps=keeps,
        single_line=scene.options[SINGLE_LINE],
        trim_sentences=scene.options[TRIM_SENTENCES],
    )


def markers(context: Context) -> list[str]:
    """Turn markers of the instruct template, cut wherever they stand."""
    if context.kind is Kind.CHAT or context.instruct is None:
        return []
    template = context.instruct
    found = (template.stop_sequence, template.input_sequence, template.system_sequence)
    return [text.strip() for text in found if len(text.strip()) > 2 and "{{" not in text]


def pictures(prompt: Prompt) -> tuple[Image, ...]:
    """Pictures of all messages, for servers that take them beside the prompt."""
    return tuple(image for message in prompt.messages for image in message.images)
