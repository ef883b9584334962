"""What Discord accepts, and what it answers to the rest."""
