"""`say` from the terminal against stand-ins, in a process of its own."""

import asyncio
import json
import os
import random
import sys
from pathlib import Path

import pytest

from core.backends.catalog import Catalog
from core.kind import Kind
from tests.conformance.families import FAMILIES
from tests.conformance.standin import TEXT, Act, serve
from tests.shared import ROOT

CATALOG = Catalog.load()
WHOLE = "".join(TEXT)
KEY = "sk-canary-0123456789abcdef"


async def say(*words: str, key: str = KEY) -> tuple[int, str, str]:
    """(exit status, standard output, standard error)."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        "say",
        *words,
        cwd=ROOT,
        env={**os.environ, "TAVERN_KEY": key},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


@pytest.mark.parametrize(
    ("backend", "kind"),
    [
        ("llamacpp", Kind.TEXT),
        ("koboldcpp", Kind.TEXT),
        ("ollama", Kind.CHAT),
        ("openai", Kind.CHAT),
        ("openai-compatible", Kind.TEXT),
    ],
)
async def test_it_streams_bytes_split_anywhere(backend: str, kind: Kind) -> None:
    family = FAMILIES[CATALOG.get(backend).kinds[kind]]
    async with serve(family, {"/api/extra/perf": {"stop_reason": 1}}) as standin:
        standin.acts = [Act(chop=random.Random(7))]
        status, out, err = await say(
            "--backend", backend, "--url", standin.url, "--model", "m", "--kind", kind.value,
            "--max-tokens", "20", "--stop", "\\nTobin:", "--set", "temperature=0.5", "--json",
            "Hello",
        )  # fmt: skip
    assert (status, err) == (0, "")
    lines = [json.loads(line) for line in out.splitlines()]
    assert "".join(line.get("text", "") for line in lines) == WHOLE
    assert set(lines[-1]) == {"finish", "usage", "model", "timings"}
    assert lines[-1]["finish"] == "stop"
    sent = standin.replies[0]
    assert "\nTobin:" in json.dumps(sent.body, ensure_ascii=False).replace("\\n", "\n")
    assert sent.headers["authorization"] == f"Bearer {KEY}"


async def test_a_prompt_or_messages_from_a_file(tmp_path: Path) -> None:
    prompt = tmp_path / "prompt.txt"
    prompt.write_text("Tobin: Hello.\nMira:", encoding="utf-8")
    messages = tmp_path / "messages.json"
    messages.write_text('[{"role": "system", "content": "You are Mira."}]', encoding="utf-8")
    async with serve(FAMILIES["openai-text"]) as standin:
        address = ("--backend", "tabby", "--url", standin.url)
        status, out, _ = await say(*address, "--raw-prompt", str(prompt), "--model", "m")
        assert (status, out) == (0, f"{WHOLE}\n")
        assert standin.replies[0].body["prompt"] == "Tobin: Hello.\nMira:"
    async with serve(FAMILIES["openai-chat"]) as standin:
        address = ("--backend", "vllm", "--url", standin.url)
        status, _, _ = await say(*address, "--messages", str(messages), "--model", "m")
        assert status == 0
        assert standin.replies[0].body["messages"][0]["content"] == "You are Mira."


async def test_the_only_model_is_taken() -> None:
    answers = {"/v1/models": {"data": [{"id": "the-one"}]}}
    async with serve(FAMILIES["openai-chat"], answers) as standin:
        status, _, _ = await say("--backend", "vllm", "--url", standin.url, "Hello")
    assert status == 0
    assert standin.replies[0].body["model"] == "the-one"


async def test_faults_are_one_line_without_the_key() -> None:
    async with serve(FAMILIES["openai-chat"]) as standin:
        standin.acts = [Act(status=401, message=f"Incorrect API key provided: {KEY}")]
        status, out, err = await say("--backend", "vllm", "--url", standin.url, "--model", "m", "x")
    assert (status, out) == (1, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert KEY not in err
    assert len(err) <= 401


@pytest.mark.parametrize(
    "words",
    [
        ("--backend", "nope", "x"),
        ("--backend", "horde", "--kind", "chat", "x"),
        ("--backend", "openai-compatible", "x"),
        ("--backend", "llamacpp", "--url", "http://127.0.0.1:9", "x"),
        ("--backend", "llamacpp", "--url", "http://user@127.0.0.1", "x"),
        ("--backend", "llamacpp", "--set", "temperature=hot", "x"),
        ("--backend", "llamacpp", "--raw-prompt", "no-such-file"),
    ],
)
async def test_what_cannot_be_done_is_told(words: tuple[str, ...]) -> None:
    status, out, err = await say(*words)
    assert (status, out) == (1, "")
    assert err.startswith("error: ")
    assert err.count("\n") == 1


async def test_the_rehearsal_model_needs_nothing() -> None:
    status, out, _ = await say("--backend", "rehearsal", "--max-tokens", "30", "Hello there!")
    assert status == 0
    assert "rehearsal" in out
