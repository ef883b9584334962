"""Writes `tests/golden/handlebars.json`: what Handlebars.js makes of templates of ours.

`python -m tests.handlebars_golden FOLDER`, where FOLDER is the npm package handlebars 4.7.8.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from core.prompt.handlebars.template import VARIABLES
from tests.story_grammar import Grammar

ORACLE = Path(__file__).with_name("handlebars_oracle.js")
GOLDEN = Path(__file__).parent / "golden" / "handlebars.json"

CONTEXTS: list[dict[str, str]] = [
    {},
    {"description": "Keeps bees."},
    {"system": "Write well.", "description": "Keeps bees.", "scenario": "A field.\nRain."},
    {"persona": "A beekeeper's heir.", "user": "Ann", "char": "Odo"},
    {"wiBefore": "Bees sleep.", "wiAfter": "Honey is sweet.", "loreBefore": "Bees sleep."},
    {"anchorBefore": "[Note]", "anchorAfter": "[After]", "mesExamples": "Ann: Hi\nOdo: Hm\n"},
    {name: f"<{name}> & 'x'" for name in sorted(VARIABLES)},
    dict.fromkeys(sorted(VARIABLES), " \n "),
]


def stock_templates() -> list[str]:
    """25 templates in the manner of those that come with front ends."""
    fields = ["system", "wiBefore", "description", "personality", "scenario", "wiAfter", "persona"]
    line = "".join(f"{{{{#if {name}}}}}{{{{{name}}}}}\n{{{{/if}}}}" for name in fields)
    blocks = "".join(f"{{{{#if {name}}}}}\n{{{{{name}}}}}\n{{{{/if}}}}\n" for name in fields)
    headed = "".join(
        f"{{{{#if {name}}}}}## {name}\n{{{{{name}}}}}\n\n{{{{/if}}}}" for name in fields
    )
    anchors = (
        "{{#if anchorBefore}}{{anchorBefore}}\n{{/if}}%s{{#if anchorAfter}}{{anchorAfter}}\n{{/if}}"
    )
    bodies = [line, blocks, headed, line + "{{trim}}", blocks.replace("\n{{/if}}", "{{/if}}")]
    frames = ["%s", anchors, "[START]\n%s[END]\n", "{{user}} and {{char}}:\n\n%s", "<s>%s</s>"]
    return [frame.replace("%s", body) for body in bodies for frame in frames]


def ask(cases: list[dict[str, Any]], package: Path) -> list[dict[str, str]]:
    """What Handlebars.js answers for each case: a text, or an error."""
    done = subprocess.run(
        ["node", str(ORACLE), str(package)],
        input=json.dumps(cases),
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    answers: list[dict[str, str]] = json.loads(done.stdout)
    return answers


def main() -> None:
    """Asks for all templates and writes the file."""
    empty = dict.fromkeys(sorted(VARIABLES), "")
    cases: list[dict[str, Any]] = [
        {"template": template, "values": values}
        for template in stock_templates()
        for values in CONTEXTS
    ]
    grammar = Grammar(2026)
    while len(cases) < 300:
        template = grammar.template()
        if 20 < len(template) < 600:
            used = {key: value for key, value in grammar.values().items() if key in template}
            cases.append({"template": template, "values": used})
    full = [{**case, "values": empty | case["values"]} for case in cases]
    answers = ask(full, Path(sys.argv[1]))
    known = [
        case | ({"text": answer["text"]} if "text" in answer else {"refused": True})
        for case, answer in zip(cases, answers, strict=True)
    ]
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(json.dumps(known, ensure_ascii=False, indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    main()
