"""The characters that come with the product, one PNG card each."""

from importlib.resources import files


def stock_cards() -> list[tuple[str, bytes]]:
    """Slug (the file's name) and content of every card, in order."""
    folder = files(__name__)
    found = sorted(file.name for file in folder.iterdir() if file.name.endswith(".png"))
    return [(name.removesuffix(".png"), (folder / name).read_bytes()) for name in found]
