"""Steps from one schema to the next. The newest one is `HEAD`."""

HEAD = "0004"
"""Revision that this version of the program works with. Asked at start without Alembic, whose
import takes a quarter of a second."""
