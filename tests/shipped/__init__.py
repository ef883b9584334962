"""Everything that SillyTavern itself ships, read, used and written back."""
