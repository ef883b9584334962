"""Interactions from the click to the last follow-up: deadlines, tokens, first answers."""

import asyncio
import secrets
from dataclasses import dataclass, field
from enum import IntEnum

from bot.playground.rules.errors import Json, refuse
from bot.playground.world.clock import Clock, Timer
from bot.playground.world.events import Bus, Event
from bot.playground.world.models import Channel

# Discord: the first answer within 3 s, everything else within 15 min.
ANSWER_SECONDS = 3.0
TOKEN_SECONDS = 15 * 60


class Kind(IntEnum):
    """What an interaction is."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Reply(IntEnum):
    """What a first answer does."""

    PONG = 1
    MESSAGE = 4
    DEFERRED_MESSAGE = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(slots=True)
class Interaction:
    """One interaction and how far it has come."""

    id: str
    token: str
    kind: Kind
    user_id: str
    channel: Channel
    created: float
    label: str  # what the person did, for messages: "/chat start"
    command_type: int = 1
    message_id: str | None = None  # the message a component stands in
    message_is_ephemeral: bool = False
    opener: "Interaction | None" = None  # of a modal: the interaction that opened it
    reply: Reply | None = None
    failed: bool = False
    response_id: str | None = None  # "@original"
    message_ids: set[str] = field(default_factory=set)  # what its token may edit
    is_loading: bool = False
    is_ephemeral: bool = False
    modal: Json | None = None
    choices: "asyncio.Future[list[Json]] | None" = None
    timer: Timer | None = field(default=None, repr=False)

    @property
    def can_update(self) -> bool:
        """Whether the first answer may change the message the component stands in."""
        return self.message_id is not None and self.kind in (Kind.COMPONENT, Kind.MODAL)


class Interactions:
    """All interactions of the run, by id and by token."""

    def __init__(self, clock: Clock, bus: Bus) -> None:
        self._clock, self._bus = clock, bus
        self._by_id: dict[str, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}

    def begin(self, interaction: Interaction, payload: Json) -> None:
        """Sends it to the bot and starts the three seconds."""
        self._by_id[interaction.id] = interaction
        self._by_token[interaction.token] = interaction
        interaction.timer = self._clock.later(
            ANSWER_SECONDS, lambda: self.fail(interaction, "The application did not respond")
        )
        guild_id = interaction.channel.guild_id
        self._bus.publish(
            Event(
                "INTERACTION_CREATE",
                payload,
                guild_id,
                interaction.channel,
                audience=interaction.user_id,
                for_people=False,
            )
        )

    def fail(self, interaction: Interaction, reason: str) -> None:
        interaction.failed = True
        if interaction.choices is not None and not interaction.choices.done():
            interaction.choices.set_result([])
        if interaction.kind is not Kind.AUTOCOMPLETE:
            self.tell(interaction, "INTERACTION_FAILED", {"reason": reason})

    def find(self, interaction_id: str) -> Interaction | None:
        return self._by_id.get(interaction_id)

    def open(self, interaction_id: str, token: str) -> Interaction:
        """The interaction a first answer is for. Raises `Refused` (10062, 40060)."""
        interaction = self._by_id.get(interaction_id)
        if interaction is None or interaction.token != token or interaction.failed:
            raise refuse(10062)
        if interaction.reply is not None:
            raise refuse(40060)
        return interaction

    def acknowledge(self, interaction: Interaction, reply: Reply) -> None:
        interaction.reply = reply
        if interaction.timer is not None:
            interaction.timer.cancel()
        if interaction.kind is not Kind.AUTOCOMPLETE:
            self.tell(interaction, "INTERACTION_DONE", {"reply": int(reply)})

    def by_token(self, token: str) -> Interaction:
        """The interaction a follow-up is for. Raises `Refused` (10015, 50027)."""
        interaction = self._by_token.get(token)
        if interaction is None:
            raise refuse(50027)
        if self._clock.now() - interaction.created > TOKEN_SECONDS:
            raise refuse(50027)
        if interaction.reply is None:
            raise refuse(10015)
        return interaction

    def tell(self, interaction: Interaction, kind: str, data: Json) -> None:
        """Something only the person's own page hears of."""
        self._bus.publish(
            Event(
                kind,
                {"id": interaction.id, **data},
                interaction.channel.guild_id,
                interaction.channel,
                audience=interaction.user_id,
                for_bot=False,
            )
        )


def new_token() -> str:
    """Interaction tokens are long and opaque; webhook tokens have 68 characters."""
    return secrets.token_urlsafe(120)


def webhook_token() -> str:
    return secrets.token_urlsafe(51)
