"""Proposing a template from what a server reports."""

import pytest

from core.presets import stock
from core.presets.preset import PresetKind
from core.presets.stock import for_chat_template, for_model

# Turn markers as they stand in the makers' own Jinja chat templates.
REPORTED = {
    "ChatML": "{{'<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>'}}",
    "Llama 3 Instruct": "'<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'",
    "Llama 4 Instruct": "'<|header_start|>' + message['role'] + '<|header_end|>\\n\\n'",
    "Llama 2 Chat": "bos_token + '[INST] ' + '<<SYS>>\\n' + system + '\\n<</SYS>>\\n\\n'",
    "Mistral V1": "{{- ' [INST] ' + system_message + '\\n\\n' + message['content'] + ' [/INST]' }}",
    "Mistral V2 & V3": '{{- "[AVAILABLE_TOOLS] [" }} {{- "[INST] " + content + "[/INST]" }}',
    "Mistral V3-Tekken": '{{- "[AVAILABLE_TOOLS][" }} {{- "[INST]" + content + "[/INST]" }}',
    "Mistral V7": '{{- "[SYSTEM_PROMPT] " + c + "[/SYSTEM_PROMPT]" }} {{- "[INST] " + c }}',
    "Mistral V7-Tekken": "{{- '[SYSTEM_PROMPT]' + c + '[/SYSTEM_PROMPT]' }}{{- '[INST]' + c }}",
    "Gemma 2": "'<start_of_turn>' + role + '\\n' + content + '<end_of_turn>\\n'",
    "Gemma 4": "{{- '<|turn>' + role + '\\n' }} {{- '<turn|>\\n' }} <|channel>thought",
    "Command R": "'<|START_OF_TURN_TOKEN|><|USER_TOKEN|>' + content + '<|END_OF_TURN_TOKEN|>'",
    "DeepSeek-V2.5": "'<｜User｜>' + c + '<｜Assistant｜>' + c + '<｜end▁of▁sentence｜>'",
    "GLM-4": "[gMASK]<sop>{%- for m in messages -%}<|user|>\\n<|assistant|>\\n<think>",
    "Phi": "'<|user|>\\n' + c + '<|end|>\\n' '<|assistant|>\\n'",
    "Moonshot AI": "<|im_user|>user<|im_middle|> <|im_assistant|>assistant<|im_middle|> <|im_end|>",
    "OpenAI Harmony": "<|start|>assistant<|channel|>final<|message|>",
    "Dots1": "<|userprompt|>' + c + '<|endofuserprompt|><|response|>",
    "Vicuna 1.1": "'USER: ' + c + '\\n' 'ASSISTANT: ' + c + '</s>'",
    "Synthia": "'SYSTEM: ' + c 'USER: ' + c 'ASSISTANT: ' + c",
    "Tulu": "'<|user|>\\n' + c + '\\n' '<|assistant|>\\n' + c + eos_token",
    "Alpaca": "'### Instruction:\\n' + c '### Response:\\n'",
    "Metharme": "<|system|> <|user|> <|model|>",
}
MODELS = {
    "Meta-Llama-3.1-8B-Instruct-Q4_K_M.gguf": "Llama 3 Instruct",
    "Hermes-3-Llama-3.1-8B": "ChatML",
    "Qwen2.5-72B-Instruct": "ChatML",
    "dolphin-2.9-llama3-8b": "ChatML",
    "Llama-4-Scout-17B-16E-Instruct": "Llama 4 Instruct",
    "llama-2-13b-chat": "Llama 2 Chat",
    "Mistral-7B-Instruct-v0.1": "Mistral V1",
    "Mixtral-8x7B-Instruct-v0.1": "Mistral V1",
    "Mistral-7B-Instruct-v0.3": "Mistral V2 & V3",
    "Mistral-Nemo-Instruct-2407": "Mistral V3-Tekken",
    "Mistral-Large-Instruct-2411": "Mistral V7",
    "Mistral-Small-3.2-24B-Instruct-2506": "Mistral V7-Tekken",
    "Magistral-Small-2506": "Mistral V7-Tekken",
    "gemma-2-9b-it": "Gemma 2",
    "google/gemma-3-27b-it": "Gemma 2",
    "gemma-4-31B-it": "Gemma 4",
    "c4ai-command-r-08-2024": "Command R",
    "DeepSeek-V3-0324": "DeepSeek-V2.5",
    "DeepSeek-R1-Distill-Llama-8B": "DeepSeek-V2.5",
    "GLM-4.6": "GLM-4",
    "Phi-3.5-mini-instruct": "Phi",
    "Kimi-K2-Instruct": "Moonshot AI",
    "gpt-oss-120b": "OpenAI Harmony",
    "dots.llm1.inst": "Dots1",
    "mythomax-l2-13b": "Alpaca",
    "Llama-3.1-Tulu-3-8B": "Tulu",
    "vicuna-13b-v1.5": "Vicuna 1.1",
    "WizardLM-13B-V1.2": "WizardLM-13B",
    "pygmalion-2-13b": "Metharme",
    "a-model-nobody-knows": None,
}


@pytest.mark.parametrize("name", REPORTED)
def test_markers_propose_the_template(name: str) -> None:
    assert for_chat_template(REPORTED[name]) == name


@pytest.mark.parametrize("template", ["", "{{ messages }}", "<|im_start|>user<|im_sep|>"])
def test_unknown_templates_propose_nothing(template: str) -> None:
    assert for_chat_template(template) is None


@pytest.mark.parametrize("model", MODELS)
def test_model_names_activate_the_template(model: str) -> None:
    assert for_model(model) == MODELS[model]


def test_no_model_name_activates_two_templates() -> None:
    import re

    for model in MODELS:
        matching = [
            name
            for name in stock.names(PresetKind.INSTRUCT)
            if (pattern := stock.document("instruct", name).get("activation_regex"))
            and re.search(pattern[1:-2], model, re.IGNORECASE)
        ]
        assert len(matching) <= 1, (model, matching)
