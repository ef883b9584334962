"""The rows of the sampler table: add a sampler by adding a row."""

from typing import Any

from core.kind import Kind
from core.samplers.sampler import Dialect, Sampler, SamplerType

_N, _W, _S = SamplerType.NUMBER, SamplerType.WHOLE, SamplerType.SWITCH
_T, _L, _M = SamplerType.TEXT, SamplerType.LIST, SamplerType.MAP

_LOCAL = "koboldcpp textgen tabby aphrodite mancer"
_EVERYWHERE = " ".join(dialect.value for dialect in Dialect)


def _names(table: dict[str, str]) -> dict[Dialect, str]:
    """{"tabby ollama": "seed"} → one entry per dialect; later entries win."""
    return {Dialect(one): name for dialects, name in table.items() for one in dialects.split()}


def _row(
    id_: str,
    type_: SamplerType,
    range_: tuple[float, float] | None,
    neutral: object,
    help_: str,
    names: dict[str, str],
    imports: tuple[str, ...] = (),
    *,
    explicit: bool = False,
) -> Sampler:
    return Sampler(id_, type_, range_, neutral, help_, _names(names), imports, explicit)


_ROWS = (
    # Which tokens may come at all
    _row(
        "temperature", _N, (0, 10), 1.0,
        "How daring the choice of words is: 0 always takes the likeliest.",
        {_EVERYWHERE: "temperature"},
        ("temp", "temp_openai"),
    ),
    _row(
        "top_p", _N, (0, 1), 1.0,
        "Keeps the likeliest tokens that together reach this probability; 1 is off.",
        {_EVERYWHERE: "top_p", "gemini": "topP", "cohere": "p"},
        ("top_p_openai",),
        explicit=True,
    ),
    _row(
        "top_k", _W, (0, 500), 0,
        "Keeps only this many of the likeliest tokens; 0 is off.",
        {_EVERYWHERE.replace("mistral ", ""): "top_k", "gemini": "topK", "cohere": "k"},
        ("top_k_openai",),
        explicit=True,
    ),
    _row(
        "min_p", _N, (0, 1), 0.0,
        "Drops tokens less likely than this share of the likeliest one; 0 is off.",
        {f"{_LOCAL} llamacpp vllm ollama novelai horde openai": "min_p"},
        ("min_p_openai",),
        explicit=True,
    ),
    _row(
        "top_a", _N, (0, 1), 0.0,
        "As min_p, with the square of the likeliest token's probability; 0 is off.",
        {f"{_LOCAL} koboldai textgen-legacy novelai horde openai": "top_a"},
        ("top_a_openai",),
    ),
    _row(
        "typical_p", _N, (0, 1), 1.0,
        "Prefers tokens that are about as surprising as expected; 1 is off.",
        {
            "llamacpp textgen textgen-legacy aphrodite ollama novelai mancer": "typical_p",
            "koboldcpp koboldai tabby horde": "typical",
        },
        ("typical", "typ_p", "typ_s"),
        explicit=True,
    ),
    _row(
        "tfs", _N, (0, 1), 1.0,
        "Tail-free sampling: cuts off the flat tail of unlikely tokens; 1 is off.",
        {f"{_LOCAL} koboldai textgen-legacy horde": "tfs", "novelai": "tail_free_sampling"},
        ("tfs_z", "tfs_s", "tail_free_sampling"),
    ),
    _row(
        "top_n_sigma", _N, (0, 10), 0.0,
        "Keeps tokens within this many standard deviations of the best; 0 is off.",
        {"llamacpp textgen": "top_n_sigma", "koboldcpp aphrodite": "nsigma"},
        ("nsigma",),
    ),
    _row(
        "epsilon_cutoff", _N, (0, 9), 0.0,
        "Drops tokens below this probability, in units of 1e-4; 0 is off.",
        {"textgen textgen-legacy aphrodite mancer": "epsilon_cutoff"},
    ),
    _row(
        "eta_cutoff", _N, (0, 20), 0.0,
        "Drops unlikely tokens depending on how sure the model is, in units of 1e-4; 0 is off.",
        {"textgen textgen-legacy aphrodite mancer": "eta_cutoff"},
    ),
    _row(
        "xtc_probability", _N, (0, 1), 0.0,
        "How often the very likeliest tokens are left out for variety; 0 is off.",
        {f"{_LOCAL} llamacpp": "xtc_probability"},
        explicit=True,
    ),
    _row(
        "xtc_threshold", _N, (0, 1), 0.1,
        "Tokens above this probability count as the very likeliest for xtc_probability.",
        {f"{_LOCAL} llamacpp": "xtc_threshold"},
    ),
    _row(
        "min_keep", _W, (0, 100), 0,
        "How many tokens must at least be left to choose from.",
        {"llamacpp": "min_keep"},
    ),
    _row(
        "skew", _N, (-5, 5), 0.0,
        "Tilts the choice towards likelier (negative) or less likely tokens.",
        {"tabby": "skew"},
    ),
    _row(
        "adaptive_target", _N, (-1, 1), -1.0,
        "Adaptive-P: the probability the chosen tokens should have on average; -1 is off.",
        {"llamacpp koboldcpp textgen tabby": "adaptive_target"},
    ),
    _row(
        "adaptive_decay", _N, (0, 0.99), 0.9,
        "Adaptive-P: how long earlier choices are remembered.",
        {"llamacpp koboldcpp textgen tabby": "adaptive_decay"},
    ),
    # Temperature in other forms
    _row(
        "dynatemp_low", _N, (0, 10), 0.0,
        "Dynamic temperature: the value where the model is sure. Works with dynatemp_high.",
        {
            "textgen": "dynatemp_low", "tabby": "min_temp", "aphrodite mancer": "dynatemp_min",
            "llamacpp koboldcpp horde": "dynatemp_range",
        },
        ("min_temp",),
    ),
    _row(
        "dynatemp_high", _N, (0, 10), 0.0,
        "Dynamic temperature: the value where the model is unsure; 0 is off.",
        {
            "textgen": "dynatemp_high", "tabby": "max_temp", "aphrodite mancer": "dynatemp_max",
            "llamacpp koboldcpp horde": "dynatemp_range",
        },
        ("max_temp",),
    ),
    _row(
        "dynatemp_exponent", _N, (0.01, 10), 1.0,
        "Dynamic temperature: how fast it moves between its two ends.",
        {
            "llamacpp koboldcpp horde textgen aphrodite mancer": "dynatemp_exponent",
            "tabby": "temp_exponent",
        },
    ),
    _row(
        "smoothing_factor", _N, (0, 10), 0.0,
        "Quadratic sampling: evens out likely tokens and drops unlikely ones; 0 is off.",
        {f"{_LOCAL} horde": "smoothing_factor"},
    ),
    _row(
        "smoothing_curve", _N, (1, 10), 1.0,
        "Quadratic sampling: the shape of its curve.",
        {"koboldcpp textgen aphrodite mancer": "smoothing_curve"},
    ),
    _row(
        "temperature_last", _S, None, False,
        "Applies the temperature after all other samplers.",
        {"textgen tabby aphrodite mancer": "temperature_last"},
    ),
    _row(
        "mirostat_mode", _W, (0, 2), 0,
        "Mirostat keeps the text equally surprising: 1 or 2 is its version, 0 is off.",
        {"llamacpp koboldcpp": "mirostat", "textgen textgen-legacy tabby": "mirostat_mode"},
        ("mirostat", "miro_type"),
        explicit=True,
    ),
    _row(
        "mirostat_tau", _N, (0, 20), 5.0,
        "Mirostat: how surprising the text should be.",
        {"llamacpp koboldcpp textgen textgen-legacy tabby novelai": "mirostat_tau"},
        ("miro_tau",),
    ),
    _row(
        "mirostat_eta", _N, (0, 1), 0.1,
        "Mirostat: how fast it adapts.",
        {
            "llamacpp koboldcpp textgen textgen-legacy tabby": "mirostat_eta",
            "novelai": "mirostat_lr",
        },
        ("mirostat_lr", "miro_eta"),
    ),
    _row(
        "math1_temp", _N, (-0.5, 5), 0.0,
        "NovelAI's unified sampler: linear part.",
        {"novelai": "math1_temp"},
    ),
    _row(
        "math1_quad", _N, (-1, 5), 0.0,
        "NovelAI's unified sampler: quadratic part.",
        {"novelai": "math1_quad"},
    ),
    _row(
        "math1_quad_entropy_scale", _N, (-1, 5), 0.0,
        "NovelAI's unified sampler: how much the model's unsureness counts.",
        {"novelai": "math1_quad_entropy_scale"},
    ),
    # Against repetition
    _row(
        "repetition_penalty", _N, (0.1, 5), 1.0,
        "Makes tokens that already stand in the text less likely; 1 is off.",
        {
            "textgen textgen-legacy tabby aphrodite vllm mancer novelai openai":
                "repetition_penalty",
            "koboldcpp koboldai horde": "rep_pen",
            "llamacpp ollama": "repeat_penalty",
        },
        ("repeat_penalty", "rep_pen", "repetition_penalty_openai"),
        explicit=True,
    ),
    _row(
        "repetition_penalty_range", _W, (0, 131072), 0,
        "How many of the last tokens the repetition penalty looks at.",
        {
            "textgen textgen-legacy novelai mancer": "repetition_penalty_range",
            "tabby": "penalty_range",
            "koboldcpp koboldai horde": "rep_pen_range",
            "llamacpp ollama": "repeat_last_n",
        },
        ("repeat_last_n", "penalty_range", "rep_pen_range"),
    ),
    _row(
        "repetition_penalty_slope", _N, (0, 10), 0.0,
        "How much weaker the repetition penalty is for tokens further back; 0 is off.",
        {"koboldcpp koboldai horde": "rep_pen_slope", "novelai": "repetition_penalty_slope"},
        ("rep_pen_slope",),
    ),
    _row(
        "repetition_decay", _W, (0, 131072), 0,
        "Over how many tokens the repetition penalty fades out.",
        {"tabby": "repetition_decay"},
        ("rep_pen_decay",),
    ),
    _row(
        "encoder_repetition_penalty", _N, (0.1, 2), 1.0,
        "Above 1 prefers words of the prompt, below 1 avoids them.",
        {"textgen textgen-legacy": "encoder_repetition_penalty"},
        ("encoder_rep_pen",),
    ),
    _row(
        "no_repeat_ngram_size", _W, (0, 20), 0,
        "Forbids repeating sequences of this many tokens; 0 is off.",
        {"textgen textgen-legacy aphrodite mancer": "no_repeat_ngram_size"},
    ),
    _row(
        "presence_penalty", _N, (-2, 2), 0.0,
        "Makes tokens less likely once they have been used; 0 is off.",
        {
            "llamacpp koboldcpp textgen tabby aphrodite vllm ollama openai mistral cohere mancer":
                "presence_penalty",
            "gemini": "presencePenalty",
            "novelai": "repetition_penalty_presence",
        },
        ("repetition_penalty_presence", "presence_pen", "pres_pen_openai"),
        explicit=True,
    ),
    _row(
        "frequency_penalty", _N, (-2, 2), 0.0,
        "Makes tokens less likely the more often they have been used; 0 is off.",
        {
            "llamacpp textgen tabby aphrodite vllm ollama openai mistral cohere mancer":
                "frequency_penalty",
            "gemini": "frequencyPenalty",
            "novelai": "repetition_penalty_frequency",
        },
        ("repetition_penalty_frequency", "freq_pen", "freq_pen_openai"),
        explicit=True,
    ),
    _row(
        "phrase_repetition_penalty", _T, None, "off",
        "NovelAI: off, very_light, light, medium, aggressive or very_aggressive.",
        {"novelai": "phrase_rep_pen"},
        ("phrase_rep_pen",),
    ),
    _row(
        "dry_multiplier", _N, (0, 100), 0.0,
        "DRY: how strongly repeating a phrase is punished; 0 is off.",
        {f"{_LOCAL} llamacpp": "dry_multiplier"},
        explicit=True,
    ),
    _row(
        "dry_base", _N, (1, 8), 1.75,
        "DRY: how fast the punishment grows with the length of the phrase.",
        {f"{_LOCAL} llamacpp": "dry_base"},
    ),
    _row(
        "dry_allowed_length", _W, (1, 100), 2,
        "DRY: phrases up to this many tokens may be repeated.",
        {f"{_LOCAL} llamacpp": "dry_allowed_length"},
    ),
    _row(
        "dry_penalty_last_n", _W, (-1, 131072), 0,
        "DRY: how many of the last tokens it looks at; 0 leaves it to the server.",
        {"llamacpp koboldcpp aphrodite mancer": "dry_penalty_last_n", "tabby": "dry_range"},
    ),
    _row(
        "dry_sequence_breakers", _L, None, ["\n", ":", "\"", "*"],
        "DRY: texts at which a phrase ends, as a list.",
        {f"{_LOCAL} llamacpp": "dry_sequence_breakers"},
    ),
    # Forbidding and steering
    _row(
        "seed", _W, (-1, 2**53), -1,
        "The same number gives the same text where nothing else changes; -1 is random.",
        {
            "llamacpp textgen textgen-legacy aphrodite vllm ollama openai gemini cohere mancer":
                "seed",
            "koboldcpp koboldai": "sampler_seed",
            "mistral": "random_seed",
        },
        ("sampler_seed", "random_seed", "seed_openai"),
    ),
    _row(
        "logit_bias", _M, None, {},
        "Makes tokens likelier or less likely: token id to number.",
        {"llamacpp koboldcpp textgen tabby aphrodite vllm openai mancer": "logit_bias"},
    ),
    _row(
        "banned_tokens", _L, None, [],
        "Token ids that may never come.",
        {
            "llamacpp": "logit_bias", "tabby": "banned_tokens",
            "koboldcpp textgen textgen-legacy aphrodite mancer": "custom_token_bans",
        },
    ),
    _row(
        "banned_strings", _L, None, [],
        "Texts that may never come, as a list.",
        {"koboldcpp": "banned_tokens", "tabby": "banned_strings", "vllm": "bad_words"},
    ),
    _row(
        "ignore_eos", _S, None, False,
        "Lets the model not end before the longest allowed reply.",
        {
            "llamacpp aphrodite vllm mancer": "ignore_eos",
            "koboldcpp textgen textgen-legacy tabby": "ban_eos_token",
            "koboldai horde": "use_default_badwordsids",
        },
        (
            "use_default_badwordsids", "ban_eos_token", "ignore_eos_token",
            "ignore_eos_token_aphrodite",
        ),
    ),
    _row(
        "min_tokens", _W, (0, 4096), 0,
        "The shortest reply, in tokens.",
        {
            "tabby aphrodite vllm mancer": "min_tokens",
            "textgen-legacy novelai": "min_length",
        },
        ("min_length",),
    ),
    _row(
        "add_bos_token", _S, None, True,
        "Puts the model's begin mark in front of the prompt.",
        {"textgen textgen-legacy tabby": "add_bos_token"},
    ),
    _row(
        "skip_special_tokens", _S, None, True,
        "Leaves the model's special tokens out of the reply.",
        {"textgen textgen-legacy aphrodite vllm mancer": "skip_special_tokens"},
    ),
    _row(
        "spaces_between_special_tokens", _S, None, True,
        "Puts spaces between special tokens where they are shown.",
        {"aphrodite vllm": "spaces_between_special_tokens"},
    ),
    _row(
        "speculative_ngram", _S, None, False,
        "Guesses tokens ahead from the prompt, which is faster where texts repeat.",
        {"tabby": "speculative_ngram"},
    ),
    _row(
        "num_beams", _W, (1, 20), 1,
        "Beam search: how many texts are tried side by side; 1 is off.",
        {"textgen-legacy": "num_beams"},
    ),
    _row(
        "length_penalty", _N, (-5, 5), 1.0,
        "Beam search: above 0 prefers longer texts.",
        {"textgen-legacy": "length_penalty"},
    ),
    _row(
        "early_stopping", _S, None, False,
        "Beam search: ends as soon as enough texts are whole.",
        {"textgen-legacy": "early_stopping"},
    ),
    _row(
        "token_healing", _S, None, False,
        "Lets the model rewrite the last token of the prompt.",
        {"tabby": "token_healing"},
    ),
    _row(
        "max_tokens_second", _W, (0, 20), 0,
        "Limits the speed to this many tokens a second; 0 is off.",
        {"textgen": "max_tokens_second"},
    ),
    _row(
        "do_sample", _S, None, True,
        "Off: always the likeliest token.",
        {"textgen textgen-legacy": "do_sample"},
    ),
    _row(
        "penalty_alpha", _N, (0, 5), 0.0,
        "Contrastive search: how strongly repetition is punished; 0 is off.",
        {"textgen textgen-legacy": "penalty_alpha"},
    ),
    _row(
        "guidance_scale", _N, (0.1, 30), 1.0,
        "Classifier-free guidance: how strongly negative_prompt is avoided; 1 is off.",
        {"koboldcpp textgen textgen-legacy": "guidance_scale"},
    ),
    _row(
        "negative_prompt", _T, None, "",
        "Classifier-free guidance: what the reply should not be like.",
        {"koboldcpp textgen textgen-legacy": "negative_prompt"},
    ),
    _row(
        "grammar", _T, None, "",
        "A GBNF grammar that the reply has to follow.",
        {"llamacpp koboldcpp": "grammar", "textgen tabby": "grammar_string"},
        ("grammar_string",),
    ),
    _row(
        "generate_until_sentence", _S, None, True,
        "NovelAI: may go a little over the limit to end a sentence.",
        {"novelai": "generate_until_sentence"},
    ),
    _row(
        "prefix", _T, None, "vanilla",
        "NovelAI: the module in front of the text.",
        {"novelai": "prefix"},
    ),
    # Order
    _row(
        "sampler_order", _L, None, [],
        "The order of samplers by KoboldAI's numbers 0 to 6.",
        {"koboldcpp koboldai horde": "sampler_order"},
    ),
    _row(
        "sampler_names", _L, None, [],
        "The order of samplers by llama.cpp's names.",
        {"llamacpp": "samplers"},
        ("samplers",),
    ),
    _row(
        "sampler_priority", _L, None, [],
        "The order of samplers by text-generation-webui's names.",
        {"textgen mancer": "sampler_priority"},
    ),
    _row(
        "aphrodite_priority", _L, None, [],
        "The order of samplers by Aphrodite's names.",
        {"aphrodite": "sampler_priority"},
        ("samplers_priorities",),
    ),
    _row(
        "novelai_order", _L, None, [],
        "The order of samplers by NovelAI's numbers; only those listed run.",
        {"novelai": "order"},
        ("order",),
    ),
)  # fmt: skip

ALL_SAMPLERS = {row.id: row for row in _ROWS}
"""By id, in the order in which people should read them."""


def defaults(kind: Kind) -> dict[str, Any]:
    """What is sent where no preset is chosen; everything else stays neutral.

    min_p keeps small local models from derailing; chat servers of vendors mostly refuse it.
    """
    return {"temperature": 1.0, "min_p": 0.05} if kind is Kind.TEXT else {"temperature": 1.0}
