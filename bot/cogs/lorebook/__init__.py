"""Lorebooks: facts that wake when they are mentioned."""
