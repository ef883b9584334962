"""`backends`: every backend with what it can do."""

import argparse
import json
from typing import Any

from bot.cli import _tables
from core.backends.catalog import Catalog
from core.backends.sampling import accepted
from core.backends.spec import Spec
from core.kind import Kind


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON list")
    _tables.add_arguments(parser)


async def run(arguments: argparse.Namespace) -> int:
    if arguments.markdown or arguments.write:
        return _tables.show(markdown(Catalog.load()), "backends", arguments.write)
    rows = [capabilities(spec) for spec in Catalog.load()]
    if arguments.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    for row in rows:
        print(f"{row['id']:<18} {'/'.join(row['kinds']):<10} {row['name']}  {row['url']}")
    return 0


def markdown(catalog: Catalog) -> str:
    lines = [
        "| Backend | Id | Kinds | Key | Model list | Streams | Images | Thinking | Counts tokens |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for spec in catalog:
        cells = [
            spec.name + (" (deprecated)" if spec.deprecated else ""),
            f"`{spec.id}`",
            " and ".join(kind.value for kind in spec.kinds),
            spec.key.need,
            "yes" if spec.models.route else "known ones" if spec.models.known else "no",
            _yes(spec.reply.streams),
            _yes(spec.request.images != "none"),
            _yes(bool(spec.reply.reasoning)),
            "its own tokenizer" if spec.models.count else "locally",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _yes(value: bool) -> str:
    return "yes" if value else "–"


def capabilities(spec: Spec) -> dict[str, Any]:
    """What a row offers, in plain values."""
    return {
        "id": spec.id,
        "name": spec.name,
        "kinds": {kind.value: protocol for kind, protocol in spec.kinds.items()},
        "url": spec.endpoint.url,
        "local": spec.local,
        "key": spec.key.need,
        "key_url": spec.key.url,
        "streams": spec.reply.streams,
        "model_list": bool(spec.models.route),
        "known_models": list(spec.models.known),
        "context": spec.models.context,
        "samplers": [row.id for row in accepted(spec)],
        "max_stops": spec.request.max_stops,
        "prefill": spec.request.prefill != "none" or Kind.TEXT in spec.kinds,
        "system": spec.request.system,
        "reasoning": spec.reply.reasoning,
        "reasoning_effort": spec.request.effort != "none",
        "images": spec.request.images != "none",
        "remote_tokenizer": bool(spec.models.count),
        "tokenizer": spec.models.tokenizer,
        "deprecated": spec.deprecated,
        "notes": list(spec.notes),
    }
