"""Whatever the chunks, the same text is shown, and never more than that."""

from itertools import pairwise
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from core.reply.output_filter import OutputFilter, OutputRules

pieces = st.sampled_from(
    ["\ud83d", "\ude00", "Hello", " ", "\n", "Ann:", "\nAnn:", "<think>", "</think>", "plan"]
) | st.sampled_from(["Mira:", "é", "😀", "*", ".", "</s>", "<", "A", "n"])
rules = OutputRules(stop=("\nAnn:", "</s>"), names=("Mira",))


def run(chunks: list[str], rules: OutputRules = rules) -> tuple[OutputFilter, list[str]]:
    output = OutputFilter(rules)
    seen = []
    for chunk in chunks:
        output.feed(chunk)
        seen.append(output.text)
    output.finish()
    return output, seen


@given(st.lists(pieces, max_size=20), st.randoms(use_true_random=False))
def test_chunks_do_not_matter(parts: list[str], random: Random) -> None:
    whole = "".join(parts)
    cuts = sorted(random.randrange(len(whole) + 1) for _ in range(5))
    chunks = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    once, _ = run([whole])
    many, _ = run(chunks)
    assert many.text == once.text
    assert many.reasoning == once.reasoning
    once.text.encode("utf-8")


@given(st.lists(pieces, max_size=20))
def test_a_stop_string_is_never_shown(parts: list[str]) -> None:
    output, seen = run(list("".join(parts)))
    for text in [*seen, output.text]:
        assert "\nAnn:" not in text
        assert "</s>" not in text


@given(st.lists(pieces.filter(lambda piece: "think" not in piece), max_size=20))
def test_shown_text_only_grows_without_thinking(parts: list[str]) -> None:
    _, seen = run(parts)
    for earlier, later in pairwise(seen):
        assert later.startswith(earlier.rstrip())
