"""Who speaks where: places, people, messages."""
