"""Thoughts of every family, split anywhere, never show; words around them always do."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.backends.end_marks import MARKS
from core.backends.thoughts import FAMILIES, ThoughtReader, opened_by
from core.reply.output_filter import OutputFilter, OutputRules

MARKED = {
    "think": ("<think>", "</think>"),
    "think with an attribute": ('<think duration="3s">', "</think>"),
    "thinking": ("<thinking>", "</thinking>"),
    "thought": ("<thought>", "</thought>"),
    "thoughts": ("<Thoughts>", "</Thoughts>"),
    "reasoning": ("<reasoning>", "</reasoning>"),
    "reflection": ("<reflection>", "</reflection>"),
    "seed": ("<seed:think>", "</seed:think>"),
    "longcat": ("<longcat_think>", "</longcat_think>"),
    "magistral": ("[THINK]", "[/THINK]"),
    "kimi": ("◁think▷", "◁/think▷"),
    "open thinker": ("<|begin_of_thought|>", "<|end_of_thought|>\n<|begin_of_solution|>"),
    "minicpm": ("<|thought_start|>", "<|thought_end|>"),
    "command": ("<|START_THINKING|>", "<|END_THINKING|><|START_RESPONSE|>"),
    "gemma": ("<|channel>thought\n", "<channel|>"),
    "apertus": ("<|inner_prefix|>", "<|inner_suffix|>"),
    "harmony": ("<|channel|>analysis<|message|>",
                "<|end|><|start|>assistant<|channel|>final<|message|>"),
    "harmony with a call": (
        "<|start|>assistant<|channel|>analysis<|message|>call<|end|><|start|>assistant"
        "<|channel|>commentary to=functions.x <|constrain|>json<|message|>",
        "<|call|><|start|>assistant<|channel|>final<|message|>"),
}  # fmt: skip
AT_THE_START = {
    "granite": ("Here is my thought process:", "Here is my response:"),
    "apriel": ("Here are my reasoning steps:\n", "[BEGIN FINAL RESPONSE]"),
    "bare harmony": ("analysis", "assistantfinal"),
}
WRAPPED = {
    "hunyuan": "<think>{}</think>\n<answer>\n{}\n</answer>",
    "ernie": "<think>\n{}\n</think>\n\n<response>\n{}\n</response>\n",
    "marco": "<Thought>{}</Thought><Output>{}</Output>",
    "sky": "<|begin_of_thought|>{}<|end_of_thought|><|begin_of_solution|>{}<|end_of_solution|>",
    "command": "<|START_THINKING|>{}<|END_THINKING|><|START_RESPONSE|>{}<|END_RESPONSE|>",
    "apriel": "Here are my reasoning steps:\n{}\n[BEGIN FINAL RESPONSE]\n{}\n[END FINAL RESPONSE]",
    "harmony": "<|channel|>analysis<|message|>{}<|end|><|start|>assistant<|channel|>final"
    "<|message|>{}<|return|>",
}
words = st.lists(
    st.sampled_from(
        ["Hello", "there", "*smiles*", "“No.”", "灯", "🏮", "a < b", "</b>", "|", "[x]"]
    ),
    min_size=1,
    max_size=6,
).map(" ".join)
secrets_ = st.lists(
    st.sampled_from(["SECRET", "plan", "\nAnn:", "</s>", "\n\n", "<b>", "{}", "```", "`"]),
    min_size=1,
    max_size=6,
).map(" ".join)
letters = st.sampled_from([str, str.lower, str.upper, str.title])


def split(text: str, random: Random) -> list[str]:
    cuts = sorted(random.randrange(len(text) + 1) for _ in range(random.randrange(12)))
    return [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]


def run(
    chunks: list[str], rules: OutputRules | None = None, field: str = "", *, watched: bool = True
) -> OutputFilter:
    """The reply at its end; `watched`: at no moment before it a thought shows."""
    output = OutputFilter(rules or OutputRules(stop=("\nAnn:",)))
    for number, chunk in enumerate(chunks):
        output.feed(chunk, field if number == 0 else "")
        assert not watched or "SECRET" not in output.text
    output.finish()
    return output


def assert_hidden(thought: str, output: OutputFilter) -> None:
    assert "SECRET" not in output.text
    assert not thought.strip() or output.reasoning.count(thought.strip()) <= 1


@pytest.mark.parametrize("family", MARKED)
@settings(max_examples=30)
@given(words, secrets_, words, letters, st.booleans(), st.randoms(use_true_random=False))
def test_before_between_and_by_field_too(  # type: ignore[no-untyped-def]
    family: str, before: str, thought: str, after: str, letter, by_field: bool, random: Random
) -> None:
    opening, closing = MARKED[family]
    if "harmony" in family:
        letter = str
    whole = f"{before} {letter(opening)}{thought}{letter(closing)}{after}"
    output = run(split(whole, random), field=thought if by_field else "")
    if "harmony" not in family:
        assert output.text.split() == f"{before} {after}".split()
    assert output.text.endswith(after)
    assert_hidden(thought, output)


@pytest.mark.parametrize("family", MARKED | AT_THE_START)
@settings(max_examples=30)
@given(secrets_, words, st.booleans(), st.randoms(use_true_random=False))
def test_at_the_beginning(
    family: str, thought: str, after: str, by_field: bool, random: Random
) -> None:
    opening, closing = (MARKED | AT_THE_START)[family]
    thought = f"Plan {thought}"
    output = run(split(f"{opening}{thought}{closing}\n\n{after}", random),
                 field=thought if by_field else "")  # fmt: skip
    assert output.text == after
    assert_hidden(thought, output)
    assert run([opening + thought]).text == ""


@pytest.mark.parametrize("family", [one for one in MARKED if one != "harmony with a call"])
@settings(max_examples=30)
@given(secrets_, words, st.booleans(), st.randoms(use_true_random=False))
def test_opened_by_the_prompt_or_not_at_all(
    family: str, thought: str, after: str, by_prompt: bool, random: Random
) -> None:
    opening, closing = MARKED[family]
    thought = "Plan " + thought.replace("\nAnn:", "").replace("</s>", "").replace("`", "")
    opened = opened_by(f"Ann: Hi.\nMira: {opening}\n", FAMILIES)
    assert opened is not None
    rules = OutputRules(stop=("\nAnn:",), opened=opened if by_prompt else None)
    output = run(split(f"{thought}{closing}\n{after}", random), rules, watched=by_prompt)
    assert output.text == after
    assert output.unopened is not by_prompt
    assert_hidden(thought, output)


@pytest.mark.parametrize("family", WRAPPED)
@settings(max_examples=30)
@given(words, st.randoms(use_true_random=False))
def test_what_stands_around_the_answer_goes(family: str, after: str, random: Random) -> None:
    assert run(split(WRAPPED[family].format("SECRET", after), random)).text == after


@given(st.text(), st.randoms(use_true_random=False))
def test_any_pieces_give_the_same(text: str, random: Random) -> None:
    marks = [*(mark for pair in MARKED.values() for mark in pair), "`", "```", "\n", "<|end|>", '"']
    parts = [*text, *random.sample(marks, random.randrange(6))]
    random.shuffle(parts)
    whole = "".join(parts)
    once, many = run([whole]), run(split(whole, random))
    assert (many.text, many.reasoning) == (once.text, once.reasoning)
    assert not MARKS.search(once.text) or "`" in text or '"' in whole or "`" in whole


@pytest.mark.parametrize(
    "text",
    [
        "Write `<think>` first, he said.",
        "```\n<think>plan</think>\n```",
        'The mark "<think>" opens and "</think>" closes it.',
        "You could write <think> for that, he says.",
        "Models end it with `</think>`, she reads.",
        "Use `x = [THINK]` here.",
        "Here is my response: no.",
        "He wrote: the assistant final came.",
        "An analysis follows.",
        "<answer>42</answer>",
        'She wrote `<think>` on the wall. "What does </think> mean?" she asked. Then left.',
        'She wrote "<think>" on it. “And </think>?” he asked.',
        "She wrote `[THINK]` and then [/THINK] on the wall.",
        "First comes '<think>', then </think>, he says.",
        '"What does </think> mean?" she asked.',
        "First comes `<think>`. The end is </think>. So be it.",
    ],
)
def test_marks_that_are_only_spoken_of(text: str) -> None:
    for seed in range(20):
        assert run(split(text, Random(seed))).text == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<think>a <think>b</think> c</think>Hello.", "Hello."),
        ("<think>a</think>Hello.</think>", "Hello."),
        ("<think>a</think>b</think>Hello.", "Hello."),
        ("<thinking>a<reflection>b</reflection>c</thinking>Hello.", "Hello."),
        ("<think>I must not write '</think>' yet</think>Hello.", "Hello."),
        ("Hello <think>SECRET", "Hello"),
        ("Hello.\n<think>\nSECRET", "Hello."),
        ("One.\n\n<think>SECRET</think>\n\nTwo.", "One.\n\nTwo."),
        ("<think></think>Hello.", "Hello."),
        ("I must not write `<think>` here.\n</think>\nHello.", "Hello."),
        ("They ask what '<think>' is. I answer </think>Hello.", "Hello."),
        ('They say "hello", so I greet </think> Hello.', "Hello."),
        ("`<think>` it is. <think>SECRET</think> So </think> we go.", "`<think>` it is. we go."),
        ("<|start|>assistant<|channel|>final<|message|>Hello.<|return|>", "Hello."),
        ("Hello.<|end|><|start|>user<|message|>And I", "Hello."),
    ],
)
def test_odd_ways_of_marking(text: str, shown: str) -> None:
    for seed in range(20):
        assert run(split(text, Random(seed))).text == shown


def test_an_answer_in_the_field_of_thoughts_is_an_answer() -> None:
    output = OutputFilter(OutputRules(stop=("\nAnn:",)))
    for piece in ("<think>SEC", "RET</th", "ink>\n\nHello.", "\nAnn: and I"):
        output.feed("", piece)
    output.finish()
    assert (output.text, output.cut_speaker) == ("Hello.", False)


def test_where_thoughts_are_known_to_come_unopened_nothing_of_them_shows() -> None:
    output = OutputFilter(OutputRules(presumed=True, stop=("\nAnn:",)))
    seen = []
    for piece in ("SECRET\nAnn:", " is here.", "</think>", "Hello."):
        output.feed(piece)
        seen.append(output.text)
    assert seen == ["", "", "", "Hello."]
    plain = run(list("Hello there.\nAnn: Hm."), OutputRules(presumed=True, stop=("\nAnn:",)))
    assert (plain.text, plain.unopened) == ("Hello there.", False)


def test_a_long_thought_is_read_once() -> None:
    reader = ThoughtReader()
    for _ in reader.feed("<think>"):
        pass
    for _ in range(5000):
        for _ in reader.feed("and so on "):
            pass
    for _ in reader.feed("</think>Hello."):
        pass
    assert reader.said == "Hello."
