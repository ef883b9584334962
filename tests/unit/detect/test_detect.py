"""What a model's name tells, and which format a file has."""

import pytest

from core.detect import Format, Loss, ProposalSource, identify, propose, read_name, shown_name
from core.detect.families import FAMILIES, FINE_TUNES
from core.detect.model_name import SERVERS
from core.presets import stock
from core.presets.preset import PresetKind
from core.tokenizers.catalog import find


@pytest.mark.parametrize(
    ("name", "size", "label", "family"),
    [
        ("koboldcpp/Tiefighter-13B.Q6_K.gguf", "13B", "Q6_K", "llama-2"),
        ("kunoichi-dpo-v2-7b.Q6_K.gguf", "7B", "Q6_K", "mistral-7b"),
        ("Meta-Llama-3-70B-Instruct.Q2_K.gguf", "70B", "Q2_K", "llama-3"),
        ("mythomax-l2-13b.Q4_K_M.gguf", "13B", "Q4_K_M", "llama-2"),
        ("TheBloke_MythoMax-L2-13B-GPTQ", "13B", "GPTQ", "llama-2"),
        ("mixtral-8x7b-instruct-v0.1.Q3_K_S.gguf", "8x7B", "Q3_K_S", "mixtral"),
        ("turboderp_Mistral-7B-exl2_4.65bpw", "7B", "EXL2 4.65 bpw", "mistral-7b"),
        ("llama3.1:8b-instruct-q8_0", "8B", "Q8_0", "llama-3.1"),
        ("gemma-2-27b-it-IQ4_XS.gguf", "27B", "IQ4_XS", "gemma"),
        ("Qwen2.5-0.5B-Instruct-AWQ", "0.5B", "AWQ", "qwen2"),
        ("MN-12B-Mag-Mell-R1.Q5_K_L.gguf", "12B", "Q5_K_L", "nemo"),
        ("Llama-2-7B-32K-Instruct", "7B", "", "llama-2"),
    ],
)
def test_H12_size_and_quantisation(name: str, size: str, label: str, family: str) -> None:
    found = read_name(name)
    assert found.size == size
    assert (found.quantisation.label if found.quantisation else "") == label
    assert found.family is not None
    assert found.family.id == family


def test_H12_memory_of_the_weights() -> None:
    found = read_name("mythomax-l2-13b.Q4_K_M.gguf")
    assert found.gigabytes == pytest.approx(7.9, abs=0.2)
    assert read_name("mixtral-8x7b.Q4_0.gguf").billions == pytest.approx(47, abs=1)
    losses = [
        read_name(f"m-7b.{label}.gguf").quantisation.loss  # type: ignore[union-attr]
        for label in ("Q8_0", "Q5_K_M", "Q4_K_S", "Q2_K")
    ]
    assert losses == [Loss.NONE, Loss.SLIGHT, Loss.SOME, Loss.STRONG]


@pytest.mark.parametrize(
    ("name", "claimed", "real"),
    [
        ("llama-2-7b-chat.Q4_0.gguf", 4096, 4096),
        ("mistral-7b-instruct-v0.1.Q4_K_M.gguf", 8192, 4096),
        ("mistral-7b-instruct-v0.3.Q4_K_M.gguf", 32768, 16384),
        ("mythomax-l2-13b.gguf", 4096, 4096),
        ("pygmalion-6b", 2048, 2048),
    ],
)
def test_H11_real_limits(name: str, claimed: int, real: int) -> None:
    found = read_name(name)
    assert found.family is not None
    assert (found.family.claimed, found.real_context) == (claimed, real)


def test_H11_a_context_in_the_name_counts() -> None:
    assert read_name("longchat-7b-16k.gguf").real_context == 16 * 1024
    assert read_name("Llama-2-7B-32K").real_context == 32 * 1024
    assert read_name("model-7B-1M").context == 1024 * 1024
    assert read_name("mythomax-13b.Q4_K_M").context is None


@pytest.mark.parametrize(
    ("name", "wanted", "unsafe"),
    [
        ("mythomax-l2-13b.Q5_K_M.gguf", Format.GGUF, False),
        ("model-00001-of-00003.safetensors", Format.SAFETENSORS, False),
        ("pytorch_model.bin", Format.PICKLE, True),
        ("pytorch_model-00001-of-00002.bin", Format.PICKLE, True),
        ("pytorch-model-v2.bin", Format.PICKLE, True),
        ("consolidated.00.pth", Format.PICKLE, True),
        ("llama-7b.ggmlv3.q4_0.bin", Format.GGML, False),
        ("TheBloke/MythoMax-L2-13B-GPTQ", Format.GPTQ, False),
        ("Mistral-7B-Instruct-v0.2-AWQ", Format.AWQ, False),
        ("LoneStriker_Kunoichi-7B-5.0bpw-h6-exl2", Format.EXL2, False),
        ("config.json", Format.CONFIG, False),
        ("longchat-7b-16k", Format.FULL, False),
        ("mmproj-model-f16.gguf", Format.PROJECTOR, False),
        ("adapter_model.safetensors", Format.ADAPTER, False),
        ("tokenizer.model", Format.TOKENIZER, False),
        ("holiday.txt", Format.UNKNOWN, False),
    ],
)
def test_H13_formats(name: str, wanted: Format, unsafe: bool) -> None:
    verdict = identify(name)
    assert (verdict.format, verdict.unsafe) == (wanted, unsafe)


def test_H13_shards() -> None:
    verdict = identify("model-00002-of-00005.safetensors")
    assert (verdict.part, verdict.parts) == (2, 5)


@pytest.mark.parametrize(
    ("name", "instruct"),
    [
        ("kunoichi-dpo-v2-7b.Q6_K.gguf", "Alpaca"),
        ("mythomax-l2-13b.Q4_K_M.gguf", "Alpaca"),
        ("Meta-Llama-3.1-8B-Instruct", "Llama 3 Instruct"),
        ("Qwen2.5-7B-Instruct", "ChatML"),
        ("goliath-120b", "Vicuna 1.1"),
        ("gemma-2-9b-it", "Gemma 2"),
    ],
)
def test_H15_templates(name: str, instruct: str) -> None:
    found = propose(name)
    assert found is not None
    assert (found.instruct, found.source) == (instruct, ProposalSource.NAME)


def test_the_servers_own_template_wins() -> None:
    template = "{{ '<|im_start|>' + message['role'] + '<|im_end|>' }}"
    found = propose("mythomax-l2-13b", template)
    assert found is not None
    assert (found.instruct, found.source) == ("ChatML", ProposalSource.SERVER)


def test_nothing_is_proposed_for_an_unknown_name() -> None:
    assert propose("my-own-thing") is None
    assert read_name("my-own-thing").real_context is None


def test_the_tables_name_what_exists() -> None:
    templates = set(stock.names(PresetKind.INSTRUCT)) | {""}
    assert {family.instruct for family in FAMILIES} <= templates
    assert {instruct for _, instruct in FINE_TUNES} <= templates
    for family in FAMILIES:
        if family.tokenizer:
            assert find(family.tokenizer)
    from core.backends.catalog import Catalog

    rows = Catalog.load().rows
    assert {server for servers in SERVERS.values() for server in servers} <= rows.keys()


@pytest.mark.parametrize(
    ("name", "family", "tokenizer"),
    [
        ("deepseek-r1-distill-qwen-14b", "deepseek-distill-qwen", "qwen2"),
        ("DeepSeek-R1-Distill-Llama-8B.Q4_K_M.gguf", "deepseek-distill-llama", "llama3"),
        ("aya-expanse-32b", "aya", "command-r"),
        ("c4ai-aya-expanse-8b", "aya-8b", "command-r"),
        ("command-r-08-2024", "command-r", "command-r"),
        ("deepseek-v3", "deepseek", "deepseek"),
    ],
)
def test_distilled_models_are_what_they_were_made_of(
    name: str, family: str, tokenizer: str
) -> None:
    found = read_name(name).family
    assert found is not None
    assert (found.id, found.tokenizer) == (family, tokenizer)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("/home/ann/models/x.gguf", "x.gguf"),
        ("C:\\models\\x.gguf", "x.gguf"),
        ("~/x.gguf", "x.gguf"),
        ("./models/x", "x"),
        ("a/b/c.gguf", "c.gguf"),
        ("koboldcpp/x.gguf", "koboldcpp/x.gguf"),
        ("openai/gpt-4o", "openai/gpt-4o"),
        ("accounts/fireworks/models/llama", "accounts/fireworks/models/llama"),
    ],
)
def test_of_a_path_only_the_file_is_shown(name: str, shown: str) -> None:
    assert shown_name(name) == shown
