"""What is known about a model, as sentences."""

from collections.abc import Mapping
from typing import Any

import discord

from bot.command_context import CommandContext
from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from bot.views.base import Panel
from core.detect import Format, ModelName, Proposal, Verdict
from core.detect.proposal import Source
from core.detect.quantisation import Loss
from core.models_in_use import advice as advising
from core.models_in_use.advice import Advice

_LOSSES: Mapping[Loss, str] = {
    Loss.NONE: N_("as good as the original"),
    Loss.SLIGHT: N_("hardly worse than the original"),
    Loss.SOME: N_("somewhat worse than the original"),
    Loss.STRONG: N_("much worse than the original"),
}
_FORMATS: Mapping[Format, str] = {
    Format.GGUF: N_("GGUF: one file holds everything; runs on CPU, graphics card or both."),
    Format.GGML: N_("GGML, the format before GGUF: today's servers do not read it. Get the GGUF."),
    Format.SAFETENSORS: N_(
        "Safetensors: weights only, it cannot run code. Needs all its shards, config and tokenizer."
    ),
    Format.PICKLE: N_("PyTorch's own format (pickle)."),
    Format.GPTQ: N_("GPTQ: rounded to few bits, for graphics cards only. Needs the whole folder."),
    Format.AWQ: N_("AWQ: rounded to four bits, for graphics cards only. Needs the whole folder."),
    Format.EXL2: N_("EXL2 (ExLlamaV2): for graphics cards only. Needs the whole folder."),
    Format.EXL3: N_("EXL3 (ExLlamaV3): for graphics cards only. Needs the whole folder."),
    Format.FULL: N_(
        "Looks like an unrounded model: the whole folder is needed, and much memory. "
        "Its `config.json` says under `quant_method` whether it is rounded after all."
    ),
    Format.CONFIG: N_(
        "A settings file of a model folder: `quant_method` in it names the rounding "
        "(gptq, awq, exl2…); without it the model is unrounded."
    ),
    Format.TOKENIZER: N_("A model's tokenizer; it belongs to the folder of its weights."),
    Format.ADAPTER: N_("An adapter (LoRA): it is put on top of a model and is none by itself."),
    Format.PROJECTOR: N_("The eyes of a model that sees: loaded beside its GGUF as “mmproj”."),
    Format.ONNX: N_("ONNX: none of the servers here load it for chatting."),
    Format.UNKNOWN: N_(
        "The name does not tell what this is. Give the file's or repository's full name, such as "
        "`mythomax-l2-13b.Q5_K_M.gguf`."
    ),
}


def facts_line(model: ModelName) -> str:
    """Family, size, quantisation and limits in one line; empty where nothing is known."""
    parts = []
    if model.family:
        parts.append(model.family.name)
    if model.size:
        parts.append(model.size)
    if model.quantisation:
        loss = model.quantisation.loss
        label = model.quantisation.label
        parts.append(f"{label} ({_(_LOSSES[loss])})" if loss else label)
    if model.gigabytes:
        parts.append(_("{number} GB of weights", number=f"{model.gigabytes:.1f}"))
    if model.real_context:
        parts.append(_("good up to {number} tokens", number=f"{model.real_context:,}"))
    return " · ".join(parts)


def claim_line(model: ModelName) -> str:
    """Where makers promise more than the model holds."""
    family = model.family
    if family is None or not family.claimed or not family.real or model.context:
        return ""
    return _(
        "{family} is said to take {claimed} tokens, but is reliable up to {real}.",
        family=family.name,
        claimed=f"{family.claimed:,}",
        real=f"{family.real:,}",
    )


def advice_lines(advice: Advice, size: int | None) -> list[str]:
    """What the name tells, and warnings."""
    lines = []
    if known := facts_line(advice.model):
        lines.append(f"-# {known}")
    if claim := claim_line(advice.model):
        lines.append(f"-# {claim}")
    if advice.wished is not None and size is not None:
        lines.append(
            _(
                "⚠ {wished} tokens of context are asked for, the server gives {real}: that is "
                "what is used. More has to be set where the server is started.",
                wished=f"{advice.wished:,}",
                real=f"{size:,}",
            )
        )
    if advice.beyond is not None:
        lines.append(
            _(
                "⚠ More context is in use than this model is good for ({real} tokens).",
                real=f"{advice.beyond:,}",
            )
        )
    if advice.proposal is not None:
        lines.append(proposal_line(advice.proposal))
    return lines


def proposal_line(proposal: Proposal) -> str:
    """What is proposed, and why."""
    if proposal.source is Source.SERVER:
        return _(
            "💡 The server's own template is **{name}**; another one is in use here.",
            name=proposal.instruct,
        )
    return _("💡 By its name this model wants the **{name}** templates.", name=proposal.instruct)


class TemplateButton(Panel):
    """The button that takes a proposal."""

    def __init__(self, context: CommandContext, proposal: Proposal) -> None:
        super().__init__(context.actor.id)
        self._here = context
        self._proposal = proposal
        label = _("Use {name}", name=proposal.instruct)
        self.add_button(label, self._take, style=discord.ButtonStyle.primary)

    async def _take(self, interaction: discord.Interaction[Any]) -> None:
        here = self._here
        await advising.take(here.services.options, here.actor, here.place, self._proposal)
        said = _("**{name}** is used here from now on.", name=self._proposal.instruct)
        await interaction.response.edit_message(content=said, view=None)
        self.stop()


def verdict_lines(verdict: Verdict, servers: Mapping[str, str]) -> list[str]:
    """What a file is, what loads it, and whether it may be trusted."""
    lines = [f"**{shortened(verdict.model.name, 100)}**", _(_FORMATS[verdict.format])]
    if verdict.unsafe:
        lines.append(
            _(
                "⚠ **Unsafe:** loading such a file can run code hidden in it. Take the "
                "`.safetensors` or `.gguf` of the same model."
            )
        )
    if verdict.parts > 1:
        lines.append(
            _(
                "This is part {part} of {parts}; all of them are needed.",
                part=verdict.part,
                parts=verdict.parts,
            )
        )
    if known := facts_line(verdict.model):
        lines.append(known)
    if claim := claim_line(verdict.model):
        lines.append(claim)
    if verdict.model.context:
        lines.append(
            _(
                "The name promises {number} tokens of context.",
                number=f"{verdict.model.context:,}",
            )
        )
    if verdict.servers:
        names = ", ".join(servers.get(id_, id_) for id_ in verdict.servers)
        lines.append(_("Loaded by: {names}", names=names))
    return lines
