"""Variables of the chat and of the server: set, read, count."""

from collections.abc import Callable

from core.macros.registry import Macro, MacroCall, Unresolved
from core.macros.variables import Value, WorkingVariables, text_of

Action = Callable[..., Value | bool | None]
"""Works on the variables with the macro's arguments; None gives nothing."""


def _add(variables: WorkingVariables, name: str, value: str) -> None:
    variables.add(name, value)


def _increase(variables: WorkingVariables, name: str) -> Value:
    return variables.add(name, 1)


def _decrease(variables: WorkingVariables, name: str) -> Value:
    return variables.add(name, -1)


_ACTIONS: list[tuple[Action, str, str, str]] = [
    (WorkingVariables.set, "set{}var", "name value", "Sets a {} variable."),
    (_add, "add{}var", "name value", "Adds to a {} variable: numbers are summed, texts joined."),
    (_increase, "inc{}var", "name", "Adds one to a {} variable and gives the sum."),
    (_decrease, "dec{}var", "name", "Takes one from a {} variable and gives the rest."),
    (WorkingVariables.get, "get{}var", "name", "The value of a {} variable."),
    (WorkingVariables.has, "has{}var {}varexists", "name", "Whether there is such a {} variable."),
    (WorkingVariables.delete, "delete{}var flush{}var", "name", "Deletes a {} variable."),
    (
        WorkingVariables.set_key,
        "set{}varkey set{}varindex",
        "name key value",
        "Sets one element of a {} list or object.",
    ),
    (
        WorkingVariables.get_key,
        "get{}varkey get{}varindex",
        "name key",
        "One element of a {} list or object.",
    ),
]
_WRITERS = (WorkingVariables.set, _add, _increase, _decrease, WorkingVariables.set_key)


def _macro(action: Action, names: str, takes: str, help: str, shared: bool) -> Macro:
    scope, infix = ("shared", "global") if shared else ("chat", "")
    name, *aliases = names.format(*[infix] * names.count("{}")).split()

    def handler(call: MacroCall) -> str:
        if action in _WRITERS and not call.arguments[0]:
            raise Unresolved
        result = action(call.state.shared if shared else call.state.local, *call.arguments)
        if isinstance(result, bool):
            return "true" if result else "false"
        return "" if result is None else text_of(result)

    return Macro(name, help.format(scope), handler, tuple(aliases), tuple(takes.split()))


MACROS = [_macro(*row, shared) for row in _ACTIONS for shared in (False, True)]
