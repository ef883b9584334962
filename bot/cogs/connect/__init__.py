"""Connect a model and change its settings."""
