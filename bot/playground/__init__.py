"""A local stand-in for Discord: gateway, REST, CDN and a page, on loopback only."""

from bot.playground.people.person import Invocation, Person
from bot.playground.playground import Playground
from bot.playground.world.world import tavern, two_servers

__all__ = ["Invocation", "Person", "Playground", "tavern", "two_servers"]
