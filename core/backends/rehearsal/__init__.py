"""How the offline stand-in reads a prompt and writes a reply."""
