"""Conversion of lines to Apertium's stream format and back; no line is merged, lost or added. Pure functions.

The rules are in the Apertium wiki, "Apertium stream format": reserved characters are escaped with a
backslash, text in [ ] is passed through unchanged, and an unknown word is marked with *.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence

from rythmo.engines.adapters.apertium.spanish_marks import mark_sentences

_RESERVED = re.compile(r"[\[\]{}^$/\\@<>*~#+_=]")
_BORDER = "[][\n]"
_MARKS = "*@#"
_LETTERS = "abcdefghijklmnop"
_SENTENCE_START = re.compile(r"(?:^|[.!?…:]\s+|[¿¡\"«(]\s*)$")
_ENDS = ".!?…"


def encode(lines: Sequence[str]) -> str:
    """Join lines into one stream. Each gets a full stop of its own, so that no rule applies across two lines.

    Reserved characters are put in [ ], because some modes drop escaped characters between words.
    """
    return "".join(_RESERVED.sub(r"[\\\g<0>]", line) + "." + _BORDER for line in lines)


def decode(stream: str) -> list[tuple[str, frozenset[str]]]:
    """Split a stream into lines, each with the words that Apertium did not know.

    The caller checks that the number of lines is right.
    """
    parts = stream.split(_BORDER)
    return [_plain(part) for part in parts[:-1]]


def _plain(part: str) -> tuple[str, frozenset[str]]:
    text: list[str] = []
    unknown: list[int] = []
    inside = escaped = False
    for char in part:
        if inside and escaped:
            text.append(char)
            escaped = False
        elif char == "\\":
            escaped = inside
        elif char in "[]":
            inside = char == "["
        elif char in _MARKS and not inside:
            # A mark outside [ ] is Apertium's own: marks of the text were put in [ ] by `encode`.
            unknown.append(len(text))
        else:
            text.append(char)
    whole = "".join(text)
    words = (re.match(r"[\w'\u2019-]+", whole[start:]) for start in unknown)
    # `encode` added the full stop.
    return whole.rstrip().removesuffix("."), frozenset(match.group() for match in words if match)


def tidy_line(text: str) -> str:
    """Return one line with single spaces, straight apostrophes and no control characters."""
    kept = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text)
    return " ".join(kept.replace("\u2019", "'").split())


def make_token(index: int) -> str:
    """Return the made-up word for a number: no dictionary contains it, and every mode leaves it in place.

    It is in lower case because some modes capitalise the word after a capitalised one.
    """
    digits = _LETTERS[index // 256 % 16] + _LETTERS[index // 16 % 16] + _LETTERS[index % 16]
    return f"zqx{digits}zqv"


_TOKEN = re.compile(r"zqx([a-p]{3})zqv", re.IGNORECASE)


def protect_patterns(
    text: str, patterns: Sequence[tuple[re.Pattern[str], str]], first: int = 0
) -> tuple[str, dict[int, str]]:
    """Replace each match of the patterns by a token. Return the text, and token number -> value.

    Patterns are applied in order; `\\g<0>` in a value stands for the matched text. `first` is the number of
    the first token.
    """
    values: dict[int, str] = {}
    for pattern, value in patterns:

        def replace(match: re.Match[str], value: str = value) -> str:
            number = first + len(values)
            values[number] = match.expand(value) if "\\" in value else value
            return make_token(number)

        text = pattern.sub(replace, text)
    return text, values


def protect_terms(text: str, terms: Mapping[str, str], first: int = 0) -> tuple[str, dict[int, str]]:
    """Replace each whole-word occurrence of a term, in any case, by a token.

    Return the text, and token number -> value.

    Longer terms are replaced first. `first` is the number of the first token.
    """
    ordered = sorted(filter(str.strip, terms), key=lambda term: (-len(term), term))
    return protect_patterns(text, [(_whole_word(term), terms[term]) for term in ordered], first)


def _whole_word(term: str) -> re.Pattern[str]:
    spaced = r"\s+".join(map(re.escape, term.split()))
    return re.compile(rf"(?<!\w){spaced}(?!\w)", re.IGNORECASE)


def restore_tokens(text: str, values: Mapping[int, str]) -> str | None:
    """Put the values back in place of their tokens. Return None if a token was lost, doubled or invented."""
    seen: list[int] = []

    def replace(match: re.Match[str]) -> str:
        seen.append(_number(match))
        return values.get(seen[-1], "")

    restored = _TOKEN.sub(replace, text)
    return restored if sorted(seen) == sorted(values) else None


def find_names(text: str, source: str, unknown: frozenset[str]) -> dict[str, str]:
    """Return the words of a pivot text that the next hop must not translate, each mapped to itself.

    They are the unknown words, and capitalised words inside a sentence that also occur in the source. Without
    this, a name that the next dictionary has as a common word is translated ("New Jersey" became a garment).
    """
    source_words = set(re.findall(r"[^\W\d_]+", source))
    kept = set(unknown)
    for match in re.finditer(r"[^\W\d_]+", text):
        inside = not _SENTENCE_START.search(text[: match.start()])
        if inside and match.group()[0].isupper() and match.group() in source_words:
            kept.add(match.group())
    return {word: word for word in kept}


def polish_line(text: str, source: str, target: str) -> str:
    """Match spaces, capitals and final punctuation to the source; add opening marks to Spanish."""
    text = re.sub(r"\s+([,.;:!?…])", r"\1", tidy_line(text))
    text = re.sub(r"([¿¡])\s+", r"\1", text)
    if source[-1:] in _ENDS and text[-1:] not in _ENDS and text:
        text += source[-1]
    if re.search(r"[.!?]\s+[^\W\d_]", source) and not re.search(r"[.!?]\s+[a-z]", source):
        text = re.sub(
            r"([.!?]\s+[¿¡]?)([^\W\d_])", lambda match: match.group(1) + match.group(2).upper(), text
        )
    if target.split("-", 1)[0] == "es":
        text = mark_sentences(text)
    return _capital_like(text, source)


def _capital_like(text: str, source: str) -> str:
    first = re.search(r"[^\W\d_]", source)
    if not first:
        return text
    change = str.upper if first.group().isupper() else str.lower
    return re.sub(r"[^\W\d_]", lambda match: change(match.group()), text, count=1)


def settle_case(text: str, encoded: str) -> str:
    """Restore lower case after tokens, which modes treat as the start of a sentence."""
    small = {_number(match) for match in re.finditer(_TOKEN.pattern + r"\s+(?=[a-z])", encoded)}

    def settle(match: re.Match[str]) -> str:
        following = match.group(2).lower() if _number(match) in small else match.group(2)
        return match.group()[: -len(match.group(2))] + following

    return re.sub(rf"{_TOKEN.pattern}(\s+\w)", settle, text, flags=re.IGNORECASE)


def fill_tokens(text: str, values: Mapping[int, str]) -> str:
    """Put values back in place of the tokens that are still in the text; other tokens stay."""

    def replace(match: re.Match[str]) -> str:
        return values.get(_number(match), match.group())

    return _TOKEN.sub(replace, text)


def split_at_tokens(text: str) -> tuple[list[str], list[int]]:
    """Return the texts between the tokens (one more than there are tokens), and the tokens' numbers."""
    numbers = [_number(match) for match in _TOKEN.finditer(text)]
    return _TOKEN.sub("\n", text).split("\n"), numbers


def _number(match: re.Match[str]) -> int:
    first, second, third = (_LETTERS.index(letter) for letter in match.group(1).lower())
    return first * 256 + second * 16 + third


def is_token(word: str) -> bool:
    """Return whether a word is a token."""
    return _TOKEN.fullmatch(word) is not None


def holds_tokens(text: str, values: Mapping[int, str]) -> bool:
    """Return whether the text contains each of these tokens exactly once."""
    numbers = [_number(match) for match in _TOKEN.finditer(text)]
    return all(numbers.count(number) == 1 for number in values)
