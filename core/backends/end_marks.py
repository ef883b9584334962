"""The tokens with which models end a text or begin somebody's turn, where they come as text."""

import regex

from core.backends.thoughts import is_quoted, may_be_quoted

_TOKENS = (
    "endoftext", "end_of_text", "eot_id", "eom_id", "eot", "eos", "eod", "im_end", "im_start",
    "im_sep", "end", "return", "call", "end_of_turn", "END_OF_TURN_TOKEN", "START_OF_TURN_TOKEN",
    "start_header_id", "end_header_id", "begin_of_text", "startoftext", "endofprompt", "user",
    "assistant", "system", "observation", "header_start", "eom", "endofresponse", "startofturn",
    "turn_end", "end_of_sentence", "end_of_role", "start_of_role", "role_start", "message_end",
)  # fmt: skip
MARKS = regex.compile(
    rf"<\|(?:{'|'.join(_TOKENS)})\|>"
    r"|</s>|<eos>|<(?:end|start)_of_turn>|<turn\|>|<\|turn>|\[/?INST\]|\[/?SYSTEM_PROMPT\]"
    r"|<[｜|](?:end▁of▁sentence|begin▁of▁sentence|User|Assistant)[｜|]>|\[e~\[|\[gMASK\]"
)
"""End-of-text and turn tokens of all usual families."""
HEADER = regex.compile(
    r"\s*(?:<\|assistant\|>|(?:<\|im_start\|>|<\|start_header_id\|>|<start_of_turn>|<\|turn>"
    r"|<\|start_of_role\|>)(?:assistant|model)(?:<\|end_header_id\|>|<\|end_of_role\|>|<\|im_sep\|>"
    r"|\n))"
)
"""The beginning of its own turn, which a model writes where the prompt has not."""
LONGEST = 32


def end_mark(text: str, start: int = 0, *, final: bool = True) -> tuple[int, str] | None:
    """(place, mark) of the first one from `start` on.

    One that is only spoken of is none, nor is `</s>` behind `<s>`, which strikes words out. The
    mark is empty where what stands at the end of a text that grows may become one.
    """
    while found := MARKS.search(text, start, partial=not final):
        if found.partial:
            return (found.start(), "") if found.start() < len(text) else None
        before, after = text[: found.start()], text[found.end() : found.end() + 1]
        if not final and not after and may_be_quoted(before):
            return found.start(), ""
        strikes = found[0] == "</s>" and before.count("<s>") > before.count("</s>")
        if not strikes and not is_quoted(before, after):
            return found.start(), found[0]
        start = found.end()
    return None
