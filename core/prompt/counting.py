"""Which way the counts of a chat message's fields add up, by model name."""

from core.prompt.context import ChatCounting


def counting_of(model: str) -> ChatCounting:
    """How the counter that SillyTavern picks for a chat model adds up a message."""
    name = model.lower()
    if any(part in name for part in ("o1", "o3", "o4-mini", "gpt-5", "gpt-4", "gpt-3.5-turbo")):
        return ChatCounting.OPENAI
    if "claude" in name:
        return ChatCounting.CLAUDE
    others = (
        *("llama3", "llama-3", "llama", "mistral", "yi", "deepseek", "gemma", "gemini"),
        *("jamba", "qwen2", "command-r", "command-a", "nemo"),
    )
    return ChatCounting.JOINED if any(part in name for part in others) else ChatCounting.OPENAI
