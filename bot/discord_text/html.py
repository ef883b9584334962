"""Leftovers of HTML in what models write, as Discord can show them.

Cards and presets are made for programs that show HTML. Only tags of HTML are touched: `a < b`,
`<3`, `<Mira>` and Discord's own marks stay as they are, and so does everything in code.
"""

import html
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

_ATTRIBUTE = r"""\s+[a-zA-Z_:@][\w:.-]*\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'=<>`]+)"""
_SWITCH = r"\s+(?:open|hidden|checked|disabled|selected|required|readonly|controls|autoplay|loop)\b"
_TAG = rf"<(?P<close>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)(?P<rest>(?:{_ATTRIBUTE}|{_SWITCH})*)\s*/?>"
_TOKEN = re.compile(
    r"(?P<fence>```.*?(?:```|\Z))"
    r"|(?P<code>(?P<ticks>`{1,2})(?!`)(?:(?!\n[^\S\n]*\n).){1,500}?(?<!`)(?P=ticks)(?!`))"
    rf"|(?P<comment><!--|<!doctype\b[^<>]{{0,500}}>)|(?P<tag>{_TAG})"
    r"|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});)",
    re.DOTALL | re.IGNORECASE,
)
_VALUE = re.compile(r"""([a-zA-Z_:@][\w:.-]*)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'=<>`]+))""")
_OPEN = re.compile(r"\bopen\b")

_INLINE = {
    **dict.fromkeys(("b", "strong"), "**"),
    **dict.fromkeys(("i", "em", "cite", "var", "dfn"), "*"),
    **dict.fromkeys(("u", "ins"), "__"),
    **dict.fromkeys(("s", "strike", "del"), "~~"),
    **dict.fromkeys(("code", "tt", "kbd", "samp"), "`"),
}
_HEADINGS = {"h1": "# ", "h2": "## ", "h3": "### "}
_SILENT = {
    *("font", "span", "small", "big", "sub", "sup", "mark", "abbr", "bdi", "bdo", "time", "label"),
    *("ruby", "rb", "rp", "rt", "wbr", "html", "body", "tbody", "thead", "tfoot", "a", "q"),
    *("picture", "figcaption", "button", "nobr", "blink", "meter", "progress", "output", "svg"),
}
_BLOCKS = {
    *("div", "section", "article", "center", "header", "footer", "main", "aside", "nav", "figure"),
    *("ul", "ol", "dl", "dt", "dd", "li", "table", "tr", "caption", "fieldset", "legend", "form"),
    *("blockquote", "pre", "details", "summary", "h1", "h2", "h3", "h4", "h5", "h6", "address"),
    *("marquee", "hgroup", "dialog", "menu"),
}
_PARAGRAPHS = {"p", "hr", "details", "blockquote", "pre"}
_VOID = {"br", "hr", "img", "wbr", "meta", "link", "base", "input", "source", "col"}
_DROPPED = {"style", "script", "head", "title", "template", "noscript", "iframe", "object"}
_SIBLINGS: Mapping[str, Collection[str]] = {
    "p": ("p",),
    "li": ("li",),
    "tr": ("tr",),
    **dict.fromkeys(("td", "th"), ("td", "th")),
    **dict.fromkeys(("dt", "dd"), ("dt", "dd")),
}
"""Elements that end where one of these begins."""
_KNOWN = {*_INLINE, *_SILENT, *_BLOCKS, *_PARAGRAPHS, *_VOID, *_DROPPED, "td", "th"}

# Ends of blocks until the whole is known; the text itself holds no such characters.
_LINE, _GAP = "\ufdd4", "\ufdd5"
_ENDS = re.compile(f"(?<![ \\t\\n])[ \\t\\n]*[{_LINE}{_GAP}][ \\t\\n{_LINE}{_GAP}]*")
_MARKS = re.compile(f"[{_LINE}{_GAP}]")
_CLOSED = re.compile(r"</([a-zA-Z][a-zA-Z0-9]*)\s*>")
_BLANK_LINE = re.compile(r"(\n[^\S\n]*\n\s*)")
_LONE_STAR = re.compile(r"(?<!\*)\*(?!\*)")
_RULE = "⸻"

_UNFINISHED = re.compile(r"<[!/]?(?:[a-zA-Z-][^<>]{0,2000})?\Z|&#?\w{0,31}\Z")
_UNFINISHED_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)(\s.*)?\Z", re.DOTALL)


@dataclass(slots=True)
class _Element:
    """An open tag and what stands in it so far."""

    name: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    is_open: bool = False
    summary: str = ""
    pieces: list[str] = field(default_factory=list)

    @property
    def inner(self) -> str:
        return "".join(self.pieces)


_DEEPEST = 60
"""Elements within each other; tags of deeper ones are left out."""


def readable(text: str) -> str:
    """The text with HTML as Discord shows it; the very same text where there is none in it."""
    if "<" not in text and "&" not in text:
        return text
    reader = _Reader(_MARKS.sub("", text))
    reader.read()
    return _settled(reader.whole).strip() if reader.changed else text


def without_unfinished(text: str) -> str:
    """A growing text without a tag or entity at its end that is not yet complete."""
    found = _UNFINISHED.search(text, max(0, len(text) - 2_100))
    if found is None or _in_code(text, found.start()):
        return text
    named = _UNFINISHED_NAME.match(found[0])
    if named is not None:
        name = named[1].lower()
        begun = any(known.startswith(name) for known in _KNOWN)
        if not (name in _KNOWN if named[2] is not None else begun):
            return text
    return text[: found.start()]


class _Reader:
    """Reads one text from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._stack = [_Element()]
        self._closed = {found[1].lower() for found in _CLOSED.finditer(text)}
        self._last_comment_end = text.rfind("-->")
        self.changed = False

    @property
    def whole(self) -> str:
        while len(self._stack) > 1:
            self._close()
        return self._stack[0].inner

    def read(self) -> None:
        cursor = 0
        while (found := _TOKEN.search(self._text, cursor)) is not None:
            self._put(self._text[cursor : found.start()])
            cursor = self._take(found)
        self._put(self._text[cursor:])

    def _put(self, text: str) -> None:
        self._stack[-1].pieces.append(text)

    def _take(self, token: re.Match[str]) -> int:
        """Adds a token to what is open, and tells where to read on."""
        name = (token["name"] or "").lower()
        if token["comment"] is not None:
            self.changed = True
            hidden = token[0] == "<!--" and token.end() <= self._last_comment_end
            return self._text.index("-->", token.end()) + 3 if hidden else token.end()
        if token["entity"] is not None:
            self._put(written := _entity(token[0]))
            self.changed = self.changed or written != token[0]
        elif name not in _KNOWN or self._is_prose(token):
            self._put(token[0])
        else:
            self.changed = True
            if name in _DROPPED:
                return self._behind(name, token)
            self._tag(name, token)
        return token.end()

    def _is_prose(self, token: re.Match[str]) -> bool:
        """`<Mark>`: a name, unless it is closed."""
        name = token["name"]
        plain = not token["close"] and not token["rest"]
        titled = len(name) > 1 and name == name.capitalize()
        return plain and titled and name.lower() not in self._closed

    def _behind(self, name: str, token: re.Match[str]) -> int:
        """What stands in this element is no text: on to its end, or that of all."""
        if token["close"]:
            return token.end()
        if name not in self._closed:
            return len(self._text)
        end = re.compile(rf"</{name}\s*>", re.IGNORECASE).search(self._text, token.end())
        return end.end() if end else len(self._text)

    def _tag(self, name: str, token: re.Match[str]) -> None:
        if token["close"]:
            self._close_named(name)
        elif name in _VOID:
            self._put(_void(name, _attributes(token)))
        elif len(self._stack) < _DEEPEST:
            if name in _SIBLINGS and self._stack[-1].name in _SIBLINGS[name]:
                self._close()
            is_open = _OPEN.search(token["rest"] or "") is not None
            self._stack.append(_Element(name, _attributes(token), is_open))

    def _close_named(self, name: str) -> None:
        """Closes an element and those that are still open in it; a stray end closes nothing."""
        if any(element.name == name for element in self._stack[1:]):
            while self._stack[-1].name != name:
                self._close()
            self._close()

    def _close(self) -> None:
        element = self._stack.pop()
        parent = self._stack[-1]
        if element.name == "summary" and parent.name == "details":
            parent.summary = " ".join(_settled(element.inner).split())
        else:
            parent.pieces.append(_rendered(element, "".join(parent.pieces[-20:])))


def _entity(written: str) -> str:
    """The sign; what HTML does not know, or knows only the beginning of, stays as it is."""
    value = html.unescape(written)
    if value == written or value.endswith(";"):
        return written
    return _MARKS.sub("", value.replace("\xa0", " ").replace("\xad", ""))


def _attributes(token: re.Match[str]) -> dict[str, str]:
    found = _VALUE.findall(token["rest"] or "")
    return {name.lower(): html.unescape(a or b or c) for name, a, b, c in found}


def _void(name: str, attributes: Mapping[str, str]) -> str:
    if name == "br":
        return "\n"
    if name == "hr":
        return f"{_GAP}{_RULE}{_GAP}"
    alt = attributes.get("alt", "").strip()
    return f"🖼 {alt}" if name == "img" and alt else ""


def _rendered(element: _Element, before: str) -> str:
    name, inner = element.name, element.inner
    if name in _INLINE:
        return _inline(_INLINE[name], inner, before)
    if name in _WRITERS:
        inner = _WRITERS[name](_settled(inner).strip(), element)
    if name in _PARAGRAPHS:
        return f"{_GAP}{inner}{_GAP}"
    return f"{_LINE}{inner}{_LINE}" if name in _BLOCKS else inner


def _inline(mark: str, inner: str, before: str) -> str:
    """The mark around each paragraph's words: Discord's marks end at blank lines."""
    if mark == "`":
        bare = inner.strip()
        return f"`{bare}`" if bare and "`" not in bare and "\n" not in bare else inner
    pieces = _BLANK_LINE.split(re.sub(f"[{_LINE}{_GAP}]+", "\n\n", inner))
    return "".join(
        piece if index % 2 else _marked(mark, piece, before) for index, piece in enumerate(pieces)
    )


def _marked(mark: str, text: str, before: str) -> str:
    bare = text.strip()
    if not bare or (bare.startswith(mark) and bare.endswith(mark) and len(bare) > 2 * len(mark)):
        return text
    if mark == "*":
        opened = len(_LONE_STAR.findall(before.rpartition("\n\n")[2])) % 2
        mark = "_" if opened or _LONE_STAR.search(bare) else mark
    at = text.index(bare)
    return text[:at] + mark + bare + mark + text[at + len(bare) :]


def _quote(text: str, element: _Element) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n")) if text else ""


def _details(text: str, element: _Element) -> str:
    """The summary, then what was folded away: hidden by bars, or quoted where it stood open."""
    spoils = not element.is_open and "||" not in text and "```" not in text
    body = (f"||{text}||" if spoils else _quote(text, element)) if text else ""
    return "\n".join(filter(None, (_marked("**", element.summary, ""), body)))


def _heading(text: str, element: _Element) -> str:
    level = _HEADINGS.get(element.name)
    line = " ".join(text.split())
    return f"{level}{line}" if level and line else _marked("**", line, "")


def _item(text: str, element: _Element) -> str:
    return "- " + text.replace("\n", "\n  ") if text else ""


def _row(text: str, element: _Element) -> str:
    return text.strip(" |")


def _cell(text: str, element: _Element) -> str:
    return f"{' '.join(text.split())} | "


def _code_block(text: str, element: _Element) -> str:
    return f"```\n{text}\n```" if text and "```" not in text else text


def _link(text: str, element: _Element) -> str:
    address = element.attributes.get("href", "").strip()
    if not re.fullmatch(r"https?://[^\s<>()]+", address) or text == address:
        return text
    return f"[{text}](<{address}>)" if text and not set(text) & set("[]\n") else text


def _quotation(text: str, element: _Element) -> str:
    return f"“{text}”" if text else ""


_WRITERS: Mapping[str, Callable[[str, _Element], str]] = {
    "blockquote": _quote,
    "details": _details,
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _heading),
    "li": _item,
    "tr": _row,
    **dict.fromkeys(("td", "th"), _cell),
    "pre": _code_block,
    "a": _link,
    "q": _quotation,
}


def _settled(text: str) -> str:
    """The text with the ends of its blocks as line ends; spaces beside them go."""

    def ends(found: re.Match[str]) -> str:
        if _GAP in found[0]:
            return "\n\n"
        return "\n" * min(max(found[0].count("\n"), 1), 2)

    return _ENDS.sub(ends, text)


def _in_code(text: str, place: int) -> bool:
    """Whether a place stands in code, closed or not."""
    if text.count("```", 0, place) % 2:
        return True
    line = text[text.rfind("\n", 0, place) + 1 : place]
    return bool(line.count("`") % 2)
