"""Where the words of a line can be cut in two, and which moment of the sound each cut stands for. Pure.

A text is cut between words; where a language writes none (Chinese, Japanese, Thai ...) between letters. Never
inside a note of a sound, never so that a part has nothing to say.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate

from rythmo.errors import ScriptError
from rythmo.script.model import Line, Word
from rythmo.script.sound_notes import strip_sound_notes
from rythmo.script.writing_systems import find_writing_system

# Scripts that are written without spaces between words.
_UNSPACED = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "THAI", "LAO", "KHMER", "MYANMAR"})
_SENTENCE_ENDS = frozenset(".!?…。！？؟")  # noqa: RUF001 - full-width marks are meant
_CLAUSE_ENDS = frozenset(",;:—–、，；：،؛")  # noqa: RUF001 - the same
_CLOSING = frozenset("\"'”’»)]）】」』")  # noqa: RUF001 - the same
# How far from the wanted share of the letters the end of a sentence or clause is still the better cut.
_SENTENCE_WORTH, _CLAUSE_WORTH = 0.25, 0.12
_NOTE = re.compile(r"\[[^\]]*\]|\([^)]*\)|【[^】]*】|（[^）]*）|<[^>]*>")  # noqa: RUF001 - the same


@dataclass(frozen=True, slots=True)
class Cut:
    """A point between two words of a line.

    The second part of the text begins at `character`. In samples, the first part ends at `end` and the second
    starts at `start`: a pause between them belongs to neither. `word` recognised words lie before it.
    """

    character: int
    end: int
    start: int
    word: int


def find_cuts(line: Line) -> tuple[Cut, ...]:
    """The points at which the line can be split, in order; none for a line of one word."""
    clock = _Clock(line)
    cuts = (clock.cut(at) for at in find_gaps(line.text))
    return tuple(cut for cut in cuts if cut is not None)


def find_cut_at_character(line: Line, character: int) -> Cut:
    """The cut nearest to a character of the line's text. Raises ScriptError."""
    if not 0 <= character <= len(line.text):
        raise ScriptError(
            f"{line.id} has no character {character}.", hint=f"Its text has {len(line.text)} of them."
        )
    return min(_require_cuts(line), key=lambda cut: abs(cut.character - character))


def find_cut_at_word(line: Line, number: int) -> Cut:
    """The cut before a word, counted from 0: the recognised words, or those of the text where none are known.

    Raises ScriptError.
    """
    cuts = _require_cuts(line)
    if line.words:
        found = next((cut for cut in cuts if cut.word == number), None)
        count = len(line.words)
    else:
        found = cuts[number - 1] if 0 < number <= len(cuts) else None
        count = len(cuts) + 1
    if found is None:
        raise ScriptError(
            f"{line.id} cannot be split before word {number}.", hint=f"Name one of 1 to {count - 1}."
        )
    return found


def find_cut_at_sample(line: Line, sample: int) -> Cut:
    """The cut nearest to a position of the programme, in samples; at it where no word times are known.

    Raises ScriptError for a position outside the line.
    """
    if not line.start < sample < line.end:
        raise ScriptError(
            f"{line.id} is not heard there.", hint="Name a time after its start and before its end."
        )
    cuts = _require_cuts(line)
    if line.words:
        return min(cuts, key=lambda cut: max(0, cut.end - sample, sample - cut.start))
    share = (sample - line.start) / line.length
    at = _nearest_gap(line.text, [cut.character for cut in cuts], share)
    return replace(next(cut for cut in cuts if cut.character == at), end=sample, start=sample)


def find_gaps(text: str) -> list[int]:
    """The characters of a text before which it may be cut, each part having something to say."""
    notes = [match.span() for match in _NOTE.finditer(text)]
    found = []
    for at in range(1, len(text)):
        if not _is_gap(text, at) or any(a < at < b for a, b in notes):
            continue
        if _says_something(text[:at]) and _says_something(text[at:]):
            found.append(at)
    return found


def split_translation(translation: str, text: tuple[str, str]) -> tuple[str, str, bool]:
    """The translation of a line cut in two like its original, and whether the parts surely belong together.

    They do where original and translation have as many sentences before and after the cut. Else it is cut at
    the end of a sentence or clause near the same share of the letters; with nowhere to cut, all of it goes to
    the first part.
    """
    gaps = find_gaps(translation)
    if not gaps:
        return translation.strip(), "", False
    ends = [at for at in gaps if _ends(translation[:at], _SENTENCE_ENDS)]
    before, after = (_count_sentences(part) for part in text)
    if _ends(text[0], _SENTENCE_ENDS) and len(ends) + 1 == before + after:
        at, sure = ends[before - 1], True
    else:
        at, sure = _nearest_gap(translation, gaps, _share(text)), False
    return translation[:at].strip(), translation[at:].strip(), sure


def split_markup(shown: str, plain: tuple[str, str]) -> tuple[str, str]:
    """A text with line breaks and italics cut where its plain words are; ("", "") where they differ."""
    letters = len("".join(plain[0].split()))
    if "".join(re.sub(r"</?i>", "", shown).split()) != "".join("".join(plain).split()):
        return "", ""
    at, seen, inside = 0, 0, False
    while seen < letters:
        if tag := re.match(r"</?i>", shown[at:]):
            inside = tag.group() == "<i>"
            at += tag.end()
            continue
        seen += not shown[at].isspace()
        at += 1
    head, tail = shown[:at].rstrip(), shown[at:].lstrip()
    if inside and tail.startswith("</i>"):
        return f"{head}</i>", tail.removeprefix("</i>").lstrip()
    return (f"{head}</i>", f"<i>{tail}") if inside else (head, tail)


def join_texts(parts: Sequence[str]) -> str:
    """Texts one after another, with a space between where the language writes one."""
    joined = ""
    for part in (part.strip() for part in parts):
        if not part or not joined:
            joined = joined or part
            continue
        joined += part if _is_unspaced(joined[-1]) and _is_unspaced(part[0]) else f" {part}"
    return joined


class _Clock:
    """Knows when each letter of a line's text is heard, from its recognised words."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._counts = [0, *accumulate(char.isalnum() for char in line.text)]
        self._ends = list(accumulate(sum(char.isalnum() for char in word.text) for word in line.words))
        self._anchors = _match_letters(line.text, line.words)

    def cut(self, character: int) -> Cut | None:
        """The cut before a character; None where the line is too short to be cut."""
        line = self._line
        word = self._word_before(self._counts[character])
        if 0 < word < len(line.words):
            end, start = line.words[word - 1].end, line.words[word].start
        else:
            share = self._counts[character] / max(1, self._counts[-1])
            end = start = line.start + round(share * line.length)
        if start < end:
            end = start = (start + end) // 2
        if line.length < 2:
            return None
        end = max(line.start + 1, min(end, line.end - 1))
        return Cut(character, end, max(end, min(start, line.end - 1)), word)

    def _word_before(self, letter: int) -> int:
        """How many recognised words are over before a letter of the text: the nearest border of words."""
        if not self._ends:
            return 0
        at = self._position(letter)
        word = bisect_right(self._ends, at)
        if word < len(self._ends):
            first = self._ends[word - 1] if word else 0
            if at - first > self._ends[word] - at:
                word += 1
        return word

    def _position(self, letter: int) -> float:
        """Which letter of the recognised words a letter of the text is; between known ones, in proportion."""
        place = bisect_right(self._anchors, (letter, 1 << 62)) - 1
        (text, heard), after = self._anchors[place], self._anchors[min(place + 1, len(self._anchors) - 1)]
        if after[0] == text:
            return float(heard)
        return heard + (letter - text) * (after[1] - heard) / (after[0] - text)


def _match_letters(text: str, words: Sequence[Word]) -> list[tuple[int, int]]:
    """Pairs of positions at which the letters of the text and of the recognised words agree, in order."""
    ours, heard = _letters(text), _letters("".join(word.text for word in words))
    anchors = [(0, 0)]
    for block in SequenceMatcher(None, ours, heard, autojunk=False).get_matching_blocks():
        if block.size:
            anchors += [(block.a, block.b), (block.a + block.size, block.b + block.size)]
    anchors.append((len(ours), len(heard)))
    return sorted(set(anchors))


def _letters(text: str) -> str:
    # Lower case may be longer ("İ"): one letter must stay one letter.
    return "".join(char.lower()[:1] for char in text if char.isalnum())


def _require_cuts(line: Line) -> tuple[Cut, ...]:
    cuts = find_cuts(line)
    if not cuts:
        raise ScriptError(
            f"{line.id} cannot be split: it has one word.", hint="Correct its text first, or move its edges."
        )
    return cuts


def _is_gap(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if before.isspace():
        return not after.isspace()
    # What belongs to the letter before it (a mark, a sign of length) is not torn off.
    whole = unicodedata.category(after).startswith("L") and after not in "ーゝ々"
    return whole and _is_unspaced(after) and _is_unspaced(before)


def _is_unspaced(char: str) -> bool:
    """Whether no space is written beside the character: of such a script, or a full-width mark."""
    return find_writing_system(char) in _UNSPACED or unicodedata.name(char, "").startswith(
        ("IDEOGRAPHIC ", "FULLWIDTH ", "CORNER BRACKET")
    )


def _says_something(text: str) -> bool:
    return any(char.isalnum() for char in strip_sound_notes(text))


def _ends(text: str, marks: frozenset[str]) -> bool:
    text = text.rstrip()
    while text and text[-1] in _CLOSING:
        text = text[:-1]
    return bool(text) and text[-1] in marks


def _count_sentences(text: str) -> int:
    return 1 + sum(_ends(text[:at], _SENTENCE_ENDS) for at in find_gaps(text))


def _share(text: tuple[str, str]) -> float:
    first, second = (sum(char.isalnum() for char in part) for part in text)
    return first / max(1, first + second)


def _nearest_gap(text: str, gaps: Sequence[int], share: float) -> int:
    counts = [0, *accumulate(char.isalnum() for char in text)]

    def cost(at: int) -> float:
        worth = _SENTENCE_WORTH if _ends(text[:at], _SENTENCE_ENDS) else 0.0
        worth = worth or (_CLAUSE_WORTH if _ends(text[:at], _CLAUSE_ENDS) else 0.0)
        return abs(counts[at] / max(1, counts[-1]) - share) - worth

    return min(gaps, key=cost)
