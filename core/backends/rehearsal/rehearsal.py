"""An offline stand-in for a model: answers in character, by rules, from the prompt it is given."""

import asyncio
import random
import re
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from core.backends.backend import Backend
from core.backends.openai import chat_body, text_body
from core.backends.rehearsal.prompt_reader import PromptFacts, read
from core.backends.sampling import cut
from core.backends.types import Delta, Finish, Model, Probe, Request, Usage
from core.errors import BackendError, StreamBroken
from core.kind import Kind
from core.tokenizers.tokenizer import Estimate

MODEL = "rehearsal"
SPEED = 40.0
"""Tokens a second: about what a good local model does."""
_PIECES = re.compile(r"\s*[^\s\u3040-\u30ff\u4e00-\u9fff]{1,6}|\s*[\u3040-\u30ff\u4e00-\u9fff]|\s+")
_KANA = re.compile(r"[\u3041-\u30ff]")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_PORTUGUESE = re.compile(
    r"\b(?:você|voce|não|nao|olá|ola|oi|obrigad[oa]|que|está|esta|uma?|para|com|meu|minha|por"
    r"|como|onde|quem|isso|bom|boa|eu|ele|ela|de|do|da|dos|das|é|sim|tudo|aqui)\b",
    re.IGNORECASE,
)
_ENGLISH = re.compile(
    r"\b(?:the|and|you|is|are|what|where|who|why|how|this|that|with|have|not|my|your|hello|hi"
    r"|it|of|to|do|a|was|in|for)\b",
    re.IGNORECASE,
)
_FIRST_LETTER = re.compile(r"^[*“‘]*[^\W\d_]")
_ACTION = re.compile(r"\*[^*]+\*|_[^_]+_")
_WORD = re.compile(r"[^\W\d_][\w'’-]{3,24}")
_RUN = re.compile(r"[\u4e00-\u9fff々]{1,6}[りみき]?|[\u30a1-\u30fa\u30fc]{3,10}")
_SMALL = re.compile(
    "[的是了什么吗呢有在和就都还我你他她它们这那哪一不要会能想请问何今私人誰上下里很太]"
)
"""Characters that mean little by themselves: a run is split at them."""
_GREETING = re.compile(
    r"^\W*(?:hi|hello|hey|greetings|good (?:morning|evening|day)|well met|olá|ola|oi|bom dia"
    r"|boa (?:noite|tarde)|こんにちは|こんばんは|おはよう|やあ|你好|您好|嗨)",
    re.IGNORECASE,
)
_FAREWELL = re.compile(
    r"\b(?:bye|goodbye|farewell|good night|see you|tchau|até logo|adeus)\b"
    r"|さようなら|またね|おやすみ|再见|晚安",
    re.IGNORECASE,
)
_THANKS = re.compile(r"\b(?:thanks|thank you|obrigad[oa])\b|ありがとう|谢谢|多谢", re.IGNORECASE)
_COMMON = frozenset(
    re.findall(
        r"\S+",
        """
    everyone everything someone anyone anything nobody nothing
    about above after again also always another because been before being below between both
    could does doing down each even every from have having here hers himself into itself
    just know like look looks made make many more most much myself need never once only
    other ours over really same says seems shall should since some something such than that
    their them then there these they thing things think this those through under until upon
    very want well were what when where which while whom will with without would your yours
    yourself hello greetings please thanks thank tell para como onde quando porque porquê
    você isso esse essa este esta aqui muito mais menos também ainda sobre depois antes
    entre agora
        """,
    )
)


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """One reply to give. `fault` is raised after `text` has been sent; `delay` in seconds."""

    text: str = ""
    reasoning: str = ""
    fault: BackendError | None = None
    delay: float = 0.0
    hold: asyncio.Event | None = None
    """Nothing comes before it is set; for tests that look at what happens meanwhile."""


@dataclass
class Script:
    """Replies that stand ready, the speed, and what has been asked so far.

    Without a ready reply the stand-in writes its own. `seed` makes those repeatable where a
    request brings none.
    """

    speed: float = SPEED
    seed: int | None = None
    replies: deque[ScriptedReply] = field(default_factory=deque)
    requests: list[Request] = field(default_factory=list)
    closed: int = 0
    """How many replies were broken off by the one who listened."""
    keep: int = 100

    def say(self, *texts: str) -> None:
        self.replies.extend(ScriptedReply(text) for text in texts)

    def fail(self, fault: BackendError, text: str = "") -> None:
        """Puts a fault into the queue, after some text if given."""
        self.replies.append(ScriptedReply(text, fault=fault))

    def next_reply(self, request: Request) -> ScriptedReply | None:
        """Notes a request; the reply that stands ready for it, if any."""
        self.requests.append(request)
        del self.requests[: -self.keep]
        return self.replies.popleft() if self.replies else None

    async def stream(self, reply: ScriptedReply, request: Request) -> AsyncGenerator[Delta]:
        """Streams one reply as a server would: stops cut, length obeyed."""
        text, finish = cut(reply.text, request.stop)[0], Finish.STOP
        count = 0
        try:
            if reply.hold is not None:
                await reply.hold.wait()
            await asyncio.sleep(reply.delay)
            if reply.reasoning:
                yield Delta(reasoning=reply.reasoning)
            for piece in _PIECES.findall(text):
                if count == request.max_tokens:
                    finish = Finish.LENGTH
                    break
                if count:
                    await asyncio.sleep(1 / self.speed)
                count += 1
                yield Delta(text=piece)
        except (GeneratorExit, asyncio.CancelledError):
            self.closed += 1
            raise
        if reply.fault is not None:
            raise reply.fault
        usage = Usage(Estimate().count(request.whole_text), count)
        yield Delta(finish=finish, usage=usage)


def broken(text: str) -> ScriptedReply:
    return ScriptedReply(text, fault=StreamBroken())


class Rehearsal(Backend):
    """No network, no key, no model. Its first reply in a conversation says so."""

    protocol = "rehearsal"
    script: Script | None = None
    """Set by the catalog; shared by all replies of one engine."""

    async def sent(self, request: Request) -> dict[str, Any]:
        """What a server that speaks like OpenAI would be sent."""
        body = text_body if request.kind is Kind.TEXT else chat_body
        return body(self.spec, request)

    async def stream(self, request: Request) -> AsyncGenerator[Delta]:
        self.api.tell(await self.sent(request))
        script = self.script or Script()
        reply = script.next_reply(request)
        if reply is None:
            reply = ScriptedReply(write(read(request), _chance(request, script)))
        async with aclosing(script.stream(reply, request)) as steps:
            async for delta in steps:
                yield delta

    async def models(self) -> list[Model]:
        return [Model(MODEL, self.spec.name, self.spec.models.default_context, sees=False)]

    async def probe(self, model: str = "") -> Probe:
        return Probe(MODEL, self.spec.models.default_context, version="1", sees=False)


def _chance(request: Request, script: Script) -> random.Random:
    """Equal prompts and equal seeds give equal replies; without a seed each one is new."""
    seed = request.samplers.get("seed", -1)
    if not isinstance(seed, int) or seed < 0:
        if script.seed is None:
            return random.Random()
        seed = script.seed + len(script.requests)
    return random.Random(f"{seed}\n{request.whole_text}")


@cache
def _phrases(language: str) -> Mapping[str, Any]:
    source = files("core.backends.rehearsal") / "lines" / f"{language}.yaml"
    found: Mapping[str, Any] = yaml.safe_load(source.read_text(encoding="utf-8"))
    return found


def language_of(text: str, otherwise: str = "en") -> str:
    """en, ja, pt or zh: by script, else by the small words."""
    if _KANA.search(text):
        return "ja"
    if _HAN.search(text):
        return "zh"
    portuguese, english = len(_PORTUGUESE.findall(text)), len(_ENGLISH.findall(text))
    if portuguese == english == 0:
        return otherwise
    return "pt" if portuguese > english else "en"


def write(facts: PromptFacts, chance: random.Random) -> str:
    """The reply. Equal facts and equal chance give equal text."""
    around = language_of(" ".join((*facts.earlier, *facts.bits[:6])))
    language = language_of(_ACTION.sub(" ", facts.last) or facts.last, around)
    writer = _ReplyWriter(facts, chance, _phrases(language), language)
    return writer.continuation() if facts.beginning else writer.reply()


class _ReplyWriter:
    def __init__(
        self, facts: PromptFacts, chance: random.Random, phrases: Mapping[str, Any], language: str
    ) -> None:
        self.facts = facts
        self.chance = chance
        self.phrases = phrases
        self.language = language
        self.values = {
            "char": facts.character or str(phrases["nobody"]),
            "user": facts.user or str(phrases["someone"]),
            "topic": topic_of(self.without_names(facts.last)),
            "bit": "",
            "earlier": "",
        }

    def continuation(self) -> str:
        spaced = self.language in ("ja", "zh") or self.facts.beginning.endswith((" ", "\n"))
        return ("" if spaced else " ") + self.pick("continue")

    def reply(self) -> str:
        parts = [self.pick("actions"), self.pick(self.kind())]
        if self.chance.random() < 0.35:
            parts.reverse()
        parts += self.extras(named=any(self.values["user"] in part for part in parts))
        text = " ".join(_capital(part) for part in parts)
        return f"{self.phrases['note']} {text}" if self.facts.first else text

    def kind(self) -> str:
        last = self.facts.last
        spoken = _ACTION.sub(" ", last).strip()
        if not spoken and last:
            return "action"
        for kind, pattern in (("farewell", _FAREWELL), ("thanks", _THANKS)):
            if pattern.search(spoken):
                return kind
        if _GREETING.match(spoken) and not spoken.endswith(("?", "？")) and len(spoken) < 40:
            return "greeting"
        if not self.values["topic"]:
            return "bare" if last else "greeting"
        if spoken.rstrip('*"”’」 ').endswith(("?", "？")):
            return "question"
        if spoken.rstrip('*"”’」 ').endswith(("!", "！")):
            return "exclamation"
        return "statement"

    def extras(self, *, named: bool) -> list[str]:
        """What comes after the answer itself: a memory, a question, a closing; or less.

        A question is asked at least where the person has not been `named` yet.
        """
        found = []
        bit = self.unused(self.facts.bits)
        if bit and self.chance.random() < 0.75:
            self.values["bit"] = bit
            found.append(self.pick("bits"))
        else:
            earlier = self.unused(
                [
                    topic_of(self.without_names(text))
                    for text in self.facts.earlier
                    if language_of(text, self.language) == self.language
                ]
            )
            if earlier and self.chance.random() < 0.6:
                self.values["earlier"] = earlier
                found.append(self.pick("earlier"))
        if not named or self.chance.random() < 0.5:
            found.append(self.pick("questions", naming=not named))
        if self.chance.random() < 0.35:
            found.append(self.pick("closings"))
        return found

    def without_names(self, text: str) -> str:
        for name in (*self.facts.character.split(), *self.facts.user.split()):
            text = text.replace(name, " ")
        return text

    def unused(self, choices: Sequence[str]) -> str:
        """A choice that does not stand in earlier replies; empty if there is none."""
        fresh = [choice for choice in choices if choice and choice not in self.facts.said]
        return str(self.chance.choice(fresh)) if fresh else ""

    def pick(self, key: str, *, naming: bool = False) -> str:
        options = [str(option) for option in self.phrases[key]]
        if naming:
            options = [option for option in options if "{user}" in option]
        if not self.values["topic"]:
            options = [option for option in options if "{topic}" not in option] or options
        filled = [option.format(**self.values) for option in options]
        return self.unused(filled) or str(self.chance.choice(filled))


def _capital(text: str) -> str:
    """The text with its first letter, after marks and quotes, as a capital."""
    return _FIRST_LETTER.sub(lambda match: match[0].upper(), text, count=1)


def topic_of(text: str) -> str:
    """The most telling word of a line, as it was written; empty if there is none."""
    plain = re.sub(r"https?://\S+|<[^>]*>|[*_~`|]", " ", text)
    runs = [part for run in _RUN.findall(plain) for part in _SMALL.split(run) if part]
    if runs:
        return str(max(reversed(runs), key=len))
    if _KANA.search(plain) or _HAN.search(plain):
        return ""
    found = [word for word in _WORD.findall(plain) if word.lower() not in _COMMON]
    return str(max(reversed(found), key=len)).strip("'’-") if found else ""
