"""Who posts in Discord: a character's webhook, or the bot itself."""
