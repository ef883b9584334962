"""One Discord channel: who speaks there, and how a reply is shown."""
