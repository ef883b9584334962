"""The Discord side: commands, screens, events."""
