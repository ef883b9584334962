"""Texts in the reader's language."""

from bot.i18n.translate import N_, CommandTranslator, _, as_written, ngettext, speaking, use

__all__ = ["N_", "CommandTranslator", "_", "as_written", "ngettext", "speaking", "use"]
