"""Variables: kinds of values, shorthands, and writes that stay aside."""

import pytest

from core.macros.engine import Macros
from core.macros.environment import Environment
from core.macros.variables import VariableScope, VariableWrite, WorkingVariables


def macros(**stored: str | int | float) -> Macros:
    return Macros(Environment(), WorkingVariables(VariableScope.LOCAL, stored))


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("{{setvar::x::007}}{{getvar::x}}", "7"),
        ("{{setvar::x::1e3}}{{.x}}", "1000"),
        ("{{addvar::x::3}}{{.x}}{{addvar::x::ab}}{{.x}}", "33ab"),
        ("{{addvar::f::0.1}}{{addvar::f::0.2}}{{.f}}", "0.30000000000000004"),
        ("{{incvar::n}}{{incvar::n}}{{decvar::n}}", "121"),
        ("{{hasvar::n}}{{.n=}}{{hasvar::n}}{{deletevar::n}}{{varexists::n}}", "falsetruefalse"),
        ("{{.z||a}}{{.z??b}}{{.z||=c}}{{.z}}{{.z??=d}}", "abccc"),
        ("{{.n=5}}{{.n>=5}}{{.n<5}}{{.n!=5}}{{.n==5}}{{.s=x}}{{.s>1}}", "truefalsefalsetruefalse"),
        ("{{.n=5}}{{.n-=2}}{{.n}}{{.n-=x}}{{.n}}{{.n--}}{{.n++}}", "3323"),
        ("{{$g=1}}{{.g=2}}{{$g}}{{.g}}{{getglobalvar::g}}", "121"),
        ("{{setvarkey::m::k::v}}{{getvar::m}}{{getvarkey::m::k}}", '{"k":"v"}v'),
        ("{{setvarkey::l::1::b}}{{getvar::l}}{{getvarindex::l::1}}", '[null,"b"]b'),
        ("{{setvar::l::[1,2]}}{{addvar::l::3}}{{getvar::l}}", '[1,2,"3"]'),
        ("{{.my-var=1}}{{.my-var++}}", "2"),
    ],
)
def test_values(text: str, result: str) -> None:
    assert macros().expand(text) == result


def test_writes_are_effects() -> None:
    engine = macros(kept=1, gone="x")
    engine.expand("{{.kept+=1}}{{$shared=a}}{{deletevar::gone}}")
    assert engine.effects == (
        VariableWrite(VariableScope.LOCAL, "kept", 2),
        VariableWrite(VariableScope.LOCAL, "gone", None),
        VariableWrite(VariableScope.GLOBAL, "shared", "a"),
    )


def test_stored_values_are_read() -> None:
    assert macros(mood="calm", turns=3).expand("{{.mood}} {{incvar::turns}}") == "calm 4"
