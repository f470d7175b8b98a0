"""How usual the characters of a Chinese, Japanese or Korean text are.

Text that was read in a wrong page is made of rare characters.

The national standards order their characters by use. Level 1 of GB 2312, of Big5 and of JIS X 0208, and the
syllables of KS X 1001, make up almost all of ordinary text.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache


def common_share(text: str, language: str) -> float | None:
    """Return the share of usual characters among those beyond ASCII; None for other languages."""
    is_common = _TESTS.get(language)
    if is_common is None:
        return None
    wide = [c for c in text if c > "\x7f" and c.isalpha()]
    if not wide:
        return None
    share = sum(map(is_common, wide)) / len(wide)
    # Japanese without a single kana is Chinese.
    kana = sum("\u3041" <= c <= "\u30ff" for c in wide)
    return share * 0.5 if language == "ja" and len(wide) > _FEW and not kana else share


_FEW = 12


@lru_cache(maxsize=8192)
def _is_chinese(letter: str) -> bool:
    return _leads(letter, "gb2312", 0xB0, 0xD7) or _leads(letter, "big5", 0xA4, 0xC5)


@lru_cache(maxsize=8192)
def _is_japanese(letter: str) -> bool:
    # Full-width kana and letters; half-width kana are what other pages' bytes turn into.
    return "\u3041" <= letter <= "\u30fe" or _leads(letter, "shift_jis", 0x88, 0x97)


@lru_cache(maxsize=8192)
def _is_korean(letter: str) -> bool:
    return _leads(letter, "euc_kr", 0xB0, 0xC8)


def _leads(letter: str, page: str, first: int, last: int) -> bool:
    try:
        code = letter.encode(page)
    except UnicodeEncodeError:
        return False
    return len(code) == 2 and first <= code[0] <= last


_TESTS: dict[str, Callable[[str], bool]] = {
    "zh": _is_chinese,
    "yue": _is_chinese,
    "ja": _is_japanese,
    "ko": _is_korean,
}
