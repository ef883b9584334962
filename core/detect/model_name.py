"""The name of a model or its file taken apart. Names are not to be trusted: all are hints."""

import re
from dataclasses import dataclass
from enum import StrEnum

from core.detect.families import ModelFamily, family_of


class Loss(StrEnum):
    """What rounding costs, by common experience."""

    NONE = "none"
    SLIGHT = "slight"
    SOME = "some"
    STRONG = "strong"


@dataclass(frozen=True, slots=True)
class Quantisation:
    """`bits` are per weight, everything included; None where the name does not say."""

    label: str
    bits: float | None = None

    @property
    def loss(self) -> Loss | None:
        """What it costs against the unrounded model."""
        bits = self.bits
        if bits is None:
            return None
        steps = ((8.0, Loss.NONE), (4.8, Loss.SLIGHT), (3.5, Loss.SOME), (0, Loss.STRONG))
        return next(loss for border, loss in steps if bits >= border)


# Bits per weight of llama.cpp's types, from the sizes of 7B files.
_GGUF = {
    "Q2_K": 3.35, "Q2_K_S": 3.2, "Q2_K_L": 3.4, "Q3_K": 3.9, "Q3_K_S": 3.5, "Q3_K_M": 3.9,
    "Q3_K_L": 4.3, "Q3_K_XL": 4.4, "Q4_0": 4.55, "Q4_1": 5.0, "Q4_K": 4.85, "Q4_K_S": 4.6,
    "Q4_K_M": 4.85, "Q4_K_L": 5.0, "Q4_K_XL": 5.0, "Q5_0": 5.5, "Q5_1": 6.0, "Q5_K": 5.7,
    "Q5_K_S": 5.5, "Q5_K_M": 5.7, "Q5_K_L": 5.8, "Q6_K": 6.6, "Q6_K_L": 6.7, "Q8_0": 8.5,
    "IQ1_S": 1.6, "IQ1_M": 1.75, "IQ2_XXS": 2.1, "IQ2_XS": 2.3, "IQ2_S": 2.5, "IQ2_M": 2.7,
    "IQ3_XXS": 3.1, "IQ3_XS": 3.3, "IQ3_S": 3.5, "IQ3_M": 3.7, "IQ4_XS": 4.3, "IQ4_NL": 4.5,
}  # fmt: skip
_GGUF_NAME = re.compile(
    r"(?<![a-z0-9])(i?q[1-8](?:_(?:k(?:_(?:xl|[sml]))?|[01]|xxs|xs|nl|[sm]))?)(?![a-z0-9])"
)
_BITS_PER_WEIGHT = re.compile(r"(?<![\d.])(\d{1,2}(?:\.\d{1,2})?)[-_ ]?bpw")
_BITS = re.compile(r"(?<![a-z0-9])(?:int|w)?(\d)[-_ ]?bits?(?![a-z])|(?<![a-z0-9])int(4|8)(?!\d)")
_FLOATS = (
    (re.compile(r"(?<![a-z0-9])(?:fp|f)32(?!\d)"), "F32", 32.0),
    (re.compile(r"(?<![a-z0-9])bf16(?!\d)"), "BF16", 16.0),
    (re.compile(r"(?<![a-z0-9])(?:fp|f)16(?!\d)"), "F16", 16.0),
    (re.compile(r"(?<![a-z0-9])(?:fp|f)8(?!\d)"), "FP8", 8.0),
    (re.compile(r"(?<![a-z0-9])(?:mxfp4|nvfp4|fp4|nf4)(?!\d)"), "FP4", 4.3),
)
_ROUNDED_BY = re.compile(r"(?<![a-z])(gptq|awq|exl2|exl3|hqq|aqlm|bnb)(?![a-z])")


def quantisation_of(name: str) -> Quantisation | None:
    text = name.lower()
    method = _ROUNDED_BY.search(text)
    label = method[1].upper() if method else ""
    weight = _BITS_PER_WEIGHT.search(text)
    if weight:
        return Quantisation(f"{label or 'EXL2'} {weight[1]} bpw", float(weight[1]))
    file = _GGUF_NAME.search(text)
    if file and not method:
        found = file[1].upper()
        return Quantisation(found, _GGUF.get(found, float(re.sub(r"\D", "", found)[0]) + 0.5))
    bits = _BITS.search(text)
    if bits:
        number = bits[1] or bits[2]
        return Quantisation(f"{label or 'quantised'} {number}-bit", float(number))
    if method:
        # GPTQ and AWQ are made with four bits unless their names say otherwise.
        return Quantisation(label, 4.25 if label in ("GPTQ", "AWQ") else None)
    return next(
        (Quantisation(one, number) for mark, one, number in _FLOATS if mark.search(text)), None
    )


_SIZE = re.compile(r"(?<![a-z0-9.])(?:(\d{1,3})x)?(\d{1,4}(?:\.\d{1,2})?)(b|m)(?![a-z0-9])")
_CONTEXT = re.compile(r"(?<![a-z0-9_.])(\d{1,4})([km])(?![a-z0-9_])")
_SHARED = 0.85
"""Experts share some of their weights: 8x7B has 47 billion, not 56."""


@dataclass(frozen=True, slots=True)
class ModelName:
    """`size` as written ("7B", "8x7B"), `billions` of weights in all, `context` in tokens."""

    name: str
    family: ModelFamily | None = None
    size: str = ""
    billions: float | None = None
    quantisation: Quantisation | None = None
    context: int | None = None
    """What the name itself promises (`-16k`)."""

    @property
    def gigabytes(self) -> float | None:
        """What the weights alone take in memory."""
        bits = self.quantisation.bits if self.quantisation else None
        if self.billions is None or bits is None:
            return None
        return self.billions * bits / 8

    @property
    def real_context(self) -> int | None:
        """The context up to which the model is known to be good; None = nothing known."""
        if self.context is not None:
            return self.context
        return self.family.real_context if self.family else None


_ON_DISK = re.compile(r"(?:[a-z]:)?[\\/]|~|\.{1,2}[\\/]|.*\\", re.I)
_FILE = re.compile(r"\.(?:gguf|ggml|bin|safetensors|pth?)$", re.I)


def shown_name(name: str) -> str:
    """A model's name fit to be shown: of a path on the server's disk the file or folder alone."""
    parts = [part for part in re.split(r"[\\/]", name) if part]
    is_path = _ON_DISK.match(name) or (len(parts) > 2 and _FILE.search(name))
    return parts[-1] if is_path and parts else name


def read_name(name: str) -> ModelName:
    """The parts of a model's name: a file, a repository, a tag or a vendor's id."""
    text = name.lower()
    size, billions = _size_of(text)
    return ModelName(
        name=name,
        family=family_of(name),
        size=size,
        billions=billions,
        quantisation=quantisation_of(name),
        context=_context_of(text),
    )


def _size_of(text: str) -> tuple[str, float | None]:
    found = _SIZE.search(text)
    if found is None:
        return "", None
    experts, number, unit = found[1], float(found[2]), found[3]
    billions = number if unit == "b" else number / 1000
    if experts:
        return f"{experts}x{found[2]}{unit.upper()}", int(experts) * billions * _SHARED
    return f"{found[2]}{unit.upper()}", billions


def _context_of(text: str) -> int | None:
    for found in _CONTEXT.finditer(text):
        number = int(found[1])
        if found[2] == "m" and number <= 10:
            return number * 1024 * 1024
        if found[2] == "k" and 2 <= number <= 1024:
            return number * 1024
    return None


class Format(StrEnum):
    GGUF = "gguf"
    GGML = "ggml"
    """GGUF's predecessor, which today's servers do not read."""
    SAFETENSORS = "safetensors"
    PICKLE = "pickle"
    """PyTorch's own files: loading one can run code hidden in it."""
    GPTQ = "gptq"
    AWQ = "awq"
    EXL2 = "exl2"
    EXL3 = "exl3"
    FULL = "full"
    """An unrounded model in a folder of its own."""
    CONFIG = "config"
    TOKENIZER = "tokenizer"
    ADAPTER = "adapter"
    PROJECTOR = "projector"
    """The eyes of a model that sees, beside its GGUF."""
    ONNX = "onnx"
    UNKNOWN = "unknown"


SERVERS = {
    Format.GGUF: ("koboldcpp", "llamacpp", "ollama", "lmstudio", "textgenwebui"),
    Format.SAFETENSORS: ("textgenwebui", "vllm", "aphrodite", "tabby"),
    Format.GPTQ: ("textgenwebui", "tabby", "aphrodite", "vllm"),
    Format.AWQ: ("aphrodite", "vllm"),
    Format.EXL2: ("tabby", "textgenwebui"),
    Format.EXL3: ("tabby", "textgenwebui"),
    Format.FULL: ("textgenwebui", "vllm", "aphrodite", "tabby"),
}
"""Backends (ids of rows) whose servers load a format."""


@dataclass(frozen=True, slots=True)
class ModelFile:
    """`part` and `parts` number the shards of a split model (0 = whole)."""

    format: Format
    model: ModelName
    unsafe: bool = False
    part: int = 0
    parts: int = 0

    @property
    def servers(self) -> tuple[str, ...]:
        return SERVERS.get(self.format, ())


_SHARD = re.compile(r"(\d{5})-of-(\d{5})")
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
_METHODS = (
    (re.compile(r"(?<![a-z])gptq(?![a-z])"), Format.GPTQ),
    (re.compile(r"(?<![a-z])awq(?![a-z])"), Format.AWQ),
    (re.compile(r"(?<![a-z])exl3(?![a-z])"), Format.EXL3),
    (re.compile(r"(?<![a-z])(?:exl2|[\d.]+bpw)(?![a-z])"), Format.EXL2),
    (re.compile(r"(?<![a-z])gguf(?![a-z])"), Format.GGUF),
    (re.compile(r"(?<![a-z])ggml(?![a-z])"), Format.GGML),
)


def identify(name: str) -> ModelFile:
    """What a name stands for; nothing is opened or fetched."""
    text = name.strip().lower().replace("\\", "/")
    file = text.rpartition("/")[2]
    found = _format_of(text, file)
    shard = _SHARD.search(file)
    return ModelFile(
        format=found,
        model=read_name(name.strip()),
        unsafe=found is Format.PICKLE,
        part=int(shard[1]) if shard else 0,
        parts=int(shard[2]) if shard else 0,
    )


def _format_of(text: str, file: str) -> Format:
    if file.startswith(("adapter_", "lora")):
        return Format.PICKLE if file.endswith(_PICKLES) else Format.ADAPTER
    if file.startswith("tokenizer") or file in ("vocab.json", "merges.txt"):
        return Format.TOKENIZER
    if file.endswith(".gguf"):
        return Format.PROJECTOR if "mmproj" in file else Format.GGUF
    if file.endswith(_PICKLES):
        return Format.GGML if "ggml" in file else Format.PICKLE
    if file.endswith(".onnx"):
        return Format.ONNX
    if file.endswith(".json"):
        return Format.CONFIG
    for mark, method in _METHODS:
        if mark.search(text):
            return method
    if file.endswith(".safetensors"):
        return Format.SAFETENSORS
    model = read_name(text)
    is_full = bool(model.size) and (model.quantisation is None or model.quantisation.bits == 16.0)
    return Format.FULL if is_full else Format.UNKNOWN
