"""A card's greetings as they are shown: with names and dice in place."""

from core.characters.character import Character
from core.macros.engine import Macros
from core.macros.environment import CardFields, Environment, MacroNames


def greetings_of(card: Character, user: str, seed: int) -> list[str]:
    """The first message and its alternates, ready to be told to this person."""
    char = card.name
    names = MacroNames(user=user, char=char, group=char, group_not_muted=char, not_char=user)
    plain = Macros(Environment(names=names, reply_seed=seed))
    texts = CardFields(
        description=plain.expand(card.description.strip(), card=False),
        personality=plain.expand(card.personality.strip(), card=False),
        scenario=plain.expand(card.scenario.strip(), card=False),
    )
    macros = Macros(Environment(names=names, card=lambda: texts, reply_seed=seed))
    return [macros.expand(text.strip()) for text in card.greetings]
