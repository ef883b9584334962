"""Prompts from case files: the offline command's and the tests'."""
