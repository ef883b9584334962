"""Scripts that rewrite text by patterns, as SillyTavern's regex extension runs them."""

from core.regex_scripts.script import Placement, RegexScript, Target

__all__ = ["Placement", "RegexScript", "Target"]
