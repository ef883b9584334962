"""Short texts on running models oneself, one per topic of `/connect help`."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.i18n import N_, _


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
            N_("A model server loads the model; this bot only talks to it."),
            N_(
                "Local servers (KoboldCpp, llama.cpp, Ollama, text-generation-webui, TabbyAPI…) "
                "are free and need no key. You fetch the model yourself: 5 to 50 GB each. This "
                "bot downloads and installs none."
            ),
            N_("Cloud services need nothing on your machine; most cost money and need a key."),
            N_("AI Horde and Pollinations work without a key."),
            N_("`/connect use` chooses one, `/connect test` tries it and says what is wrong."),
        ),
    ),
    "files": Topic(
        N_("Which files a model needs"),
        (
            N_(
                "GGUF (KoboldCpp, llama.cpp, Ollama, LM Studio): one `.gguf` file is all. Choose "
                "one quantisation, not the whole list."
            ),
            N_(
                "Everything else: all `.safetensors` shards, plus `config.json`, the tokenizer's "
                "files and the rest of the folder."
            ),
            N_("`pytorch-*.bin`, `.pt` and `.pth` can run code when loaded: avoid them."),
            N_("`quant_method` in `config.json` says how a folder is quantised."),
            N_("`-16k` or `-32k` in a name means a longer context."),
            N_("`/connect identify` reads a name for you."),
        ),
    ),
    "speed": Topic(
        N_("Making KoboldCpp faster"),
        (
            N_("Switch on flash attention (`--flashattention`)."),
            N_(
                "Put a few more layers on the graphics card (`--gpulayers`) until its memory is "
                "nearly full."
            ),
            N_(
                "Quantise the KV cache (`--quantkv`): it takes less memory. It needs flash "
                "attention, and context shift has to be off: the two exclude each other."
            ),
            N_(
                "If the card's memory overflows into RAM, the driver makes everything slow instead "
                "of failing: use fewer layers, less context or a smaller quantisation."
            ),
            N_(
                "Context shifting pays only while the front of the prompt stays the same: "
                "lorebooks, random macros and other moving inputs spoil it."
            ),
        ),
    ),
    "models": Topic(
        N_("Which model, which settings"),
        (
            N_("There is no single best one: tastes, languages and machines differ."),
            N_(
                "As a rule of thumb take the largest size that fits your memory with four or five "
                "bits; below three bits a smaller model is often better."
            ),
            N_(
                "Size calculators (for example “LLM VRAM calculator” on Hugging Face) tell what "
                "fits; weights plus context must fit."
            ),
            N_("Models are found on Hugging Face; read the model's card for its template."),
            N_("Start with the Default samplers and change one value at a time."),
        ),
    ),
    "memory": Topic(
        N_("Size, quantisation and context"),
        (
            N_("7B, 13B, 70B: billions of weights. More is better and needs more memory."),
            N_(
                "Q8 to Q2: bits per weight. Q8 is as good as the original, Q5 and Q4_K_M hardly "
                "worse, Q3 and Q2 clearly worse. _S, _M and _L are smaller and larger variants."
            ),
            N_("The context takes memory too, and the server sets it when it starts."),
            N_("Llama 2 takes 4,096 tokens; Mistral 7B claims 8,192 but holds 4,096."),
        ),
    ),
    "tabby": Topic(
        N_("TabbyAPI"),
        (
            N_("It runs ExLlama models (EXL2, EXL3, GPTQ, FP16) on the graphics card alone."),
            N_(
                "There is no offloading to the CPU: the whole model must fit into the card's "
                "memory. With little of it use KoboldCpp and GGUF."
            ),
            N_("Its keys are in `api_tokens.yml`; the admin key may load and unload models."),
            N_("`/connect model load` and `/connect model unload` change its model."),
        ),
    ),
    "docker": Topic(
        N_("The bot in a container"),
        (
            N_(
                "Inside a container `127.0.0.1` is the container itself. A server on the host is "
                "`http://host.docker.internal` with the same port."
            ),
            N_("On Linux start the bot with `--add-host=host.docker.internal:host-gateway`."),
            N_("The server has to listen on all addresses (`--host 0.0.0.0`), not on 127.0.0.1."),
            N_("`/connect test` notices and offers the address as a button."),
        ),
    ),
    "keys": Topic(
        N_("Keys"),
        (
            N_("`/connect key` opens a form; keys are never typed as options of a command."),
            N_("A key is stored sealed and goes only to the server it was entered for."),
            N_("Changing the address drops the key."),
            N_("Without `Bearer` in front; it is added where the server wants it."),
        ),
    ),
}
