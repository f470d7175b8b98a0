"""Which letters a language is written in. Pure.

Tells a text in the wrong script, and bytes that were read in the wrong encoding, from text of its kind.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache


def _split_codes(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_CYRILLIC = ("ru", "uk", "be", "bg", "mk", "kk", "ky", "mn", "tg")
_ARABIC = ("ar", "fa", "ur", "ps", "sd", "ug")
_DEVANAGARI = ("hi", "mr", "ne", "sa")
_LATIN = _split_codes(
    """
    en es fr de it pt ca gl ro nl sv da no nb nn fi pl cs sk hu tr id ms vi eo et lv lt sl hr eu is ga cy oc
    sq af tl sw bs mt lb
    """
)

# The first word of a letter's Unicode name is its script. Languages that are not listed are not judged;
# Serbian, Azerbaijani and Uzbek are written in two scripts.
SCRIPTS: Mapping[str, tuple[str, ...]] = {
    **dict.fromkeys(_LATIN, ("LATIN",)),
    **dict.fromkeys(_CYRILLIC, ("CYRILLIC",)),
    **dict.fromkeys(_ARABIC, ("ARABIC",)),
    **dict.fromkeys(_DEVANAGARI, ("DEVANAGARI",)),
    **dict.fromkeys(("zh", "yue"), ("CJK",)),
    "ja": ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"),
    "ko": ("HANGUL", "CJK"),
    "sr": ("CYRILLIC", "LATIN"),
    "az": ("CYRILLIC", "LATIN"),
    "uz": ("CYRILLIC", "LATIN"),
    "el": ("GREEK",),
    "he": ("HEBREW",),
    "th": ("THAI",),
    "lo": ("LAO",),
    "km": ("KHMER",),
    "my": ("MYANMAR",),
    "ka": ("GEORGIAN",),
    "hy": ("ARMENIAN",),
    "am": ("ETHIOPIC",),
    "ta": ("TAMIL",),
    "te": ("TELUGU",),
    "bn": ("BENGALI",),
    "gu": ("GUJARATI",),
    "kn": ("KANNADA",),
    "ml": ("MALAYALAM",),
    "pa": ("GURMUKHI",),
    "si": ("SINHALA",),
}
"""Language -> the scripts that its letters come from."""

LETTERS: Mapping[str, str] = {
    "ca": "àçèéíïòóúü·",
    "cs": "áčďéěíňóřšťúůýž",
    "da": "æøåé",
    "de": "äöüß",
    "es": "áéíñóúü",
    "et": "äõöüšž",
    "eu": "ñü",
    "fi": "äöå",
    "fr": "àâæçèéêëîïôœùûüÿ",
    "gl": "áéíñóúü",
    "hr": "čćđšž",
    "bs": "čćđšž",
    "hu": "áéíóöőúüű",
    "is": "áæðéíóöúýþ",
    "it": "àèéìîòóù",
    "lt": "ąčęėįšųūž",
    "lv": "āčēģīķļņšūž",
    "nb": "æøåéòô",
    "nl": "éëïóöüè",
    "nn": "æøåéòô",
    "no": "æøåéòô",
    "oc": "àáçèéíïòóúü",
    "pl": "ąćęłńóśźż",
    "pt": "àáâãçéêíóôõúü",
    "ro": "ăâîșțşţ",
    "sk": "áäčďéíĺľňóôŕšťúýž",
    "sl": "čšž",
    "sq": "çë",
    "sv": "åäöé",
    "tr": "çğıöşüâîû",
}
"""Latin letters beyond a to z by language, in lower case."""


def measure_script_share(text: str, language: str) -> float | None:
    """Return the share of the text's letters that `language` is written in; None where that cannot be told:
    no letters, or a language whose script is not listed."""
    wanted = SCRIPTS.get(_base_language(language))
    if wanted is None:
        return None
    found = count_scripts(text)
    total = sum(found.values())
    return sum(found[script] for script in wanted) / total if total else None


def count_scripts(text: str) -> Counter[str]:
    """Return how many letters of the text are in which script (LATIN, CYRILLIC, CJK ...)."""
    counts: Counter[str] = Counter()
    for letter, number in Counter(text).items():
        if letter.isalpha():
            counts[find_writing_system(letter)] += number
    return counts


@lru_cache(maxsize=4096)
def find_writing_system(letter: str) -> str:
    """Return the script of one letter, or "?"."""
    # Full-width Latin letters and the like count as what they stand for.
    plain = unicodedata.normalize("NFKC", letter)[:1] or letter
    name = unicodedata.name(plain, "?").split(" ")[0]
    return {"FEMININE": "LATIN", "MASCULINE": "LATIN"}.get(name, name)


def _base_language(language: str) -> str:
    return language.replace("_", "-").split("-")[0].casefold()
