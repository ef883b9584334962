"""No module imports itself on a detour, and no room one above it in the README's list.

Read from the syntax tree: imports for types only and imports inside functions count as well.
"""

import ast
import re
from collections import defaultdict
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.shared import ROOT

FILES = sorted(
    path.relative_to(ROOT) for top in ("bot", "core") for path in ROOT.glob(f"{top}/**/*.py")
)
TREES = {path: ast.parse((ROOT / path).read_text("utf-8")) for path in FILES}
MODULES = {
    path.with_suffix("").as_posix().removesuffix("/__init__").replace("/", "."): path
    for path in FILES
}
README = (ROOT / "README.md").read_text("utf-8")
ROOMS = {
    room.rstrip("/"): floor
    for floor, line in enumerate(re.findall(r"^\d+\. (`.+)$", README, re.MULTILINE))
    for room in re.findall(r"`([\w/.]+)`", line.partition(":")[0])
}
"""Each room's place in the README's list; those named in one line stand side by side."""


def imported(path: Path) -> set[str]:
    """Every module it names, of the product or not."""
    found = set[str]()
    for node in ast.walk(TREES[path]):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            whole = {name: f"{node.module}.{name}" for name in (one.name for one in node.names)}
            found.update(full if full in MODULES else str(node.module) for full in whole.values())
    return found


IMPORTS = {module: imported(path) - {module} for module, path in MODULES.items()}


def room(module: str) -> str:
    """The longest entry of the README's list that holds the module; empty if there is none."""
    path = MODULES[module]
    return next((str(one) for one in (path, *path.parents) if str(one) in ROOMS), "")


def test_there_is_no_circle() -> None:
    ours = {module: names & MODULES.keys() for module, names in IMPORTS.items()}
    try:
        TopologicalSorter(ours).prepare()
    except CycleError as error:
        raise AssertionError(" imports ".join(reversed(error.args[1]))) from None


def test_every_room_is_in_the_list() -> None:
    assert [module for module in MODULES if not room(module)] == []
    assert [one for one in ROOMS if not (ROOT / one).exists()] == []


def test_no_room_imports_a_higher_one() -> None:
    upward = {
        f"{module} imports {name}"
        for module, names in IMPORTS.items()
        for name in names & MODULES.keys()
        if ROOMS[room(name)] > ROOMS[room(module)]
    }
    assert upward == set()


def test_core_knows_no_discord() -> None:
    outside = {
        f"{module} imports {name}"
        for module, names in IMPORTS.items()
        for name in names
        if module.startswith("core") and name.split(".")[0] in ("bot", "discord")
    }
    assert outside == set()


def test_no_two_classes_share_a_name() -> None:
    places = defaultdict[str, list[str]](list)
    for path, tree in TREES.items():
        if path.parts[:2] != ("bot", "playground"):
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    places[node.name].append(path.as_posix())
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
