"""From a Discord message to the core's words: who, where, what."""
