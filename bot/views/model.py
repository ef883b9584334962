"""What is known about a model, as sentences."""

from collections.abc import Mapping

from bot.discord_text.display_names import shortened
from bot.i18n import N_, _
from core.backends.models import FREE
from core.backends.spec import Spec
from core.backends.types import Model
from core.detect import Format, Loss, ModelFile, ModelName, ProposalSource
from core.models_in_use.models import ActiveModel, Advice
from core.options.table import CONTEXT_SIZE

_LOSSES: Mapping[Loss, str] = {
    Loss.NONE: N_("as good as the original"),
    Loss.SLIGHT: N_("almost as good as the original"),
    Loss.SOME: N_("a bit worse than the original"),
    Loss.STRONG: N_("much worse than the original"),
}
_FORMATS: Mapping[Format, str] = {
    Format.GGUF: N_("GGUF: everything in one file. Runs on the CPU, the graphics card or both."),
    Format.GGML: N_(
        "GGML: the format before GGUF. Today's servers can't read it, so get the GGUF instead."
    ),
    Format.SAFETENSORS: N_(
        "Safetensors: safe, because it can't run code. You need all its parts, the config and "
        "the tokenizer."
    ),
    Format.PICKLE: N_("PyTorch's own format (pickle)."),
    Format.GPTQ: N_("GPTQ: quantised, only for graphics cards. You need the whole folder."),
    Format.AWQ: N_(
        "AWQ: quantised to four bits, only for graphics cards. You need the whole folder."
    ),
    Format.EXL2: N_("EXL2 (ExLlamaV2): only for graphics cards. You need the whole folder."),
    Format.EXL3: N_("EXL3 (ExLlamaV3): only for graphics cards. You need the whole folder."),
    Format.FULL: N_(
        "This looks like a full-size model. You need the whole folder and a lot of memory. Check "
        "`quant_method` in its `config.json` to see if it's quantised after all."
    ),
    Format.CONFIG: N_(
        "A settings file from a model folder. `quant_method` says how the model is quantised "
        "(gptq, awq, exl2…). If it's missing, the model is full-size."
    ),
    Format.TOKENIZER: N_("A model's tokenizer. It belongs in the model's folder."),
    Format.ADAPTER: N_("An adapter (LoRA). It's added to a model and doesn't work on its own."),
    Format.PROJECTOR: N_(
        "The part of a model that lets it see pictures. Load it next to the GGUF as “mmproj”."
    ),
    Format.ONNX: N_("ONNX: none of the supported servers can chat with it."),
    Format.UNKNOWN: N_(
        "I can't tell what this is from the name. Try the full name of the file or repository, "
        "like `mythomax-l2-13b.Q5_K_M.gguf`."
    ),
}

SMALL_CONTEXT = N_(
    "You asked for {wished} tokens of context, but the server only has {real}, so that's what's "
    "used. To get more, change it where the server is started."
)
MODEL_LIMIT = N_(
    "You asked for {wished} tokens of context, but the model only has {real}, so that's what's "
    "used."
)
BEYOND_LIMIT = N_("The context is larger than this model can handle well ({real} tokens).")


def group_name(spec: Spec) -> str:
    """Where a kind of server stands in lists of them."""
    if spec.local:
        return _("at home")
    return _("needs a key") if spec.key.need == "required" else _("no key needed")


def model_facts(model: Model) -> list[str]:
    """Context and price of a listed model, as far as its server tells."""
    facts = []
    if model.context_size:
        facts.append(_("{number} tokens", number=f"{model.context_size:,}"))
    if model.price == FREE:
        facts.append(_("free"))
    elif model.price:
        facts.append(_("{price} per million tokens", price=model.price))
    return facts


def facts_line(model: ModelName) -> str:
    """Family, size, quantisation and limits in one line; empty where nothing is known."""
    rounding, good = model.quantisation, model.real_context
    loss = _(_LOSSES[rounding.loss]) if rounding and rounding.loss else ""
    parts = [
        model.family.name if model.family else "",
        model.size,
        (f"{rounding.label} ({loss})" if loss else rounding.label) if rounding else "",
        _("{number} GB", number=f"{model.gigabytes:.1f}") if model.gigabytes else "",
        _("good up to {number} tokens", number=f"{good:,}") if good else "",
    ]
    return " · ".join(part for part in parts if part)


def claim_line(model: ModelName) -> str:
    """Where makers promise more than the model holds."""
    family = model.family
    if family is None or not family.claimed or not family.real or model.context:
        return ""
    return _(
        "{family} claims to handle {claimed} tokens, but only {real} work well.",
        family=family.name,
        claimed=f"{family.claimed:,}",
        real=f"{family.real:,}",
    )


def advice_lines(advice: Advice, active_model: ActiveModel) -> list[str]:
    """What the name tells, and warnings."""
    lines = [f"-# {line}" for line in (facts_line(advice.model), claim_line(advice.model)) if line]
    size = active_model.facts.context_size
    if advice.wished is not None and size is not None:
        lines.append("⚠ " + small_context_text(active_model, advice.wished, size))
    if advice.beyond is not None:
        lines.append("⚠ " + _(BEYOND_LIMIT, real=f"{advice.beyond:,}"))
    if advice.proposal is not None:
        lines.append(f"💡 {proposal_text(advice.proposal.source, advice.proposal.instruct)}")
    return lines


def tier_warning(active_model: ActiveModel) -> str:
    """Says that the account's subscription does not have the model; empty where it does."""
    tier, needed = active_model.facts.probe.tier, active_model.facts.probe.needed_tier
    if not needed:
        return ""
    return _(
        "{model} needs the subscription {needed}; this account has {tier}.",
        model=active_model.model,
        needed=needed,
        tier=tier,
    )


def smaller_text(active_model: ActiveModel) -> str:
    """Why the context starts smaller than the model allows; empty where it does not."""
    served, used = active_model.facts.context_size, active_model.context_size
    if active_model.options[CONTEXT_SIZE] is not None or served is None or used >= served:
        return ""
    if used == active_model.facts.known_limit:
        return _(
            "The server has room for {number} tokens, but the model is good up to {used}. To "
            "change it: `/connect context`.",
            number=f"{served:,}",
            used=f"{used:,}",
        )
    return _(
        "The model has room for {number} tokens. It starts smaller because a full prompt costs "
        "money or memory; `/connect context` goes up to that.",
        number=f"{served:,}",
    )


def small_context_text(active_model: ActiveModel, wished: int, real: int) -> str:
    """Who gives less context than was asked for, and what helps."""
    if tier := active_model.facts.probe.tier:
        return _(
            "You asked for {wished} tokens of context. The subscription {tier} has {real}, so "
            "that's what's used.",
            wished=f"{wished:,}",
            tier=tier,
            real=f"{real:,}",
        )
    return _(
        SMALL_CONTEXT if active_model.spec.local else MODEL_LIMIT,
        wished=f"{wished:,}",
        real=f"{real:,}",
    )


def proposal_text(source: object, name: object) -> str:
    """Which templates are proposed, and why."""
    if source == ProposalSource.SERVER:
        return _(
            "The server recommends the **{template}** template, but this channel uses another one.",
            template=name,
        )
    return _(
        "Going by its name, this model works best with the **{template}** templates.",
        template=name,
    )


def verdict_lines(verdict: ModelFile, servers: Mapping[str, str]) -> list[str]:
    """What a file is, what loads it, and whether it may be trusted."""
    part, parts, promised = verdict.part, verdict.parts, verdict.model.context
    names = ", ".join(servers.get(id_, id_) for id_ in verdict.servers)
    unsafe = _(
        "⚠ **Unsafe:** a file like this can run hidden code when it's loaded. Use the "
        "`.safetensors` or `.gguf` of the same model."
    )
    claimed = _(
        "According to its name, it handles {number} tokens of context.", number=f"{promised or 0:,}"
    )
    lines = [
        f"**{shortened(verdict.model.name, 100)}**",
        _(_FORMATS[verdict.format]),
        unsafe if verdict.unsafe else "",
        _("This is part {part} of {parts}. You need all of them.", part=part, parts=parts)
        if parts > 1
        else "",
        facts_line(verdict.model),
        claim_line(verdict.model),
        claimed if promised else "",
        _("Works with: {names}", names=names) if names else "",
    ]
    return [line for line in lines if line]
