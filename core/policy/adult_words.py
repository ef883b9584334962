"""Whether a tag says that a card is for adults, in the languages people tag in."""

import re
import unicodedata


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_PLAIN = _words(
    """
    nsfw nsfl smut smutty lewd erotic erotica erotico eroticos eroticas hentai ecchi porn porno
    pornographic pornografia pornografico pornografica xxx r18 r18g putaria safadeza sacanagem
    pwp rule34 bdsm fetish fetiche
    """
)
"""Words that mean it wherever they stand in a tag."""
_DOUBTFUL = _words(
    """
    adult adults adulto adulta adultos adultas mature explicit explicito explicita explicitos
    explicitas sex sexual sexually sexo sexuais
    """
)
"""Words that mean it alone or beside the words below: a "mature oak" or a "young adult" is none."""
_BESIDE = _words(
    """
    content contents theme themes themed only rated rating audience audiences fiction story stories
    material scene scenes language situations rp roleplay for the 18 plus warning cw tw very some
    and or e ou conteudo conteudos tema temas publico historia historias so apenas somente para
    maiores cena cenas linguagem de x
    """
)
_DENIALS = _words("not no non never without isnt zero sem nao nada 非 不 无 無")
_LETTERS = re.compile(r"[a-z0-9\u00df-\u024f]+|[^\W_a-z0-9\u00df-\u024f]+")
"""Words; Latin ones end where kana and ideographs begin, which stand without a space."""
_AGE = re.compile(
    r"(?<!\d)18\s*\+|\+\s*18(?!\d)"
    r"|(?<![a-z0-9])(?:r[\s_-]?18g?|x[\s_-]?rated|nc[\s_-]?17|rule\s*34|18\s*(?:only|plus)"
    r"|(?:over|above|maiores?\s+de)\s*18)(?![a-z0-9])"
    r"|(?:18|十八)\s*[歳岁]?\s*(?:禁|以上|未満禁止)"
)
_WRITTEN_TOGETHER = re.compile(
    # Japanese: not in ピエロ (clown), エッチング (etching), ヤングアダルト (young adult).
    r"(?<![ァ-ヶー])(?:エロ(?!イーズ|ーナ)|エッチ(?!ング)|アダルト|ポルノ)|えっち|官能|性的"
    # Chinese, and what both write: not 成人式 (a feast), 未成人.
    r"|(?<!未)成人(?!式|礼|の日)|成年向|色情|情色|性愛|性爱|限制[级級]|里番|裏番|工口|肉文|[黄黃]文|淫"
)
_WHOLE = frozenset(("h", "色色", "涩涩", "澀澀", "瑟瑟", "肉", "黄", "えろ", "えち"))
"""Tags that mean it only when they say nothing else."""
_DENIED = re.compile(r"(?:非|不|无|無|なし|ではない|禁止)")


def says_adult(tag: str) -> bool:
    """Whether the words of the tag say so; "not nsfw" and "sfw" do not."""
    text = unicodedata.normalize("NFKC", tag).casefold().strip()
    if text in _WHOLE:
        return True
    words = [_without_accents(word) for word in _LETTERS.findall(text)]
    if any(_counts(words, index) for index in range(len(words))):
        return True
    denied = not _DENIALS.isdisjoint(words) or _DENIED.search(text)
    return not denied and bool(_AGE.search(text) or _WRITTEN_TOGETHER.search(text))


def _counts(words: list[str], index: int) -> bool:
    word = words[index]
    if not _DENIALS.isdisjoint(words[max(index - 2, 0) : index]):
        return False
    if words[index + 1 : index + 2] == ["free"]:
        return False
    if word in _PLAIN:
        return True
    return word in _DOUBTFUL and {*words} <= _PLAIN | _DOUBTFUL | _BESIDE


def _without_accents(word: str) -> str:
    """Latin words as they are often typed; other letters stay, whose marks make other letters."""
    bare = "".join(
        mark for mark in unicodedata.normalize("NFKD", word) if not unicodedata.combining(mark)
    )
    return bare if bare.isascii() else word
