"""Which addresses may be reached, and by whom."""
