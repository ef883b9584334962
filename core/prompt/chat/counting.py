"""Which way the counts of a chat message's fields add up, by model name."""

from core.prompt.context import ChatCounting

_OPENAI = ("o1-preview", "o1-mini", "o3", "o4-mini", "gpt-5", "gpt-4", "gpt-3.5-turbo")
_OTHERS = (
    *("claude", "llama3", "llama-3", "llama", "mistral", "yi", "deepseek", "gemma", "gemini"),
    *("learnlm", "jamba", "qwen2", "command-r", "command-a", "nemo"),
)


def counting_of(model: str) -> ChatCounting:
    """How SillyTavern adds up a message for a model behind a custom endpoint.

    Letters count as they are written. Of Claude's models only the bare name is known as such;
    the others' counts are corrected like those of any tokenizer that is not OpenAI's.
    """
    if model == "claude":
        return ChatCounting.CLAUDE
    is_other = not any(part in model for part in _OPENAI) and any(part in model for part in _OTHERS)
    return ChatCounting.JOINED if is_other else ChatCounting.OPENAI
