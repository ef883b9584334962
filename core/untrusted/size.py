"""Sizes of files in words."""


def written(size: int) -> str:
    """A number of bytes as people read it: 25 MiB, 1.5 MiB, 500 KiB, 900 bytes."""
    for unit, name in ((2**20, "MiB"), (2**10, "KiB")):
        if size >= unit:
            return f"{round(size / unit, 1):g} {name}"
    return f"{size} bytes"
