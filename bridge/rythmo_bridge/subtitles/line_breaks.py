"""Breaks text into cues, and into the lines of a cue, at phrase borders. Pure.

A border's cost says how much a break there disturbs the reader. Dynamic programming over the words finds the
cheapest set of breaks, which a greedy search could miss.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any

_CJK = frozenset({"zh", "ja", "ko", "yue"})
_NO_SPACES = frozenset({"zh", "ja", "yue", "th", "lo", "my", "km"})

_BY_WORDS = frozenset({"th"})
_BY_PHRASES = frozenset({"ja", "zh", "yue"})
# Costs of a break: the lower, the less it disturbs the reader.
_AFTER_SENTENCE = 0.0
_AFTER_CLAUSE = 1.0
_BEFORE_CONJUNCTION = 2.0
_BEFORE_PREPOSITION = 2.6
_BETWEEN_WORDS = 4.0
_AFTER_FUNCTION_WORD = 8.0
_INSIDE_PHRASE = 6.0
_ONE_MORE_CUE = 3.0

_SENTENCE = ".!?…。！？؟"
_CLAUSE = ",;:—–、，；：،"
_CLOSING = "\"'»”’)]」』）"
# Kinsoku: no line may begin with these.
_NEVER_FIRST = "、。，．：；？！」』）】〉》ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ…,.!?)"
# And no line may end with these.
_NEVER_LAST = "「『（【〈《("


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# English, Spanish, French, German, Italian, Portuguese.
_CONJUNCTIONS = _words("""
    and but or nor so because that which who when where while if than as although y o e u pero porque que
    quien cuando donde mientras si aunque et ou mais car parce qui quand où lorsque und oder aber denn weil
    dass wenn ob als ed ma perché che chi quando dove mentre se anche mas quem onde enquanto""")
_PREPOSITIONS = _words("""
    of in on at to for from with by about into over under after before de en a por para con sin sobre entre
    desde hasta dans sur sous pour avec sans chez von auf an zu mit für aus bei nach di da su per tra fra
    em com sem até""")
_ARTICLES = _words("""
    the a an my your his her its our their el la los las un una unos unas mi tu su le les des du une mon
    ma mes ton ta der die das den dem ein eine einen mein dein il lo i gli uno o os as um uma not no to""")
# Marks of right-to-left embedding and of its end.
_RLE, _PDF = "\u202b", "\u202c"


@dataclass(frozen=True, slots=True)
class Layout:
    """The limits of a subtitle: the number of lines, and their width.

    In CJK, full-width characters count 1 and half-width characters 1/2.
    """

    line_width: int
    max_lines: int
    spaces: bool
    wide: bool
    language: str = ""


def layout_for(language: str, line_width: int | None, max_lines: int) -> Layout:
    """Return the layout of a language: 42 characters a line, 16 in Chinese, Japanese and Korean."""
    wide = language in _CJK
    return Layout(line_width or (16 if wide else 42), max_lines, language not in _NO_SPACES, wide, language)


def text_width(text: str, layout: Layout) -> float:
    """Count characters as the norms do: combining and invisible marks and italics tags count 0."""
    text = without_italics(text)
    if text.isascii():
        return len(text) * (0.5 if layout.wide else 1.0)
    return sum(_width_of(character, layout.wide) for character in text)


@cache
def _width_of(character: str, wide: bool) -> float:  # noqa: FBT001 - cached by position
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Cc"):
        return 0.0
    return 0.5 if wide and unicodedata.east_asian_width(character) not in "WF" else 1.0


def without_italics(text: str) -> str:
    """Return the text without `<i>` and `</i>`, the only tags that a cue may hold."""
    return text.replace("<i>", "").replace("</i>", "") if "<" in text else text


def fits_layout(text: str, layout: Layout) -> bool:
    """Whether a text with its line breaks is within the norms."""
    lines = text.split("\n")
    return len(lines) <= layout.max_lines and all(
        text_width(line, layout) <= layout.line_width for line in lines
    )


def lay_out(text: str, layout: Layout) -> str:
    """Return the text on as few lines as possible, broken at the best border.

    The lower line is preferably longer. A text that does not fit in `max_lines` gets more lines: words are
    never cut and never lost.
    """
    if text_width(text, layout) <= layout.line_width:
        return text
    atoms = _atoms(text, layout)
    for lines in range(2, max(2, layout.max_lines) + 1):
        found = _best_split(atoms, lines, layout.line_width, layout, balanced=True)
        if found is not None:
            return "\n".join(found[1])
    return "\n".join(_wrap(atoms, layout))


def split_into_cues(text: str, layout: Layout, *, at_least: int = 1) -> list[str]:
    """Split the text into as few parts as fit one cue each.

    There are at least `at_least` parts if there are enough words.
    """
    capacity = layout.line_width * layout.max_lines
    if at_least == 1 and _fits(text, layout):
        return [text]
    atoms = _atoms(text, layout)
    target = max(at_least, -(-int(text_width(text, layout)) // capacity))
    for parts in range(target, len(atoms) + 1):
        found = _best_split(atoms, parts, capacity, layout, balanced=False)
        if found is not None:
            # An extra cue is worth it if it avoids breaking up a phrase.
            more = _best_split(atoms, parts + 1, capacity, layout, balanced=False)
            return (more if more and more[0] + _ONE_MORE_CUE < found[0] else found)[1]
    return [_joined([atom], layout) for atom in atoms]


def mark_direction(text: str) -> str:
    """Embed each right-to-left line, so that players put its punctuation on the left."""
    return "\n".join(f"{_RLE}{line}{_PDF}" if _is_right_to_left(line) else line for line in text.split("\n"))


def strip_direction(text: str) -> str:
    """Return the text without direction marks."""
    return "".join(
        c for c in text if c not in "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    )


def _is_right_to_left(line: str) -> bool:
    for character in line:
        direction = unicodedata.bidirectional(character)
        if direction in ("R", "AL"):
            return True
        if direction == "L":
            return False
    return False


def _atoms(text: str, layout: Layout) -> list[str]:
    """Return the units that are never cut: a word, or a character with what must stay beside it (CJK)."""
    if layout.spaces:
        return text.split()
    if layout.language in _BY_WORDS:
        # Thai has no spaces between words, and a line that begins inside one cannot be read.
        return [atom for atom in _phrases(text, layout.language) if atom]
    atoms: list[str] = []
    for character in text:
        stays = not atoms or character in _NEVER_FIRST or character.isspace() or atoms[-1][-1] in _NEVER_LAST
        word = bool(atoms) and character.isascii() and atoms[-1][-1].isascii() and not atoms[-1][-1].isspace()
        combining = unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Mc", "Cf")
        if atoms and (stays or word or combining):
            atoms[-1] += character
        else:
            atoms.append(character)
    return atoms


def _phrases(text: str, language: str) -> list[str]:
    """Return the text in phrases that readers keep together (BudouX)."""
    parser = _parser(language)
    return list(parser.parse(text)) if parser is not None and text else [text]


@cache
def _parser(language: str) -> Any:
    import budoux

    loaders = {
        "ja": budoux.load_default_japanese_parser,
        "zh": budoux.load_default_simplified_chinese_parser,
        "yue": budoux.load_default_traditional_chinese_parser,
        "th": budoux.load_default_thai_parser,
    }
    return loaders[language]() if language in loaders else None


@lru_cache(maxsize=256)
def _phrase_ends(text: str, language: str) -> frozenset[int]:
    """Return where phrases end, counted in non-space characters."""
    if language not in _BY_PHRASES:
        return frozenset()
    sizes = [len("".join(phrase.split())) for phrase in _phrases(text, language)]
    return frozenset(sum(sizes[: n + 1]) for n in range(len(sizes)))


def _joined(atoms: list[str], layout: Layout) -> str:
    return " ".join(atoms) if layout.spaces else "".join(atoms).strip()


def _fits(text: str, layout: Layout) -> bool:
    if text_width(text, layout) <= layout.line_width:
        return True
    if text_width(text, layout) > layout.line_width * layout.max_lines:
        return False
    atoms = _atoms(text, layout)
    return any(
        _best_split(atoms, lines, layout.line_width, layout, balanced=True) is not None
        for lines in range(2, layout.max_lines + 1)
    )


def _border_cost(before: str, after: str) -> float:
    """Return the cost of a break between two atoms."""
    end = before.strip().rstrip(_CLOSING)[-1:]
    if end and end in _SENTENCE:
        return _AFTER_SENTENCE
    if end and end in _CLAUSE:
        return _AFTER_CLAUSE
    if before[-1:].isspace():
        # In scripts without spaces between words one stands between clauses.
        return _AFTER_CLAUSE
    left, right = before.lower().strip("¿¡\"'«“"), after.lower().strip("¿¡\"'«“.,!?")
    if left in _ARTICLES or left in _PREPOSITIONS or left in _CONJUNCTIONS:
        return _AFTER_FUNCTION_WORD
    if right in _CONJUNCTIONS:
        return _BEFORE_CONJUNCTION
    return _BEFORE_PREPOSITION if right in _PREPOSITIONS else _BETWEEN_WORDS


def _border_costs(atoms: list[str], layout: Layout) -> list[float]:
    """Return the cost of a break before each atom; zero before the first and after the last."""
    whole = _phrase_ends(_joined(atoms, layout), layout.language)
    costs, at = [0.0], 0
    for before, after in pairwise(atoms):
        at += len("".join(before.split()))
        inside = _INSIDE_PHRASE if whole and at not in whole else 0.0
        costs.append(_border_cost(before, after) + inside)
    return [*costs, 0.0]


def _best_split(
    atoms: list[str], parts: int, limit: float, layout: Layout, *, balanced: bool
) -> tuple[float, list[str]] | None:
    """Return the cheapest split into exactly `parts` runs of at most `limit`, with its cost; or None."""
    count = len(atoms)
    if parts > count:
        return None
    space = (0.5 if layout.wide else 1.0) if layout.spaces else 0.0
    edges = [0.0]
    for atom in atoms:
        edges.append(edges[-1] + text_width(atom, layout) + space)
    even = edges[-1] / parts
    borders = _border_costs(atoms, layout)
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for part in range(1, parts + 1):
        row: dict[int, tuple[float, int]] = {}
        ends = (count,) if part == parts else range(part, count - parts + part + 1)
        for end in ends:
            for start in range(end - 1, -1, -1):
                size = edges[end] - edges[start] - space
                if size > limit:
                    break
                if start not in best[-1] or not (
                    balanced or _fits(_joined(atoms[start:end], layout), layout)
                ):
                    continue
                total = best[-1][start][0] + _shape_cost(size, even, first=part == 1 and balanced)
                total += borders[end]
                if end not in row or total < row[end][0]:
                    row[end] = (total, start)
        best.append(row)
    if count not in best[-1]:
        return None
    return best[-1][count][0], _trace(atoms, best, count, layout)


def _shape_cost(size: float, even: float, *, first: bool) -> float:
    """Return the cost of uneven parts; an upper line longer than the lower one adds a little."""
    off = abs(size - even) / max(even, 1.0)
    return 6.0 * off * off + (0.5 if first and size > even else 0.0)


def _trace(
    atoms: list[str], best: list[dict[int, tuple[float, int]]], count: int, layout: Layout
) -> list[str]:
    found, end = [], count
    for row in reversed(best[1:]):
        start = row[end][1]
        found.append(_joined(atoms[start:end], layout))
        end = start
    return found[::-1]


def _wrap(atoms: list[str], layout: Layout) -> list[str]:
    """Wrap first-fit, for text that no norm can hold (one endless word)."""
    lines: list[list[str]] = []
    for atom in atoms:
        if lines and text_width(_joined([*lines[-1], atom], layout), layout) <= layout.line_width:
            lines[-1].append(atom)
        else:
            lines.append([atom])
    return [_joined(line, layout) for line in lines]
