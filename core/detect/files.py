"""Which format a model's file or repository has, told by its name alone."""

import re
from dataclasses import dataclass
from enum import StrEnum

from core.detect.model_name import ModelName, read_name


class Format(StrEnum):
    """What a name stands for."""

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
        """Ids of the backends that load it."""
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
    method = next((found for mark, found in _METHODS if mark.search(text)), None)
    if method is not None:
        return method
    if file.endswith(".safetensors"):
        return Format.SAFETENSORS
    model = read_name(text)
    is_full = bool(model.size) and (model.quantisation is None or model.quantisation.bits == 16.0)
    return Format.FULL if is_full else Format.UNKNOWN
