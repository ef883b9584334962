"""The command line: one module per command, found by folder; its docstring is its help."""
