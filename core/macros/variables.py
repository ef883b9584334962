"""Variables of the chat and of the server: set, read, count."""

from collections.abc import Callable

from core.macros.call import Call
from core.macros.memory import Memory, text_of
from core.macros.registry import Macro, Unresolved, macro

Act = Callable[[Memory, Call], str]


def _set(memory: Memory, call: Call) -> str:
    memory.set(call.arguments[0], call.arguments[1])
    return ""


def _add(memory: Memory, call: Call) -> str:
    memory.add(call.arguments[0], call.arguments[1])
    return ""


def _increase(memory: Memory, call: Call) -> str:
    return text_of(memory.add(call.arguments[0], 1))


def _decrease(memory: Memory, call: Call) -> str:
    return text_of(memory.add(call.arguments[0], -1))


def _get(memory: Memory, call: Call) -> str:
    return text_of(memory.get(call.arguments[0]))


def _has(memory: Memory, call: Call) -> str:
    return "true" if memory.has(call.arguments[0]) else "false"


def _delete(memory: Memory, call: Call) -> str:
    memory.delete(call.arguments[0])
    return ""


def _set_key(memory: Memory, call: Call) -> str:
    memory.set_key(*call.arguments)
    return ""


def _get_key(memory: Memory, call: Call) -> str:
    return text_of(memory.get_key(*call.arguments))


_ACTS: list[tuple[Act, int, str, tuple[str, ...]]] = [
    (_set, 2, "Sets a {} variable: name, value.", ("set{}var",)),
    (_add, 2, "Adds to a {} variable: numbers are summed, texts joined.", ("add{}var",)),
    (_increase, 1, "Adds one to a {} variable and gives the sum.", ("inc{}var",)),
    (_decrease, 1, "Takes one from a {} variable and gives the rest.", ("dec{}var",)),
    (_get, 1, "The value of a {} variable.", ("get{}var",)),
    (_has, 1, "Whether there is such a {} variable.", ("has{}var", "{}varexists")),
    (_delete, 1, "Deletes a {} variable.", ("delete{}var", "flush{}var")),
    (_set_key, 3, "Sets one element of a {} list or object.", ("set{}varkey", "set{}varindex")),
    (_get_key, 2, "One element of a {} list or object.", ("get{}varkey", "get{}varindex")),
]


def _bind(act: Act, required: int, help: str, names: tuple[str, ...], shared: bool) -> Macro:
    scope, infix = ("shared", "global") if shared else ("chat's", "")
    name, *aliases = [pattern.format(infix) for pattern in names]

    writes = act in (_set, _add, _increase, _decrease, _set_key)

    @macro(name, help.format(scope), *aliases, required=required)
    def bound(call: Call) -> str:
        if writes and not call.arguments[0]:
            raise Unresolved
        return act(call.macros.everywhere if shared else call.macros.local, call)

    return bound


MACROS = [_bind(*row, shared) for row in _ACTS for shared in (False, True)]
