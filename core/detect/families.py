"""Families of models, known by words of their names, and what is proposed for them."""

import re
from dataclasses import dataclass
from enum import StrEnum

from core.presets import stock
from core.presets.preset import PresetKind


@dataclass(frozen=True, slots=True)
class ModelFamily:
    """`claimed`: the context its makers name; `real`: up to where it is known to be good."""

    id: str
    name: str
    match: str
    claimed: int | None = None
    real: int | None = None
    instruct: str = ""
    """The stock instruct template, where the family has one of its own."""
    tokenizer: str = ""

    @property
    def real_context(self) -> int | None:
        """The context to count on."""
        return self.real or self.claimed


K = 1024

# Most particular first. Real limits: long-context tests (RULER, NoLiMa) and the makers' own words.
FAMILIES = (
    ModelFamily("deepseek-distill-llama", "DeepSeek R1 distilled into Llama",
           r"distill-?_?llama|llama.*distill", 128 * K, 32 * K, "DeepSeek-V2.5", "llama3"),
    ModelFamily("deepseek-distill-qwen", "DeepSeek R1 distilled into Qwen",
           r"distill-?_?qwen|qwen.*distill", 128 * K, 32 * K, "DeepSeek-V2.5", "qwen2"),
    # NovelAI's models tell on; they know no turns, whatever they were made of.
    ModelFamily("novelai", "NovelAI", r"(?:erato|kayra|clio|krake|euterpe)-v\d", 8 * K),
    ModelFamily("llama-4", "Llama 4", r"llama-?4|(?:scout|maverick)-17b", 1024 * K, 128 * K,
           "Llama 4 Instruct", "llama3"),
    ModelFamily("llama-3.1", "Llama 3.1–3.3", r"llama-?_?3[._-][123](?!\d)", 128 * K, 32 * K,
           "Llama 3 Instruct", "llama3"),
    ModelFamily("llama-3", "Llama 3",
           r"llama-?_?3|(?:^|[-_/])l3(?:[-_.]|$)|stheno|lunaris", 8 * K, None,
           "Llama 3 Instruct", "llama3"),
    ModelFamily("codellama", "Code Llama", r"code-?llama", 16 * K, None, "Llama 2 Chat", "llama"),
    ModelFamily("nemo", "Mistral Nemo",
           r"nemo|(?:^|[-_/])mn-|mag-?mell|rocinante|pixtral-12b|ministral",
           128 * K, 16 * K, "Mistral V3-Tekken", "nemo"),
    ModelFamily("mixtral", "Mixtral", r"mixtral|8x7b|8x22b", 32 * K, None, "Mistral V1", "mistral"),
    ModelFamily("mistral-7b-0.2", "Mistral 7B v0.2 and later",
           r"mistral-?7b.*v0?\.[23]", 32 * K, 16 * K,
           "Mistral V2 & V3", "mistral"),
    ModelFamily("mistral-small-3", "Mistral Small 3 and later",
           r"mistral-small-?(?:3|24b|.*25\d\d)|magistral|devstral", 128 * K, 32 * K,
           "Mistral V7-Tekken", "nemo"),
    ModelFamily("mistral-large", "Mistral Large", r"mistral-(?:large|medium)|pixtral-large",
           128 * K, 32 * K, "Mistral V7", "mistral"),
    ModelFamily("mistral-small", "Mistral Small", r"mistral-small|cydonia-22b", 32 * K, 16 * K,
           "Mistral V2 & V3", "mistral"),
    ModelFamily("mistral-7b", "Mistral 7B",
           r"mistral|zephyr-7b|kunoichi|silicon-?maid|openhermes-2\.5|toppy-m|loyal-macaroni",
           8 * K, 4 * K, "Mistral V1", "mistral"),
    ModelFamily("solar", "Solar", r"solar|fimbulvetr", 4 * K, None, "Alpaca", "llama"),
    ModelFamily("qwen3", "Qwen 3", r"qwen-?3", 128 * K, 32 * K, "ChatML", "qwen2"),
    ModelFamily("qwen2", "Qwen 2", r"qwen-?2|qwq", 128 * K, 32 * K, "ChatML", "qwen2"),
    ModelFamily("qwen", "Qwen", r"qwen", 8 * K, None, "ChatML", "qwen2"),
    ModelFamily("gemma-4", "Gemma 4", r"gemma-?4", 128 * K, 32 * K, "Gemma 4", "gemma"),
    ModelFamily("gemma-3", "Gemma 3", r"gemma-?3", 128 * K, 32 * K, "Gemma 2", "gemma"),
    ModelFamily("gemma", "Gemma", r"(?:^|[^a-z])gemma", 8 * K, None, "Gemma 2", "gemma"),
    ModelFamily("yi-200k", "Yi 200K", r"(?:^|[^a-z])yi.*200k", 200 * K, 32 * K, "ChatML", "yi"),
    ModelFamily("yi", "Yi", r"(?:^|[^a-z])yi-", 4 * K, None, "ChatML", "yi"),
    ModelFamily("phi-3", "Phi 3 and 4", r"phi-?[34]", 128 * K, 16 * K, "Phi"),
    ModelFamily("phi", "Phi 1 and 2", r"phi-?(?:1|2)", 2 * K),
    ModelFamily("command-a", "Command A", r"command-?a(?![a-z])", 256 * K, 64 * K,
           "Command R", "command-a"),
    ModelFamily("aya-8b", "Aya", r"(?:^|[^a-z])aya.*8b", 8 * K, None, "Command R", "command-r"),
    ModelFamily("aya", "Aya", r"(?:^|[^a-z])aya(?![a-z])", 128 * K, 32 * K,
           "Command R", "command-r"),
    ModelFamily("command-r", "Command R", r"command-?r|c4ai", 128 * K, 32 * K,
           "Command R", "command-r"),
    ModelFamily("deepseek", "DeepSeek", r"deepseek", 128 * K, 64 * K, "DeepSeek-V2.5", "deepseek"),
    ModelFamily("jamba", "Jamba", r"jamba", 256 * K, 128 * K, "", "jamba"),
    ModelFamily("glm-4", "GLM 4", r"glm-?4", 128 * K, 32 * K, "GLM-4"),
    ModelFamily("gpt-oss", "gpt-oss", r"gpt-?oss", 128 * K, 32 * K, "OpenAI Harmony", "o200k_base"),
    ModelFamily("kimi", "Kimi", r"kimi|moonlight", 128 * K, 64 * K, "Moonshot AI"),
    ModelFamily("tinyllama", "TinyLlama", r"tiny-?llama", 2 * K, None, "", "llama"),
    ModelFamily("pygmalion-6b", "GPT-J", r"pygmalion-6b|gpt-?j", 2 * K, None, "", "gpt2"),
    ModelFamily("neox", "GPT-NeoX", r"neox|pythia", 2 * K),
    ModelFamily("falcon", "Falcon", r"falcon", 2 * K),
    ModelFamily("llama-1", "Llama 1",
           r"llama-?(?:7b|13b|30b|33b|65b)|wizard-?vicuna|guanaco|chronos-13b",
           2 * K, None, "", "llama"),
    ModelFamily("llama-2", "Llama 2",
           r"llama-?2|(?:^|[-_/.])l2(?:[-_.]|$)|mytho|tiefighter|psyfighter|nous-hermes-13b|xwin"
           r"|goliath|lzlv|euryale|emerhyst|noromaid-(?:13|20)b|airoboros|midnight-(?:rose|miqu)",
           4 * K, None, "Llama 2 Chat", "llama"),
)  # fmt: skip

FINE_TUNES = (
    (r"alpaca|mytho(?:max|mist)|tiefighter|psyfighter|fimbulvetr|noromaid|kunoichi|silicon-?maid"
     r"|toppy-m|loyal-macaroni|emerhyst|airoboros|chronos|nous-hermes-(?:llama|13b)", "Alpaca"),
    (r"mythalion|metharme|pygmalion-[23]", "Metharme"),
    (r"dolphin|openhermes|hermes-[234]|magnum|mag-?mell|chatml", "ChatML"),
    (r"xwin|goliath|lzlv|midnight-(?:rose|miqu)|vicuna", "Vicuna 1.1"),
)  # fmt: skip
"""Fine-tunes with a template of their own."""


def family_of(name: str) -> ModelFamily | None:
    """The family a name belongs to; None where no word of it is known."""
    return next((one for one in FAMILIES if re.search(one.match, name.lower())), None)


def template_of(name: str) -> str:
    """The instruct template that a name asks for: a fine-tune's own, else its family's."""
    family = family_of(name)
    own = family.instruct if family else ""
    return next((tuned for match, tuned in FINE_TUNES if re.search(match, name.lower())), own)


class ProposalSource(StrEnum):
    SERVER = "server"
    """The chat template that the server itself uses."""
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Names of stock templates (empty = none) and a tokenizer's id (empty = the best match)."""

    instruct: str = ""
    context: str = ""
    tokenizer: str = ""
    source: ProposalSource = ProposalSource.NAME


def propose(model: str, chat_template: str = "") -> Proposal | None:
    """What fits a model: by its server's own template where that is told, else by its name."""
    told = stock.for_chat_template(chat_template) if chat_template else None
    instruct = told or template_of(model) or stock.for_model(model) or ""
    if not instruct:
        return None
    family = family_of(model)
    return Proposal(
        instruct=instruct,
        context=instruct if instruct in stock.names(PresetKind.CONTEXT) else "",
        tokenizer=family.tokenizer if family else "",
        source=ProposalSource.SERVER if told else ProposalSource.NAME,
    )
