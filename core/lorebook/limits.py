"""How large a lorebook may be; the largest real one seen had 34 entries."""

MAX_ENTRIES = 20_000
MAX_KEYS = 64
MAX_KEY = 256
MAX_CONTENT = 64 * 1024
MAX_TRIGGERS = 64
FAR = 1_000_000
"""Beyond any sensible depth, order or number of messages."""
