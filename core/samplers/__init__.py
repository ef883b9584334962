"""Sampler settings and what servers call them."""
