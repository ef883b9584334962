"""The beginning of a reply that a server repeats although it was written already."""


class PrefillEcho:
    """Cuts off a prefill that a server repeats; passes everything once the text differs."""

    def __init__(self, prefill: str) -> None:
        self._expected = prefill
        self._held = ""

    def feed(self, text: str, *, end: bool = False) -> str:
        """The text without the repeated part; holds back what may still turn out to be it."""
        if not self._expected:
            return text
        self._held += text
        if not end and self._expected.startswith(self._held):
            if self._held == self._expected:
                self._expected = self._held = ""
            return ""
        found = self._held.removeprefix(self._expected)
        self._expected = self._held = ""
        return found
