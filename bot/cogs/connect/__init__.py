"""Connect a model: backend, key, model, settings."""
