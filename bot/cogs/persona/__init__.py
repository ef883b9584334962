"""Who you are in the story."""
