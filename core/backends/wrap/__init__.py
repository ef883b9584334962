"""Backends around backends: everything that varies how one is called."""
