"""The macros that there are; a new one is a function or a row in a module of this folder."""
