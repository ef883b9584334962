"""Chat logs as SillyTavern writes them: one JSON object a line, the first one about the chat."""

from typing import Any

from core.characters.fields import FieldReader
from core.characters.remarks import Problem, Remark
from core.untrusted import json as untrusted_json

MAX_LINES = 200_000
MAX_SWIPES = 1000


def read_lines(text: str) -> tuple[list[Any], list[Remark]]:
    """The objects of a chat log; broken lines are left out with a remark."""
    remarks: list[Remark] = []
    found = []
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > MAX_LINES:
        remarks.append(Remark("lines", Problem.TOO_MANY, limit=MAX_LINES))
    for number, line in enumerate(lines[:MAX_LINES], 1):
        try:
            value = untrusted_json.parse(line)
        except untrusted_json.NotPlain as error:
            remarks.append(Remark(f"line {number}", Problem.IGNORED, str(error)))
            continue
        if isinstance(value, dict):
            found.append(_message(value, number, remarks) if "mes" in value else value)
        else:
            remarks.append(Remark(f"line {number}", Problem.IGNORED, "it is no object"))
    return found, remarks


def write_lines(lines: list[Any]) -> str:
    """The chat log of these objects."""
    return "".join(untrusted_json.dump(line, indent=None) + "\n" for line in lines)


def chat_name(lines: list[Any]) -> str:
    """Whose chat it is, as far as the log says."""
    header = lines[0] if lines else {}
    named: dict[str, Any] = next(
        (line for line in lines if line.get("mes") and not line.get("is_user")), {}
    )
    name = header.get("character_name") or named.get("name")
    return name if isinstance(name, str) else ""


def _message(value: dict[str, Any], number: int, remarks: list[Remark]) -> dict[str, Any]:
    fields = FieldReader(value, f"line {number}", remarks)
    known: dict[str, Any] = {"name": fields.text("name"), "mes": fields.text("mes")}
    for name in ("is_user", "is_system"):
        if name in value:
            known[name] = fields.flag(name, default=False)
    if "swipes" in value:
        known["swipes"] = fields.texts("swipes", limit=MAX_SWIPES)
        known["swipe_id"] = fields.integer("swipe_id", low=0, high=MAX_SWIPES)
    return value | known
