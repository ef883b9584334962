"""What people do while the bot lives and dies, drawn from a seed."""

import asyncio
import json
import random
import re
from collections.abc import Callable
from contextlib import suppress

from bot.playground import Person, Playground
from bot.playground.people.options import Impossible
from bot.playground.world.models import Channel
from tests.e2e.kill.victim import Victim
from tests.e2e.tavern.cards import document
from tests.e2e.tavern.tavern import Json, labels

WRITES = r"^(POST|PATCH|DELETE) /(channels|webhooks)"
STEERING = ("Regenerate", "Continue", "◀", "▶")
ASKED = re.compile(r"ask (\d+)")


class Scenario:
    """`asked` and `imported` are what the oracle needs to know beside Discord itself."""

    def __init__(self, victim: Victim, seed: int) -> None:
        self.victim = victim
        self.playground: Playground = victim.playground
        self.dice = random.Random(seed)
        self.people: list[Person] = [self.playground.person(name) for name in ("Ann", "Ben")]
        self.asked = 0
        self.kills = 0
        self.cards: dict[str, object] = {}

    def ours(self, room: Channel) -> list[Json]:
        """What characters and the bot have said."""
        return [one for one in self.playground.messages(room) if one["author"].get("bot")]

    # People

    def ask(self, room: Channel) -> None:
        self.asked += 1
        long = " long" if self.dice.random() < 0.2 else ""
        self.dice.choice(self.people).send(room, f"ask {self.asked}{long}")

    def act(self) -> None:
        """One thing that somebody does."""
        room = self.dice.choice(self.victim.rooms())
        deeds: list[tuple[int, Callable[[Channel], None]]] = [
            (55, self.ask),
            (14, self._steer),
            (10, self._stop),
            (9, self._edit),
            (7, self._delete),
            (5, self._bring),
        ]
        (deed,) = self.dice.choices([deed for _, deed in deeds], [weight for weight, _ in deeds])
        with suppress(Impossible, LookupError):
            deed(room)

    def _steer(self, room: Channel) -> None:
        self._press(room, self.dice.choice(STEERING))

    def _stop(self, room: Channel) -> None:
        self._press(room, "Stop")

    def _press(self, room: Channel, label: str) -> None:
        for message in self.ours(room)[-1:]:
            if label in labels(message):
                self.dice.choice(self.people).press(message, label)

    def _edit(self, room: Channel) -> None:
        person, message = self._old(room)
        number = ASKED.findall(message["content"])[0]
        person.edit(message, f"ask {number} edited {self.dice.randrange(1000)}")

    def _delete(self, room: Channel) -> None:
        person, message = self._old(room)
        person.delete(message)

    def _old(self, room: Channel) -> tuple[Person, Json]:
        """Somebody's message that has been answered. Raises LookupError.

        What happens to older ones while the bot is away, it does not look back for.
        """
        seen = self.playground.messages(room)[-60:]
        answered = max((at for at, one in enumerate(seen) if one["author"].get("bot")), default=0)
        theirs = [one for one in seen[: max(0, answered - 3)] if ASKED.match(one["content"])]
        if not theirs:
            raise LookupError("nothing to change")
        message = self.dice.choice(theirs)
        author = message["author"]["id"]
        return next(person for person in self.people if person.id == author), message

    def _bring(self, room: Channel) -> None:
        name = f"Guest {len(self.cards)}"
        card = json.dumps(document(name)).encode()
        files = [("guest.json", card)]
        self.cards[name] = self.people[0].command(room, "character import", file=0, files=files)

    async def _talk(self) -> None:
        for _ in range(8):
            self.act()
            await asyncio.sleep(self.dice.uniform(0.02, 0.35))

    # The killer

    async def round(self) -> None:
        """A process lives for a while and is killed."""
        await self.victim.start()
        at_start = self.dice.random() < 0.1
        if not at_start:
            await self.victim.online()
        talking = asyncio.create_task(self._talk())
        try:
            await self._moment(at_start)
            await self.victim.kill()
        finally:
            talking.cancel()
            await asyncio.gather(talking, return_exceptions=True)
        self.playground.clear_faults()
        self.kills += 1
        if self.dice.random() < 0.3:
            self.ask(self.dice.choice(self.victim.rooms()))

    async def _moment(self, at_start: bool) -> None:
        """Waits for the moment of death."""
        kind = "time" if at_start else self.dice.choice(("time", "request", "answer"))
        if kind == "time":
            await asyncio.sleep(self.dice.uniform(0.0, 2.0))
            return
        with suppress(TimeoutError):
            if kind == "request":
                least = self.playground.log.total + self.dice.randint(1, 25)
                await self.playground.wait_for(
                    lambda: self.playground.log.total >= least or None, 3.0
                )
            else:
                skip = self.dice.randint(0, 15)
                fault = self.playground.fault(WRITES, "drop_after", skip=skip)
                await self.playground.wait_for(lambda: fault.hits or None, 3.0)

    async def calm(self) -> None:
        """A last process answers a last question in every room, and ends in peace."""
        await self.victim.start()
        await self.victim.online()
        for room in self.victim.rooms():
            self.ask(room)
            number = self.asked
            await self._answered(room, number)
        assert await self.victim.end() == 0

    async def _answered(self, room: Channel, number: int) -> None:
        try:
            await self.playground.wait_for(lambda: self._is_answered(room, number), 30.0)
        except TimeoutError:
            seen = [(one["content"][:60], labels(one)) for one in self.playground.messages(room)]
            output = self.victim.output.read_text()[-5000:]
            raise AssertionError(f"no answer to {number} in {seen[-6:]}\n{output}") from None

    def _is_answered(self, room: Channel, number: int) -> bool | None:
        ours = self.ours(room)
        if not ours or "Regenerate" not in labels(ours[-1]):
            return None
        texts = " ".join(one["content"] for one in ours[-4:])
        return f"Answer {number}:" in texts or None
