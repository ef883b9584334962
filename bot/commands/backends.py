"""`backends`: every backend row with its capabilities."""

import argparse
import json
from typing import Any

from core.backends.catalog import Catalog
from core.backends.kind import Kind
from core.backends.spec import Effort, Images, Prefill, Spec
from core.samplers import accepted


def add_parser(words: Any) -> None:
    """Adds the command's words."""
    parser = words.add_parser("backends", help="every backend with what it can do")
    parser.add_argument("--json", action="store_true", help="one JSON list")
    parser.set_defaults(run=run)


async def run(arguments: argparse.Namespace) -> int:
    """Prints the catalog."""
    rows = [capabilities(spec) for spec in Catalog.load()]
    if arguments.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
        return 0
    for row in rows:
        print(f"{row['id']:<18} {'/'.join(row['kinds']):<10} {row['name']}  {row['url']}")
    return 0


def capabilities(spec: Spec) -> dict[str, Any]:
    """What a row offers, in plain values."""
    return {
        "id": spec.id,
        "name": spec.name,
        "kinds": {kind.value: protocol for kind, protocol in spec.kinds.items()},
        "url": spec.base_url,
        "local": spec.local,
        "key": spec.key,
        "key_url": spec.key_url,
        "streams": spec.streams,
        "model_list": bool(spec.models),
        "known_models": list(spec.known_models),
        "context": spec.context,
        "samplers": [row.id for row in accepted(spec)],
        "max_stops": spec.max_stops,
        "prefill": spec.prefill is not Prefill.NONE or Kind.TEXT in spec.kinds,
        "system": spec.system,
        "reasoning": spec.reasoning,
        "reasoning_effort": spec.effort is not Effort.NONE,
        "images": spec.images is not Images.NONE,
        "remote_tokenizer": bool(spec.count),
        "tokenizer": spec.tokenizer,
        "deprecated": spec.deprecated,
        "notes": list(spec.notes),
    }
