"""The characters of EBU STL (Tech 3264): ISO 6937 for Latin letters, ISO 8859 for four other alphabets."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable

LATIN = "00"
TABLES = {"01": "iso8859_5", "02": "iso8859_6", "03": "iso8859_7", "04": "iso8859_8"}
"""Cyrillic, Arabic, Greek and Hebrew, each with ASCII, by the code of the table."""

# ISO 6937 writes an accent before its letter. Bytes C1 to CF, by the combining character that they stand for.
_ACCENTS = {
    0x0300: 0xC1, 0x0301: 0xC2, 0x0302: 0xC3, 0x0303: 0xC4, 0x0304: 0xC5, 0x0306: 0xC6, 0x0307: 0xC7,
    0x0308: 0xC8, 0x030A: 0xCA, 0x0327: 0xCB, 0x030B: 0xCD, 0x0328: 0xCE, 0x030C: 0xCF,
}  # fmt: skip
_UPPER_HALF = {
    0xA0: "\u00a0", 0xA1: "¡", 0xA2: "¢", 0xA3: "£", 0xA4: "$", 0xA5: "¥", 0xA7: "§", 0xA8: "¤", 0xA9: "‘",
    0xAA: "“", 0xAB: "«", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°", 0xB1: "±", 0xB2: "²",
    0xB3: "³", 0xB4: "×", 0xB5: "µ", 0xB6: "¶", 0xB7: "·", 0xB8: "÷", 0xB9: "’", 0xBA: "”", 0xBB: "»",
    0xBC: "¼", 0xBD: "½", 0xBE: "¾", 0xBF: "¿", 0xD0: "―", 0xD1: "¹", 0xD2: "®", 0xD3: "©", 0xD4: "™",
    0xD5: "♪", 0xD6: "¬", 0xD7: "¦", 0xDC: "⅛", 0xDD: "⅜", 0xDE: "⅝", 0xDF: "⅞", 0xE0: "Ω", 0xE1: "Æ",
    0xE2: "Đ", 0xE3: "ª", 0xE4: "Ħ", 0xE6: "Ĳ", 0xE7: "Ŀ", 0xE8: "Ł", 0xE9: "Ø", 0xEA: "Œ", 0xEB: "º",
    0xEC: "Þ", 0xED: "Ŧ", 0xEE: "Ŋ", 0xEF: "ŉ", 0xF0: "ĸ", 0xF1: "æ", 0xF2: "đ", 0xF3: "ð", 0xF4: "ħ",
    0xF5: "ı", 0xF6: "ĳ", 0xF7: "ŀ", 0xF8: "ł", 0xF9: "ø", 0xFA: "œ", 0xFB: "ß", 0xFC: "þ", 0xFD: "ŧ",
    0xFE: "ŋ",
}  # fmt: skip
# A dollar is written as in ASCII: readers take both, and some show the other byte as a currency sign.
_BYTES = {letter: code for code, letter in _UPPER_HALF.items() if letter != "$"}
_COMBINING = {code: chr(accent) for accent, code in _ACCENTS.items()}
# What no table has, in letters that all of them have.
_PLAINER = {
    "…": "...", "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-", "‚": ",", "„": '"', "“": '"', "”": '"',
    "‘": "'", "’": "'", "‹": "<", "›": ">", "«": '"', "»": '"', "♫": "♪", "\u00a0": " ", "\u202f": " ",
    "\u2009": " ", "ș": "ş", "ț": "ţ", "Ș": "Ş", "Ț": "Ţ", "€": "EUR", "•": "-", "♪": "#", "―": "-",
    "¿": "?", "¡": "!", "¡ ": "!", "№": "No",
}  # fmt: skip
_UNKNOWN = "?"


def choose_table(texts: Iterable[str]) -> str | None:
    """Return the code of the table with most letters of the texts; None if each holds less than half."""
    letters = Counter(letter for text in texts for letter in text if letter.isalpha())
    held = {
        code: sum(count for letter, count in letters.items() if encode_text(letter, code) is not None)
        for code in (LATIN, *TABLES)
    }
    best = max(held, key=lambda code: (held[code], code == LATIN))
    return best if 2 * held[best] >= letters.total() else None


def encode_text(text: str, table: str) -> bytes | None:
    """Return a text in a table; None where a letter is not in it."""
    made = bytearray()
    for letter in unicodedata.normalize("NFC", text):
        found = _encode_letter(letter, table)
        if found is None:
            return None
        made += found
    return bytes(made)


def encode_readably(text: str, table: str) -> bytes:
    """Return a text in a table, with plainer characters for those that it does not have."""
    made = bytearray()
    for letter in unicodedata.normalize("NFC", text):
        found = _encode_letter(letter, table)
        for plainer in () if found is not None else _list_plainer(letter):
            found = encode_text(plainer, table)
            if found is not None:
                break
        made += _UNKNOWN.encode() if found is None else found
    return bytes(made)


def _list_plainer(letter: str) -> Iterable[str]:
    if letter in _PLAINER:
        yield _PLAINER[letter]
        yield _PLAINER.get(_PLAINER[letter], _PLAINER[letter])
    bare = "".join(one for one in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(one))
    if bare != letter:
        yield bare
    if not letter.isprintable():
        yield ""


def _encode_letter(letter: str, table: str) -> bytes | None:
    if " " <= letter <= "~":
        return letter.encode()
    if table != LATIN:
        try:
            # Bytes 80 to 9F are controls of the text field.
            made = letter.encode(TABLES[table])
        except UnicodeEncodeError:
            return None
        return made if made[0] > 0x9F else None
    if letter in _BYTES:
        return bytes([_BYTES[letter]])
    parts = unicodedata.normalize("NFD", letter)
    if len(parts) == 2 and ord(parts[1]) in _ACCENTS and "A" <= parts[0] <= "z":
        return bytes([_ACCENTS[ord(parts[1])], ord(parts[0])])
    return None


def decode_text(data: bytes, table: str) -> str:
    """Return the text of bytes in a table. Bytes that the table does not have are left out."""
    if table in TABLES:
        return data.decode(TABLES[table], errors="ignore")
    made: list[str] = []
    accent = ""
    for code in data:
        if code in _COMBINING:
            accent = _COMBINING[code]
            continue
        letter = chr(code) if 0x20 <= code < 0x7F else _UPPER_HALF.get(code, "")
        # An accent over a space stands alone; there it says nothing.
        made.append(letter + accent if letter.isalpha() else letter)
        accent = ""
    return unicodedata.normalize("NFC", "".join(made))
