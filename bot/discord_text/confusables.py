"""Folds a name to what it looks like, so that `Аdmin` with a Cyrillic letter equals `Admin`."""

import unicodedata

# Letters of other scripts and signs that read as a Latin letter in most typefaces. From Unicode's
# list of confusables, the part that people use for passing as somebody else.
_GROUPS = {
    "a": "аαạɑ@4", "b": "ьвβЬƅ8", "c": "сϲⅽ¢ꮯ", "d": "ԁⅾժ", "e": "еєεҽ3℮", "f": "ғϝſ", "g": "ɡցԍ9",
    "h": "нһհӊ", "i": "іιıΙӏlI1|!ⅰ׀ǀ", "j": "јϳ", "k": "кκ", "m": "мⅿ", "n": "ոռпη", "o": "оοօ0ӧ°ഠ",
    "p": "рρ", "q": "ԛգ", "r": "гꭇⲅ", "s": "ѕʂ5$ꜱ", "t": "тτ7+", "u": "υսцʋ", "v": "ѵνⅴ",
    "w": "ԝшωɯ", "x": "хχ×ⅹ", "y": "уγү", "z": "ᴢ2",
}  # fmt: skip
_TABLE = {ord(sign): latin for latin, signs in _GROUPS.items() for sign in signs}


def folded(name: str) -> str:
    """A key that is equal for names a reader would take for the same."""
    plain = unicodedata.normalize("NFKD", name.replace("rn", "m")).casefold()
    letters = (
        sign for sign in plain.translate(_TABLE) if unicodedata.category(sign)[0] not in "MZCP"
    )
    return "".join(letters).translate(_TABLE)
