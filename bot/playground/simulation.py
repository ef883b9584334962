"""All parts of the stand-in under one name, for the code that answers requests."""

from dataclasses import dataclass
from pathlib import Path

from bot.playground.faults import Faults
from bot.playground.gateway.gateway import Gateway
from bot.playground.log import RequestLog
from bot.playground.people.interactions import Interactions
from bot.playground.rules.limits import Limits, Profile
from bot.playground.world.changes import Changes
from bot.playground.world.clock import Clock
from bot.playground.world.events import Bus
from bot.playground.world.snowflake import Snowflakes
from bot.playground.world.state import State


@dataclass(frozen=True, slots=True)
class Simulation:
    """One running Discord."""

    clock: Clock
    state: State
    bus: Bus
    changes: Changes
    gateway: Gateway
    interactions: Interactions
    limits: Limits
    faults: Faults
    log: RequestLog


def assemble(
    *,
    bot_name: str,
    bot_id: str,
    profile: Profile,
    log_file: Path | None,
    heartbeat: float,
) -> Simulation:
    """Builds the parts around one clock, one state and one bus."""
    clock, bus, faults = Clock(), Bus(), Faults()
    state = State(clock, Snowflakes(clock), bot_name, bot_id)

    def channel_of(webhook_id: str) -> str | None:
        webhook = state.webhooks.get(webhook_id)
        return webhook.channel_id if webhook else None

    return Simulation(
        clock,
        state,
        bus,
        Changes(state, bus),
        Gateway(state, bus, faults, heartbeat),
        Interactions(clock, bus),
        Limits(clock, profile, channel_of),
        faults,
        RequestLog(log_file),
    )
