"""Lines into Apertium's stream format and back, without merging, losing or inventing anything: pure.

The stream's rules are on the Apertium wiki, "Apertium stream format": reserved characters are escaped with a
backslash, text in [ ] is passed through untouched, and an unknown word is marked with *.
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
    """One stream for many lines; each ends in a full stop of its own, so no rule reaches over a border.

    Reserved characters travel in [ ]: escaped among words, some modes drop them.
    """
    return "".join(_RESERVED.sub(r"[\\\g<0>]", line) + "." + _BORDER for line in lines)


def decode(stream: str) -> list[tuple[str, frozenset[str]]]:
    """Each line's text, and the words that Apertium did not know. The caller checks their number."""
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
            # Marks of an earlier hop come back escaped; all real ones are in [ ].
            unknown.append(len(text))
        else:
            text.append(char)
    whole = "".join(text)
    words = (re.match(r"[\w'\u2019-]+", whole[start:]) for start in unknown)
    # The full stop that `encode` added.
    return whole.rstrip().removesuffix("."), frozenset(match.group() for match in words if match)


def tidy(text: str) -> str:
    """One line, single spaces, no control characters, straight apostrophes (the dictionaries' own)."""
    kept = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text)
    return " ".join(kept.replace("\u2019", "'").split())


def token(index: int) -> str:
    """A made-up word that no dictionary has and every mode leaves in its place.

    In small letters: after a capitalised one, some modes capitalise the next word.
    """
    digits = _LETTERS[index // 256 % 16] + _LETTERS[index // 16 % 16] + _LETTERS[index % 16]
    return f"zqx{digits}zqv"


_TOKEN = re.compile(r"zqx([a-p]{3})zqv", re.IGNORECASE)


def protect_patterns(
    text: str, patterns: Sequence[tuple[re.Pattern[str], str]], first: int = 0
) -> tuple[str, dict[int, str]]:
    """`text` with each match of a pattern (in their order) replaced by a token; token -> its value,
    in which `\\g<0>` stands for what matched."""
    values: dict[int, str] = {}
    for pattern, value in patterns:

        def replace(match: re.Match[str], value: str = value) -> str:
            number = first + len(values)
            values[number] = match.expand(value) if "\\" in value else value
            return token(number)

        text = pattern.sub(replace, text)
    return text, values


def protect(text: str, terms: Mapping[str, str], first: int = 0) -> tuple[str, dict[int, str]]:
    """`text` with each whole-word occurrence of a term (any case) replaced by a token; token -> its value.

    Longer terms go first. `first` is the first token's number.
    """
    ordered = sorted(filter(str.strip, terms), key=lambda term: (-len(term), term))
    return protect_patterns(text, [(_whole_word(term), terms[term]) for term in ordered], first)


def _whole_word(term: str) -> re.Pattern[str]:
    spaced = r"\s+".join(map(re.escape, term.split()))
    return re.compile(rf"(?<!\w){spaced}(?!\w)", re.IGNORECASE)


def restore(text: str, values: Mapping[int, str]) -> str | None:
    """The tokens' values in their places; None when a token was lost, doubled or made up."""
    seen: list[int] = []

    def replace(match: re.Match[str]) -> str:
        seen.append(_number(match))
        return values.get(seen[-1], "")

    restored = _TOKEN.sub(replace, text)
    return restored if sorted(seen) == sorted(values) else None


def names(text: str, source: str, unknown: frozenset[str]) -> dict[str, str]:
    """Words of a pivot's text that the next hop must not touch, each with itself as its value.

    They are unknown words, and capitalised words inside a sentence that stand in the source as well: a name
    that the next dictionary takes for a common word ("New Jersey" became a garment) stays a name.
    """
    source_words = set(re.findall(r"[^\W\d_]+", source))
    kept = set(unknown)
    for match in re.finditer(r"[^\W\d_]+", text):
        inside = not _SENTENCE_START.search(text[: match.start()])
        if inside and match.group()[0].isupper() and match.group() in source_words:
            kept.add(match.group())
    return {word: word for word in kept}


def polish(text: str, source: str, target: str) -> str:
    """Spaces, capitals and final punctuation as in the source; Spanish gets its opening marks."""
    text = re.sub(r"\s+([,.;:!?…])", r"\1", tidy(text))
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
    """Small letters again where the source has them after a token: modes take it for a first word."""
    small = {_number(match) for match in re.finditer(_TOKEN.pattern + r"\s+(?=[a-z])", encoded)}

    def settle(match: re.Match[str]) -> str:
        following = match.group(2).lower() if _number(match) in small else match.group(2)
        return match.group()[: -len(match.group(2))] + following

    return re.sub(rf"{_TOKEN.pattern}(\s+\w)", settle, text, flags=re.IGNORECASE)


def fill(text: str, values: Mapping[int, str]) -> str:
    """The names' values in their places, as far as their tokens are left; other tokens stay."""

    def replace(match: re.Match[str]) -> str:
        return values.get(_number(match), match.group())

    return _TOKEN.sub(replace, text)


def split_at_tokens(text: str) -> tuple[list[str], list[int]]:
    """What stands between the tokens (one more than there are tokens), and their numbers."""
    numbers = [_number(match) for match in _TOKEN.finditer(text)]
    return _TOKEN.sub("\n", text).split("\n"), numbers


def _number(match: re.Match[str]) -> int:
    first, second, third = (_LETTERS.index(letter) for letter in match.group(1).lower())
    return first * 256 + second * 16 + third


def is_token(word: str) -> bool:
    """Whether a word is one of ours."""
    return _TOKEN.fullmatch(word) is not None


def holds(text: str, values: Mapping[int, str]) -> bool:
    """Whether each of these tokens stands in the text once."""
    numbers = [_number(match) for match in _TOKEN.finditer(text)]
    return all(numbers.count(number) == 1 for number in values)
