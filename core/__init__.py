"""Stories: characters, prompts, backends and storage. Knows nothing of Discord."""
