"""kill -9 at random points of a scripted chat: nothing is lost, nothing doubled.

TAVERN_FULL=1 kills 200 times; TAVERN_SEED repeats one of those runs.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.playground import Playground, two_servers
from tests.e2e.kill.oracle import complaints
from tests.e2e.kill.scenario import Scenario
from tests.e2e.kill.victim import Victim
from tests.e2e.playground.conftest import check_log, checker
from tests.e2e.playground.helpers import point

__all__ = ["check_log", "checker"]

FULL = os.environ.get("TAVERN_FULL") == "1"
SEED = int(os.environ.get("TAVERN_SEED", "1"))
KILLS = int(os.environ.get("TAVERN_KILLS", "200" if FULL else "20"))


async def test_nothing_is_lost_or_doubled(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    check_log: Callable[[Playground], None],
) -> None:
    async with Playground.open(world=two_servers) as playground:
        point(monkeypatch, playground)
        async with Victim(playground, tmp_path) as victim:
            await victim.prepare()
            scenario = Scenario(victim, SEED)
            for _ in range(KILLS):
                await scenario.round()
            await scenario.calm()
        found = await complaints(scenario)
        output = victim.output.read_text()
        print(f"kills {scenario.kills}, questions {scenario.asked}, complaints {len(found)}")
        assert not found, "\n".join([*found, "", output[-5000:]])
        assert "Traceback" not in output, output[-5000:]
    check_log(playground)
