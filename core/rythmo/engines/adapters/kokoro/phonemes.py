"""Conversion of text to the symbols that Kokoro was trained on. Pure, except that it calls the phonemizer.

Kokoro's training text came from the misaki phonemizer: IPA with one letter for each diphthong and affricate (A for
the vowel of "day", I for that of "my"), and the punctuation that a voice can express. espeak-ng returns IPA, which
this module maps to the same symbols. Letters that the table lacks are mapped to the nearest one, or left out.
"""

# ruff: noqa: RUF001, E501 - letters of the phonetic alphabet are meant, and tables are read by rows

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

Phonemize = Callable[[Sequence[str]], Sequence[str]]
"""Return texts without punctuation in IPA, with "^" between the letters of one phoneme."""

_PAUSES = re.compile(r"(\.{2,}|[;:!?\u2026()]|\s[-\u2013]\s|\s?[\u2014\u2013]\s?|[.,](?!\d)|(?<!\d)[.,])")
_SAME = str.maketrans(
    {
        "¿": "", "¡": "", "«": "", "»": "", "„": "", "‹": "", "›": "", "“": "", "”": "", '"': "", "、": ",", "，": ",", "。": ".",
        "．": ".", "！": "!", "：": ":", "；": ";", "？": "?", "「": "", "」": "", "（": "(", "）": ")", "।": ".",
        "؟": "?", "،": ",", "؛": ";", "’": "'", "‘": "'",
    }
)  # fmt: skip
_SWITCH = re.compile(r"\([a-z-]+\)")
"""espeak-ng's marks for a change to the rules of another language: "(en)wˈiːkɛnd(pt)"."""
_SYLLABIC = re.compile("(\\S)\u0329")

# The order matters: longer sequences first.
_TIED = (
    ("a^ɪ", "I"), ("a^ʊ", "W"), ("d^z", "ʣ"), ("d^ʒ", "ʤ"), ("d^ʑ", "ʥ"), ("e^ɪ", "A"), ("o^ʊ", "O"), ("ə^ʊ", "Q"),
    ("s^s", "S"), ("t^s", "ʦ"), ("t^ʃ", "ʧ"), ("t^ɕ", "ʨ"), ("ɔ^ɪ", "Y"),
)  # fmt: skip
_ENGLISH = (
    ("ʔˌn\u0329", "tᵊn"), ("ʔn\u0329", "tᵊn"), ("ʔn", "tᵊn"), ("ə^l", "ᵊl"), ("ʲO", "jO"), ("ʲQ", "jQ"), ("ʲ", ""),
    ("ɚ", "əɹ"), ("r", "ɹ"), ("x", "k"), ("ç", "k"), ("ɐ", "ə"), ("ɬ", "l"), ("ʔ", "t"), ("\u0303", ""),
)  # fmt: skip
_BRITISH = (("e^ə", "ɛː"), ("iə", "ɪə"))
_AMERICAN = (("ɜːɹ", "ɜɹ"), ("ɜː", "ɜɹ"), ("ɪə", "iə"), ("ː", ""))
_NEAREST = {
    "g": "ɡ", "ʑ": "ʒ", "ʐ": "ʒ", "ɫ": "l", "ɭ": "l", "ʏ": "y", "ʉ": "u", "ɵ": "ø", "ɘ": "ə", "ɞ": "ɜ", "ɶ": "œ",
    "ʀ": "ʁ", "ħ": "h", "ɦ": "h", "ʕ": "ʔ", "ɱ": "m", "ɢ": "ɡ", "ʙ": "b", "ɮ": "l", "ɺ": "ɾ", "ɓ": "b", "ɗ": "d",
    "ɠ": "ɡ", "ʄ": "ɟ", "ʍ": "w", "'": "", "-": "",
}  # fmt: skip


def symbols(text: str, language: str, phonemize: Phonemize, table: Mapping[str, int]) -> str:
    """Return the text as symbols of `table`: phonemes, with the punctuation between them."""
    parts = _PAUSES.split(text.translate(_SAME))
    words, marks = [part.strip() for part in parts[::2]], [*parts[1::2], ""]
    spoken = [place for place, chunk in enumerate(words) if any(map(str.isalnum, chunk))]
    phonemes = dict(zip(spoken, phonemize([words[place] for place in spoken]), strict=True))
    whole = ""
    for place, mark in enumerate(marks):
        whole += _spaced(whole, _of_ipa(phonemes.get(place, ""), language, table))
        whole = _marked(whole, _as_mark(mark))
    return whole.strip()


def _spaced(before: str, after: str) -> str:
    return f" {after}" if after and before else after


def _marked(before: str, mark: str) -> str:
    """Append a punctuation mark, unless it adds nothing to the one before it."""
    if not before or (before[-1] in ";:,.!?—…" and mark in ";:,."):
        return before
    # A stronger mark replaces a comma.
    return before.removesuffix(",") + mark


def _as_mark(mark: str) -> str:
    mark = mark.strip()
    if mark.startswith("..") or mark == "\u2026":
        return "…"
    if mark in ("(", ")"):
        return ","
    return "—" if mark in ("-", "\u2013", "\u2014") else mark


def _of_ipa(ipa: str, language: str, table: Mapping[str, int]) -> str:
    ipa = unicodedata.normalize("NFD", _SWITCH.sub("", ipa))
    steps = _TIED
    if language.startswith("en"):
        british = language.endswith(("gb", "uk"))
        steps = (*_TIED, *_ENGLISH, *(_BRITISH if british else _AMERICAN))
    for old, new in steps:
        ipa = ipa.replace(old, new)
    ipa = _SYLLABIC.sub(r"ᵊ\1", ipa)
    # NFD decomposed letters such as "ç", which the table has in one piece.
    ipa = unicodedata.normalize("NFC", ipa)
    return "".join(_known(char, table) for char in ipa)


def _known(char: str, table: Mapping[str, int]) -> str:
    if char in table:
        return char
    near = _NEAREST.get(char)
    if near is not None and set(near) <= set(table):
        return near
    # For a letter with an unknown diacritic, take the letter alone.
    return "".join(one for one in unicodedata.normalize("NFD", char) if one in table)
