"""Decodes subtitle files: Unicode by its marks and form, else the code page that suits best.

charset-normalizer proposes the code pages that the bytes can be read in; the expected language decides among
them. Without that, "Zażółć" in ISO 8859-2 reads as Western letters without an error.
"""

from __future__ import annotations

import codecs
import logging
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from rythmo.errors import SubtitleError
from rythmo.languages import language_name
from rythmo.script import language_check
from rythmo.script.writing_systems import LETTERS, SCRIPTS, measure_script_share
from rythmo_bridge.subtitles.asian_pages import common_share

_MARKS = (
    # UTF-32 comes first, because its byte order mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARKS_USED = "«»“”„‘’‚…–—¿¡°ªº€£ \u00a0\u200e\u200f♪♫"
# The encodings that programs of each region save, most common first. Superset pages stand for subsets
# (cp1252 for Latin-1, cp932 for Shift-JIS, gb18030 for GBK).
_WESTERN = ("cp1252", "mac_roman", "cp850")
_CENTRAL = ("cp1250", "iso8859_2", "cp852", "mac_latin2")
_CYRILLIC = ("cp1251", "koi8_r", "koi8_u", "cp866", "iso8859_5", "mac_cyrillic")
_BY_SCRIPT = {
    "CYRILLIC": _CYRILLIC,
    "GREEK": ("cp1253", "iso8859_7", "mac_greek", "cp737"),
    "HEBREW": ("cp1255", "iso8859_8", "cp862"),
    "ARABIC": ("cp1256", "iso8859_6"),
    "THAI": ("cp874",),
    "LATIN": _WESTERN,
}
_BY_LANGUAGE = {
    **dict.fromkeys(("pl", "cs", "sk", "hu", "sl", "hr", "bs", "ro", "sq"), (*_CENTRAL, "iso8859_16")),
    **dict.fromkeys(("lt", "lv", "et"), ("cp1257", "iso8859_13", "iso8859_4")),
    "tr": ("cp1254", "iso8859_9", "cp857"),
    "vi": ("cp1258",),
    "ja": ("iso2022_jp", "cp932", "euc_jp"),
    "zh": ("gb18030", "big5hkscs", "hz"),
    "yue": ("big5hkscs", "gb18030"),
    "ko": ("cp949", "johab"),
    "sr": (*_CYRILLIC, *_CENTRAL),
}
_WESTERN_LETTERS = frozenset(
    "".join(LETTERS[code] for code in ("fr", "es", "de", "pt", "it", "nb", "sv")) + _MARKS_USED
)
_ALL_PAGES = tuple(
    dict.fromkeys(page for pages in (*_BY_SCRIPT.values(), *_BY_LANGUAGE.values()) for page in pages)
)
# A text that looks less like its language than this is tried in the other languages.
_DOUBTFUL = 0.55
_USUAL = 0.85
# charset-normalizer's first proposal counts for this much where the language is not known.
_PROPOSED = 0.15
_ENOUGH = 0.6
_HINT = "Give it with --encoding, for example --encoding cp1251, or save the file as UTF-8."


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A file's text and its encoding; `guessed` if nothing in the file states the encoding."""

    text: str
    encoding: str
    guessed: bool = False


def decode(data: bytes, name: str, language: str = "", encoding: str = "") -> DecodedText:
    """Return the text of a file called `name`, in the expected `language`; `encoding` overrides detection.

    Raises:
        SubtitleError: The bytes are not text, or not in that encoding, or the encoding is unknown.
    """
    if encoding:
        return DecodedText(_read_as(data, name, encoding), encoding)
    marked = next((form for mark, form in _MARKS if data.startswith(mark)), None) or _wide(data)
    if marked:
        try:
            return DecodedText(data.decode(marked), marked)
        except UnicodeDecodeError as error:
            # Some editors put UTF-8's mark before text that stays in another page.
            if marked != "utf-8-sig":
                raise _no_text(name) from error
            data = data.removeprefix(codecs.BOM_UTF8)
    # Seven-bit ISO-2022-JP is valid UTF-8 as well.
    if b"\x1b$" in data and language in ("", "ja"):
        try:
            return DecodedText(data.decode("iso2022_jp"), "iso2022_jp")
        except UnicodeDecodeError:
            pass
    try:
        return DecodedText(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        return _mend_utf8(data) or _guess(data, name, language)


def undo_double_encoding(text: str, language: str) -> str | None:
    """Undo UTF-8 that was read as a code page ("seÃ±or"); None if the text was not.

    Only a text that converts as a whole is changed, so that no correct text is damaged.
    """
    if text.isascii():
        return None
    for page in ("cp1252", "latin_1", "cp1251", "cp1250", "mac_roman"):
        back = _reread(text, page)
        share = measure_script_share(back, language) if back and language else None
        if back and (share is None or share >= _ENOUGH):
            return back
    return None


def _reread(text: str, page: str) -> str | None:
    """Return the text of which `page` showed the UTF-8 bytes; None if it did not."""
    try:
        return b"".join(_byte(letter, page) for letter in text).decode("utf-8")
    except UnicodeError:
        return None


def _byte(letter: str, page: str) -> bytes:
    # Bytes that a page does not define stay as control characters.
    return bytes([ord(letter)]) if "\x80" <= letter <= "\x9f" else letter.encode(page)


def _mend_utf8(data: bytes) -> DecodedText | None:
    """Return UTF-8 in which a few bytes of a Western page were pasted; None if it is not UTF-8."""
    text = data.decode("utf-8", "surrogateescape")
    strange = [c for c in text if "\udc80" <= c <= "\udcff"]
    real = sum(c > "\x7f" for c in text) - len(strange)
    if not real or len(strange) > max(1, real // 2):
        return None
    pasted = {c: bytes([ord(c) - 0xDC00]).decode("cp1252", "replace") for c in strange}
    return DecodedText("".join(pasted.get(c, c) for c in text), "utf-8 with bytes of cp1252", guessed=True)


def _read_as(data: bytes, name: str, encoding: str) -> str:
    try:
        return data.decode(codecs.lookup(encoding).name)
    except (LookupError, TypeError, ValueError) as error:
        if isinstance(error, UnicodeDecodeError):
            raise SubtitleError(
                f"{name} is not text in {encoding}: byte {error.start + 1} cannot be read.",
                hint="Leave out --encoding to detect it, or name another.",
            ) from error
        raise SubtitleError(
            f"There is no text encoding called {encoding!r}.",
            hint="For example: utf-8, cp1252, cp1251, shift_jis, gb18030, big5, euc_kr.",
        ) from error


def _wide(data: bytes) -> str | None:
    """Return UTF-16 text without a mark, recognised because every other byte of ASCII text is zero."""
    head = data[:4096]
    if b"\0" not in head:
        return None
    return "utf-16-le" if head[1::2].count(0) >= head[0::2].count(0) else "utf-16-be"


def _guess(data: bytes, name: str, language: str) -> DecodedText:
    base = language.split("-", maxsplit=1)[0]
    if base not in SCRIPTS:
        return _guess_language(data)[0]
    best = _best_page(data, base)
    if best is None or best[0] < -1:
        raise _no_text(name)
    score, page, text = best
    share = measure_script_share(_beyond_ascii(text), base)
    if (share is not None and share < _ENOUGH) or score < _DOUBTFUL or _is_garbled(text, base):
        found, other = _guess_language(data)
        if other == base or (other is None and score >= _DOUBTFUL):
            return DecodedText(text, page, guessed=True)
        instead = f"; it reads as {language_name(other)} in {found.encoding}" if other else ""
        raise SubtitleError(
            f"No encoding turns {name} into text in {language_name(base)}{instead}.", hint=_HINT
        )
    return DecodedText(text, page, guessed=True)


def _best_page(data: bytes, language: str) -> tuple[float, str, str] | None:
    """Return (score, page, text) of the page in which the bytes look most like `language`."""
    best: tuple[float, str, str] | None = None
    for place, page in enumerate(_pages(data, language)):
        try:
            text = data.decode(page)
        except (UnicodeDecodeError, LookupError):
            continue
        # A page further down the list must be clearly better.
        score = _score(text, language) - 0.004 * place
        if best is None or score > best[0]:
            best = (score, page, text)
    return best


def _is_garbled(text: str, language: str) -> bool:
    """Whether a text has too few plain letters for a language that is written in Latin letters.

    Russian or Greek that was read in a Western page is made of accented letters alone.
    """
    letters = [c for c in text if c.isalpha()]
    return SCRIPTS.get(language) == ("LATIN",) and 2 * sum(c.isascii() for c in letters) < len(letters)


def _guess_language(data: bytes) -> tuple[DecodedText, str | None]:
    """Return the text and its language, where nothing is known of it.

    Each page is tried with the language that its text then seems to be in: the right pair scores best.
    """
    best: tuple[float, DecodedText, str | None] | None = None
    proposed = list(_proposed_pages(data))
    for page in dict.fromkeys((*proposed, *_ALL_PAGES)):
        try:
            text = data.decode(page)
        except (UnicodeDecodeError, LookupError):
            continue
        language = _asian_language(text, page) or language_check.guess_language(_letters_of(text))
        score = _score(text, language or "") - (1 if language and _is_garbled(text, language) else 0)
        usual = _usual_pages(language) if language else ()
        score -= 0.004 * usual.index(page) if page in usual else 0.2
        score += _PROPOSED if page in proposed[:1] else 0
        # A few words do not tell their language: Western letters are likeliest.
        is_western = page == "cp1252" and all(c.casefold() in _WESTERN_LETTERS for c in _beyond_ascii(text))
        score += 2 * _PROPOSED if is_western and language is None else 0
        if best is None or score > best[0]:
            best = (score, DecodedText(text, page, guessed=True), language)
    if best is None:
        return DecodedText(data.decode("cp1252", "replace"), "cp1252", guessed=True), None
    return best[1], best[2]


def _asian_language(text: str, page: str) -> str | None:
    """Return the language of a page of double bytes, if the text is made of the usual characters."""
    languages = [code for code in ("ja", "zh", "ko") if page in _BY_LANGUAGE[code]]
    return next((code for code in languages if (common_share(text, code) or 0) > _USUAL), None)


def _letters_of(text: str) -> str:
    """Return the lines that have words."""
    return "\n".join(line for line in text.split("\n") if any(c.isalpha() for c in line))


def _usual_pages(language: str) -> tuple[str, ...]:
    scripts = SCRIPTS.get(language, ())
    return _BY_LANGUAGE.get(language) or tuple(p for s in scripts for p in _BY_SCRIPT.get(s, ()))


def _pages(data: bytes, language: str) -> Iterator[str]:
    """Yield code pages to try, likeliest first, each once."""
    yield from dict.fromkeys(
        (*_usual_pages(language), *_proposed_pages(data), *_WESTERN, *_CENTRAL, "latin_1")
    )


def _proposed_pages(data: bytes) -> Iterable[str]:
    from charset_normalizer import from_bytes

    # charset-normalizer logs its findings, which mean nothing to a user.
    logging.getLogger("charset_normalizer").setLevel(logging.ERROR)
    # Pages that no subtitle program writes (EBCDIC, HP Roman) fit many texts by chance.
    known = {*_ALL_PAGES, *_CENTRAL, *_WESTERN}
    return [match.encoding for match in from_bytes(data) if match.encoding in known][:8]


def _score(text: str, language: str) -> float:
    """Score how much a text looks real: 1 for nothing but letters of the language, below 0 for garbage."""
    odd = [c for c in text if ord(c) > 127]
    if not odd:
        return 0.5
    bad = sum(unicodedata.category(c) in ("Cc", "Co", "Cn", "Cs") or "\u2500" <= c <= "\u259f" for c in odd)
    letters = [c.casefold() for c in odd if c.isalpha()]
    own = LETTERS.get(language)
    common = common_share(text, language)
    if common is not None:
        value = common
    elif own is not None:
        # Among characters that are not letters, quotation marks, dashes and inverted marks are common.
        usual = sum(not c.isalpha() and c in _MARKS_USED for c in odd)
        good = sum(c in own or c in "ªº" for c in letters) + usual
        value = good / len(odd)
    else:
        share = measure_script_share("".join(letters), language) if language else None
        value = (share if share is not None else 0.5) * (len(letters) + 1) / (len(odd) + 1)
        value -= 0.5 * _case_changes(text)
    return value - 4 * bad / len(odd)


def _case_changes(text: str) -> float:
    """Return the share of letters within words that are capitals after a small letter.

    Russian that was read in a wrong Cyrillic code page looks like tHIS.
    """
    pairs = [(a, b) for a, b in pairwise(text) if a.isalpha() and b.isalpha()]
    return sum(a.islower() and b.isupper() for a, b in pairs) / len(pairs) if pairs else 0.0


def _beyond_ascii(text: str) -> str:
    return "".join(c for c in text if ord(c) > 127)


def _no_text(name: str) -> SubtitleError:
    return SubtitleError(f"{name} is not a text file.", hint="Save the subtitles as SRT in UTF-8.")
