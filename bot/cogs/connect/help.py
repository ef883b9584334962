"""What to know of models: `/connect help`, `identify` and `test`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from discord import app_commands

from bot.cogs._command import command
from bot.command_context import CommandContext
from bot.i18n import N_, _
from bot.views.connection_test import FixButtons, checkup_text
from bot.views.model import verdict_lines
from core.detect import identify as verdict_on
from core.detect import propose
from core.policy.permissions import Action, demand


@command()
async def help(
    context: CommandContext,
    topic: Literal["start", "files", "speed", "models", "memory", "tabby", "docker", "keys"],
) -> None:
    """Learn how to run and connect models.

    Parameters
    ----------
    topic: Literal
        Which topic
    """
    await context.say(topic_text(TOPICS[topic]))


@command()
async def identify(context: CommandContext, name: app_commands.Range[str, 1, 200]) -> None:
    """Find out what a model file is, just from its name.

    Parameters
    ----------
    name: str
        For example mythomax-l2-13b.Q5_K_M.gguf
    """
    servers = {spec.id: spec.name for spec in context.engine.models.pool.catalog}
    lines = verdict_lines(verdict_on(name), servers)
    found = propose(name)
    if found is not None:
        lines.append(_("Matching templates: **{name}**", name=found.instruct))
    await context.say("\n".join(lines))


@command()
async def test(context: CommandContext, say: app_commands.Range[str, 1, 200] | None = None) -> None:
    """Test this channel's model and find out what's wrong.

    Parameters
    ----------
    say: str
        What to say to it
    """
    demand(context.actor, Action.MANAGE_CONNECTIONS, context.place)
    asked = say or _("Say hello in one short sentence.")
    checkup = await context.engine.doctor.check_up(
        context.place, context.actor, asked, plain=say is not None
    )
    await context.say(checkup_text(checkup), view=FixButtons(context, checkup, asked))


@dataclass(frozen=True, slots=True)
class Topic:
    """A title and its paragraphs, in English."""

    title: str
    points: tuple[str, ...]


def topic_text(topic: Topic) -> str:
    """The topic in the reader's language."""
    return "\n".join([f"**{_(topic.title)}**", *(f"- {_(point)}" for point in topic.points)])


TOPICS: Mapping[str, Topic] = {
    "start": Topic(
        N_("Who does what"),
        (
            N_("A model server runs the model. This bot only talks to it."),
            N_(
                "Local servers (KoboldCpp, llama.cpp, Ollama, text-generation-webui, TabbyAPI…) "
                "are free and don't need a key. You download the model yourself, usually 5 to 50 "
                "GB. This bot doesn't download or install models."
            ),
            N_(
                "Cloud services don't need anything on your computer. Most cost money and need a "
                "key."
            ),
            N_("AI Horde and Pollinations work without a key."),
            N_("Choose one with `/connect use`. Check that it works with `/connect test`."),
        ),
    ),
    "files": Topic(
        N_("Which files a model needs"),
        (
            N_(
                "GGUF (KoboldCpp, llama.cpp, Ollama, LM Studio): you need just one `.gguf` file. "
                "Pick one quantisation, not the whole list."
            ),
            N_(
                "Everything else: you need the whole folder, including all `.safetensors` parts, "
                "`config.json` and the tokenizer files."
            ),
            N_(
                "Avoid `pytorch-*.bin`, `.pt` and `.pth` files. They can run code when they're "
                "loaded."
            ),
            N_("Look for `quant_method` in `config.json` to see how a model is quantised."),
            N_("`-16k` or `-32k` in a name means a longer context."),
            N_("Not sure what a name means? Try `/connect identify`."),
        ),
    ),
    "speed": Topic(
        N_("Making KoboldCpp faster"),
        (
            N_("Turn on flash attention (`--flashattention`)."),
            N_(
                "Move more layers to the graphics card (`--gpulayers`) until its memory is "
                "almost full."
            ),
            N_(
                "Quantise the KV cache (`--quantkv`) to save memory. This needs flash attention "
                "on and context shift off."
            ),
            N_(
                "If the card runs out of memory, everything gets very slow instead of failing. "
                "Use fewer layers, a smaller context or a smaller quantisation."
            ),
            N_(
                "Context shift only helps while the start of the prompt stays the same. "
                "Lorebooks and random macros get in its way."
            ),
        ),
    ),
    "models": Topic(
        N_("Which model, which settings"),
        (
            N_(
                "There's no single best model. It depends on your taste, your language and your "
                "computer."
            ),
            N_(
                "As a rule of thumb, take the largest size that fits your memory at four or five "
                "bits. Below three bits, a smaller model is often better."
            ),
            N_(
                "A size calculator (like “LLM VRAM calculator” on Hugging Face) tells you what "
                "fits. The model and the context both need room."
            ),
            N_(
                "You can find models on Hugging Face. The model's page says which template it "
                "needs."
            ),
            N_("Start with the Default samplers and change one value at a time."),
        ),
    ),
    "memory": Topic(
        N_("Size, quantisation and context"),
        (
            N_("7B, 13B, 70B: billions of weights. More is better, but needs more memory."),
            N_(
                "Q8 to Q2: bits per weight. Q8 is as good as the original, Q5 and Q4_K_M are "
                "almost as good, Q3 and Q2 are clearly worse. _S, _M and _L are smaller and "
                "larger versions."
            ),
            N_("The context needs memory too. Its size is set when the server starts."),
            N_(
                "Llama 2 handles 4,096 tokens. Mistral 7B claims 8,192, but only handles 4,096 "
                "well."
            ),
        ),
    ),
    "tabby": Topic(
        N_("TabbyAPI"),
        (
            N_("It runs ExLlama models (EXL2, EXL3, GPTQ, FP16), only on the graphics card."),
            N_(
                "The whole model has to fit in the card's memory. If yours is small, use "
                "KoboldCpp and GGUF instead."
            ),
            N_("Its keys are in `api_tokens.yml`. The admin key can load and unload models."),
            N_("Switch its model with `/connect model load` and `/connect model unload`."),
        ),
    ),
    "docker": Topic(
        N_("The bot in a container"),
        (
            N_(
                "Inside a container, `127.0.0.1` is the container itself. To reach a server on "
                "the same machine, use `http://host.docker.internal` with the same port."
            ),
            N_("On Linux, start the bot with `--add-host=host.docker.internal:host-gateway`."),
            N_("The server has to listen on all addresses (`--host 0.0.0.0`), not just 127.0.0.1."),
            N_("Run `/connect test`. If this is the problem, it offers you the right address."),
        ),
    ),
    "keys": Topic(
        N_("Keys"),
        (
            N_("Enter keys with `/connect key`. Never type them into a command."),
            N_("Keys are stored encrypted and only sent to the server you entered them for."),
            N_("If you change the address, you'll need to enter the key again."),
            N_("Leave out `Bearer`. It's added automatically when it's needed."),
        ),
    ),
}
