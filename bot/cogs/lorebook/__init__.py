"""Lorebooks: facts the model gets when they come up."""
