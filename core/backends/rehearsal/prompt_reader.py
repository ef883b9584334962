"""What the stand-in makes out of a prompt: who speaks, to whom, about what."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.backends.types import Request
from core.kind import Kind

NOTE_MARKS = ("(This is a rehearsal", "(Isto é um ensaio", "（これはリハーサル", "（这是排练")


@dataclass(frozen=True, slots=True)
class PromptFacts:
    """A prompt as understood. `bits` are sentences of card, persona and lore."""

    character: str
    user: str
    last: str
    earlier: tuple[str, ...]
    bits: tuple[str, ...]
    said: str
    """All that the character has said so far, to avoid saying it again."""
    first: bool
    """Whether no reply so far has told that this is a rehearsal."""
    beginning: str
    """Text of an unfinished reply that is to be continued."""


@dataclass(frozen=True, slots=True)
class SpokenText:
    """One part of the conversation; `own` = the character's."""

    speaker: str
    text: str
    own: bool


_MARKS = re.compile(
    r"<\|im_start\|>\w*|<\|start_header_id\|>.*?<\|end_header_id\|>|<start_of_turn>\w*"
    r"|<\|[^|<>\n]{1,40}\|>|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS)\]|</?s>|<end_of_turn>"
    r"|<</?SYS>>|<\|(?:system|user|model)\|>"
    r"|^#{2,3} ?(?:Instruction|Response|Input|System)[^\n]*:?[^\n]*$"
    r"|^(?:USER|ASSISTANT|SYSTEM):(?= )",
    re.MULTILINE,
)
_SPEAKER = re.compile(r"^[ \t]*([^\n:*“”\"「」()\[\]{}<>]{1,40}?):[ \t]*(.*)$")
_STOP_NAME = re.compile(r"^\s*([^\n:<>|#\[\]]{1,40}):\s*$")
_NAME = (
    r"((?:[A-ZÀ-ÞŁŚŽ](?:[\w-]|['’](?!s\b))*|[\u3040-\u30ff\u4e00-\u9fff]{1,12})"
    r"(?: (?:of |the |de |da |von |van )?[A-ZÀ-Þ](?:[\w-]|['’](?!s\b))*)*)"
)
_CHARACTER_CLUES = [
    re.compile(pattern)
    for pattern in (
        r"(?:only |just )?as " + _NAME + r"(?:\.|\]|,| |\n|$)",
        _NAME + r"['’]s (?:next )?(?:reply|response|message|turn|part|voice)",
        r"(?:message|reply|turn) is " + _NAME + r"['’]s",
        r"(?:[Yy]ou are|[Pp]lay(?:ing)?|role of|[Pp]ortray(?:ing)?|embody|become) " + _NAME,
        r"(?:^|\n)(?:Name|Character|Personagem|名前|名字)[:：] ?" + _NAME,
        r"\[Character\([\"“]?" + _NAME,
    )
]
_USER_CLUE = re.compile(r"(?:message|reply|answer|respond)s? to " + _NAME)
_PAIR_CLUE = re.compile(r"between " + _NAME + r" and " + _NAME)
_NOT_NAMES = frozenset(
    re.findall(
        r"\S+",
        """
    The A An I You He She It They We This That These Those Write Reply Never Always Name
    Personality Scenario Description Example Examples Character Characters User System Chat
    Note And But Or If When While In On At To For Of Your My His Her Their Its Not No Yes
    There Here What Who Where Why How As Assistant Human World Persona Story Setting
        """,
    )
)
_INSTRUCTION = re.compile(
    r"\b(?:write|continue|reply|respond|never|always|avoid|you|your|message|role-?play"
    r"|stay in|keep the|in keeping|novelist|helpful"
    r"|fictional|chat between|example|instruction|narrat|prompt|character's|do not|don't|must"
    r"|responda|escreva|nunca|sempre)\b|\{\{|<|>|\[|\]|#|\||^\W*\w{1,20}:$|返信|書いて|扮演|回复",
    re.IGNORECASE,
)
_UNQUOTABLE = re.compile(f'{_INSTRUCTION.pattern}|["“”*_`「」]', re.IGNORECASE)
_BETWEEN_SENTENCES = re.compile(r"(?<=[.!?])[\"”’]*\s+|(?<=[。！？])")
_LABEL = re.compile(r"^[ \t]*[\w' ]{1,30}:[ \t]+")


def read(request: Request) -> PromptFacts:
    """What a request tells, whatever template it was built with."""
    if request.kind is Kind.CHAT:
        return _read_chat(request)
    return _read_text(request)


def _read_text(request: Request) -> PromptFacts:
    stops = _names_of(request.stop)
    plain = _MARKS.sub("\x00", request.prompt)
    tail = plain.rstrip("\x00 \n").rpartition("\n")[2].rpartition("\x00")[2]
    found = _SPEAKER.match(tail)
    character, beginning = "", ""
    if found and not _INSTRUCTION.search(found[1]) and found[1] not in stops:
        character, beginning = found[1].strip(), found[2].strip()
    body = plain[: plain.rfind(tail)] if character else plain
    counted = Counter(match[1].strip() for row in _rows(body) if (match := _SPEAKER.match(row)))
    names = {*stops, *([character] if character else []), *_known(counted, body)}
    lines = _transcript(body, names, character)
    if not character:
        character = _clue(_story(plain, names))
    story = _story(plain, names)
    if not lines:
        lines = _turns(plain) or [SpokenText("", tail.strip(), own=False)]
        story = plain.strip("\x00 \n").partition("\x00")[0].replace(lines[-1].text, "")
    return _scene(request, character, stops, lines, story, beginning)


def _rows(text: str) -> list[str]:
    return [row for part in text.split("\x00") for row in part.split("\n")]


def _known(counted: Counter[str], body: str) -> list[str]:
    """Names that speak at least twice, or once in the second half of the prompt."""
    late = {
        match[1].strip()
        for row in _rows(body[len(body) // 2 :])
        if (match := _SPEAKER.match(row)) and match[2]
    }
    return [
        name
        for name, times in counted.items()
        if name not in _NOT_NAMES
        and not _INSTRUCTION.search(name)
        and (times >= 2 or (name in late and len(name.split()) <= 3 and name[:1].isupper()))
    ]


def _transcript(body: str, names: set[str], character: str) -> list[SpokenText]:
    lines: list[SpokenText] = []
    for row in _rows(body):
        found = _SPEAKER.match(row)
        if found and (name := found[1].strip()) in names:
            lines.append(SpokenText(name, found[2].strip(), name == character))
        elif lines and row.strip():
            last = lines[-1]
            lines[-1] = replace(last, text=f"{last.text} {row.strip()}".strip())
    return lines


def _turns(plain: str) -> list[SpokenText]:
    """Turns of an instruct template without names: every other one is the character's."""
    parts = [part.strip() for part in plain.split("\x00") if part.strip()]
    count = len(parts) - 1
    return [SpokenText("", text, (count - index) % 2 == 0) for index, text in enumerate(parts[1:])]


def _read_chat(request: Request) -> PromptFacts:
    stops = _names_of(request.stop)
    messages = list(request.messages)
    beginning = ""
    if request.prefill and messages and messages[-1].role == "assistant":
        beginning = messages.pop().content
    system = "\n".join(message.content for message in messages if message.role == "system")
    spoken = [message for message in messages if message.role != "system"]
    lines = []
    for message in spoken:
        found = _SPEAKER.match(message.content)
        name = message.name or (found[1].strip() if found and _is_name(found[1], stops) else "")
        text = found[2] if found and found[1].strip() == name else message.content
        lines.append(SpokenText(name, text.strip(), message.role == "assistant"))
    last_system = next((m.content for m in reversed(messages) if m.role == "system"), "")
    own = next((line.speaker for line in reversed(lines) if line.own and line.speaker), "")
    character = _clue(last_system[-300:], first=True) or own or _clue(system)
    return _scene(request, character, stops, lines, system, beginning)


def _is_name(text: str, stops: Sequence[str]) -> bool:
    name = text.strip()
    is_likely = len(name.split()) <= 3 and name[:1].isupper() and name not in _NOT_NAMES
    return name in stops or is_likely


def _scene(
    request: Request,
    character: str,
    stops: Sequence[str],
    lines: Sequence[SpokenText],
    story: str,
    beginning: str,
) -> PromptFacts:
    others = [line for line in lines if not line.own]
    last = others[-1] if others else SpokenText("", "", False)
    user = last.speaker or next((name for name in stops if name != character), "")
    if not user:
        clues = [found for clue in (_PAIR_CLUE, _USER_CLUE) if (found := clue.search(story))]
        named = [name for found in clues for name in found.groups()]
        user = next((name for name in named if name != character), "")
    return PromptFacts(
        character=character,
        user=user,
        last=last.text,
        earlier=tuple(line.text for line in others[-7:-2]),
        bits=tuple(_bits(story)),
        said="\n".join(line.text for line in lines if line.own),
        first=not any(mark in request.whole_text for mark in NOTE_MARKS),
        beginning=beginning,
    )


def _names_of(stops: Iterable[str]) -> list[str]:
    found = [match[1].strip() for stop in stops if (match := _STOP_NAME.match(stop))]
    return list(dict.fromkeys(name for name in found if name and name not in _NOT_NAMES))


def _clue(story: str, *, first: bool = False) -> str:
    """The character's name, from how a prompt usually tells it."""
    for clue in _CHARACTER_CLUES[: 3 if first else None]:
        for match in clue.finditer(story):
            words = match[1].split()
            while words and words[0] in _NOT_NAMES:
                del words[0]
            if words:
                return " ".join(words)
    return ""


def _story(plain: str, names: set[str]) -> str:
    """The part of a text prompt in front of the conversation."""
    spoken = {
        row for row in _rows(plain) if (found := _SPEAKER.match(row)) and found[1].strip() in names
    }
    return "\n".join(row for row in _rows(plain) if row not in spoken)


def _bits(story: str) -> Iterable[str]:
    """Sentences worth quoting: about somebody, and no instruction to a model."""
    seen: set[str] = set()
    for row in story.split("\n"):
        for part in _BETWEEN_SENTENCES.split(_LABEL.sub("", row)):
            sentence = part.strip(' \t*_~"“”')
            is_whole = 9 <= len(sentence) <= 160 and sentence[-1] in ".!?。！？"
            if not is_whole or sentence in seen or _UNQUOTABLE.search(sentence):
                continue
            seen.add(sentence)
            yield sentence
