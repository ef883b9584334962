"""JavaScript regular expressions, read and rewritten for the `regex` module."""

from core.patterns.pattern import Pattern, parse_literal, parse_pattern

__all__ = ["Pattern", "parse_literal", "parse_pattern"]
