"""Build lines from words and turns. Pure: no I/O, no engine.

A word belongs to the speaker whose turn it overlaps most. Lines break at a change of speaker, at pauses and
at sentence ends. Ids are `<speaker>_<number>`; numbers count lines over the whole programme.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from rythmo.engines.base import Turn
from rythmo.script.model import Flag, Line, Word
from rythmo.settings import LineSettings
from rythmo.stages.line_fragments import ends_sentence, join_fragments, mend_speakers

_CLAUSE_ENDS = (",", ";", ":", "—", "、", "\uff0c", "\uff1b", "\uff1a", "،", "؛")
# Seconds of pause that the end of a sentence and of a clause are worth where a long line is cut.
_SENTENCE_BONUS, _CLAUSE_BONUS = 0.4, 0.2
_FEWEST_WORDS = 3
DOUBTFUL_WORDS = "doubtful-words"
# Mean confidence below which a line is flagged. With Whisper base every line of the example has 0.85 or more;
# of 19 lines of distant meeting speech 8 lie below, and most of those are wrong.
_SURE = 0.7
_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Utterance:
    """Consecutive words of one speaker that form a line."""

    speaker: str
    words: tuple[Word, ...]

    @property
    def start(self) -> int:
        """First sample of the first word."""
        return self.words[0].start

    @property
    def end(self) -> int:
        """End of the last word."""
        return max(word.end for word in self.words)


def build(
    words: Sequence[Word], turns: Sequence[Turn], rate: int, settings: LineSettings
) -> tuple[Line, ...]:
    """Return lines in order of start, each with its words, starting at the speaker's onset of speech."""
    by_speaker: dict[str, list[Word]] = {}
    for speaker, word in mend_speakers([(speaker_of(word, turns), word) for word in words], rate):
        by_speaker.setdefault(speaker, []).append(word)
    utterances = [
        part
        for speaker, said in by_speaker.items()
        for part in _utterances(speaker, said, turns, rate, settings)
    ]
    lines = (_line(part, turns, rate, settings) for part in utterances)
    return number(sorted(lines, key=lambda line: (line.start, line.speaker)))


def _line(part: Utterance, turns: Sequence[Turn], rate: int, settings: LineSettings) -> Line:
    start, end = _snapped(part, turns, rate, settings)
    line = Line("", part.speaker, start, end, _joined(part.words), part.words)
    return flag_doubtful(replace(line, language=part.words[0].language))


def flag_doubtful(line: Line) -> Line:
    """Flag the line when the recogniser was unsure of its words."""
    sure = [word for word in line.words if word.confidence is not None]
    if not sure:
        return line
    mean = sum(word.confidence or 0.0 for word in sure) / len(sure)
    if mean >= _SURE:
        return line
    worst = sorted(sure, key=lambda word: word.confidence or 0.0)[:_SHOWN]
    shown = ", ".join(f"“{word.text.strip('.,!?')}” {word.confidence:.0%}" for word in worst)
    said = f"Recognition was unsure of this line ({mean:.0%}): {shown}. Listen, and correct the text."
    return line.add_flags(Flag(DOUBTFUL_WORDS, said))


def speaker_of(word: Word, turns: Sequence[Turn]) -> str:
    """Return the speaker whose turns the word overlaps most, else the nearest speaker, else S1."""
    overlap: dict[str, int] = {}
    for turn in turns:
        shared = min(word.end, turn.end) - max(word.start, turn.start)
        if shared > 0:
            overlap[turn.speaker] = overlap.get(turn.speaker, 0) + shared
    if overlap:
        return max(sorted(overlap), key=lambda speaker: overlap[speaker])
    distances = [(max(turn.start - word.end, word.start - turn.end), turn.speaker) for turn in turns]
    return min(distances)[1] if distances else "S1"


def number(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Give each line its id."""
    return tuple(replace(line, id=f"{line.speaker}_{count:04}") for count, line in enumerate(lines, 1))


def _utterances(
    speaker: str, words: Sequence[Word], turns: Sequence[Turn], rate: int, settings: LineSettings
) -> list[Utterance]:
    others = [turn for turn in turns if turn.speaker != speaker]
    groups: list[list[Word]] = []
    for word in sorted(words, key=lambda word: word.start):
        if groups and not _breaks(groups[-1][-1], word, others, rate, settings):
            groups[-1].append(word)
        else:
            groups.append([word])
    longest = round(settings.longest_seconds * rate)
    whole = join_fragments(groups, others, rate, longest)
    short = [part for group in whole for part in _shortened(group, longest, rate)]
    return [Utterance(speaker, tuple(group)) for group in short]


def _breaks(last: Word, word: Word, others: Sequence[Turn], rate: int, settings: LineSettings) -> bool:
    pause = word.start - last.end
    if word.language != last.language:
        return True
    if pause >= settings.pause_seconds * rate:
        return True
    if ends_sentence(last) and pause >= settings.sentence_pause_seconds * rate:
        return True
    # Somebody else spoke in between.
    return any(last.end <= turn.start and turn.end <= word.start for turn in others)


def _shortened(words: list[Word], longest: int, rate: int) -> list[list[Word]]:
    """Split at the longest pause (of equal ones, that nearest the middle) until no part is too long.

    Punctuation counts as a pause: people breathe there, and a recogniser often leaves no time between words.
    """
    if len(words) < 2 or words[-1].end - words[0].start <= longest:
        return [words]
    middle = (words[0].start + words[-1].end) / 2

    def merit(cut: int) -> tuple[float, float]:
        last = words[cut - 1]
        bonus = _SENTENCE_BONUS if ends_sentence(last) else _CLAUSE_BONUS if _ends_clause(last) else 0.0
        if min(cut, len(words) - cut) < _FEWEST_WORDS:
            bonus = 0.0
        return words[cut].start - last.end + bonus * rate, -abs(words[cut].start - middle)

    cut = max(range(1, len(words)), key=merit)
    return [*_shortened(words[:cut], longest, rate), *_shortened(words[cut:], longest, rate)]


def _ends_clause(word: Word) -> bool:
    return word.text.endswith(_CLAUSE_ENDS)


def _snapped(part: Utterance, turns: Sequence[Turn], rate: int, settings: LineSettings) -> tuple[int, int]:
    """Move the start and end to nearby turns: they are placed more exactly than a recogniser's words."""
    reach = round(settings.snap_seconds * rate)
    own = [turn for turn in turns if turn.speaker == part.speaker]
    starts = [turn.start for turn in own if abs(turn.start - part.start) <= reach]
    ends = [turn.end for turn in own if abs(turn.end - part.end) <= reach]
    start = min(starts, key=lambda position: abs(position - part.start), default=part.start)
    end = min(ends, key=lambda position: abs(position - part.end), default=part.end)
    return start, max(end, start + 1)


def _joined(words: Sequence[Word]) -> str:
    return " ".join(word.text for word in words)
