"""What was found in a file, told in sentences."""

import pytest

from bot.i18n import _, as_written
from bot.wording.values import MOST_REMARKS, REMARKS, remark_lines, sentence_about
from core.characters.fields import Problem, Remark


def test_every_finding_has_a_sentence() -> None:
    assert set(REMARKS) == set(Problem)
    for problem in Problem:
        said = sentence_about(Remark("a.b", problem, "found", "expected", 3))
        assert said
        assert "{" not in said


def test_of_many_findings_it_says_how_many_more_there_are() -> None:
    remarks = [Remark(f"f{index}", Problem.UNUSED) for index in range(MOST_REMARKS + 3)]
    lines = remark_lines("Know this:", remarks).splitlines()
    assert lines[-1] == "- and 3 more"
    assert len(lines) == MOST_REMARKS + 3
    assert "more" not in remark_lines("Know this:", remarks[:MOST_REMARKS])
    assert remark_lines("Know this:", []) == ""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Mira", "Mira"),
        ("snake_case_name", "snake_case_name"),
        ("**Mira**", r"\*\*Mira\*\*"),
        ("_Mira_ `x` ~~y~~ ||z||", r"\_Mira\_ \`x\` \~\~y\~\~ \|\|z\|\|"),
        ("back\\slash", r"back\\slash"),
    ],
)
def test_names_in_bold_letters_show_as_they_are(name: str, shown: str) -> None:
    assert as_written(name) == shown
    said = _("**{name}** has been deleted.", name=name)
    assert said == f"**{shown}** has been deleted."
    assert _("There is no {what} here.", what=name) == f"There is no {name} here."
