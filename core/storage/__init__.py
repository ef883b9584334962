"""Everything that is kept; the only package that speaks SQL."""
