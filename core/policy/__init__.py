"""Who may do what, and which cards may speak where."""
