"""Give words that are torn from their sentence back to it, before words become lines. Pure.

A diarizer cuts by sound, so now and then one word at a seam goes to the person who speaks before or after it
("Can" / "you remind me"). A speaker who pauses inside a sentence leaves a line of a word or two ("ask not" /
"what your country can do"), which nobody can translate and which no dubbing script has. Punctuation and
capitals of the recogniser tell where sentences end; where it writes none, nothing is joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from rythmo.engines.base import Turn
from rythmo.script.model import Word

SENTENCE_ENDS = (".", "!", "?", "…", "。", "\uff01", "\uff1f", "؟")
"""Western, full-width and Arabic ends of sentences."""
_CLOSING = "\"'\u201d\u2019»)]"
_MOST_WORDS = 2
_TOUCHING_SECONDS = 0.25
"""The longest pause between two words of which one was given to the wrong person."""
_LONGEST_PAUSE_SECONDS = 1.5
"""The longest pause inside a sentence over which a fragment is joined to what follows it."""


def ends_sentence(word: Word) -> bool:
    """Tell whether a word ends a sentence, by its punctuation."""
    return word.text.rstrip(_CLOSING).endswith(SENTENCE_ENDS)


def writes_sentences(words: Sequence[Word]) -> bool:
    """Tell whether the recogniser writes punctuation."""
    return any(map(ends_sentence, words))


def mend_speakers(said: Sequence[tuple[str, Word]], rate: int) -> list[tuple[str, Word]]:
    """Return the words in order of start, with torn fragments given to the speaker of their sentence.

    `said` are (speaker, word). A fragment is one or two words of a sentence that touch another speaker's,
    before whom or after whom its speaker may have said whole sentences.
    """
    ordered = sorted(said, key=lambda one: one[1].start)
    if not writes_sentences([word for _, word in ordered]):
        return ordered
    runs = _split_runs(ordered)
    owners = [run.speaker for run in runs]
    touching = round(_TOUCHING_SECONDS * rate)
    for place, run in enumerate(runs):
        if len(run.words) > _MOST_WORDS:
            continue
        before = runs[place - 1] if place else None
        after = runs[place + 1] if place + 1 < len(runs) else None
        if after and after.said > _MOST_WORDS and _goes_on(run.words[-1], after.words[0], touching):
            owners[place] = after.speaker
        elif before and before.said > _MOST_WORDS and _goes_on(before.words[-1], run.words[0], touching):
            owners[place] = before.speaker
    return [(owner, word) for owner, run in zip(owners, runs, strict=True) for word in run.words]


@dataclass(frozen=True, slots=True)
class _Run:
    """Words of one sentence by one speaker, and how many words the speaker says without another between."""

    speaker: str
    words: list[Word]
    said: int


def _split_runs(ordered: Sequence[tuple[str, Word]]) -> list[_Run]:
    """Return the words by speaker and sentence: what is torn off may follow a whole sentence of another."""
    runs = []
    for speaker, group in groupby(ordered, lambda one: one[0]):
        words = [word for _, word in group]
        cuts = [at for at, word in enumerate(words, 1) if ends_sentence(word) and at < len(words)]
        for first, last in pairwise([0, *cuts, len(words)]):
            runs.append(_Run(speaker, words[first:last], len(words)))
    return runs


def _goes_on(last: Word, word: Word, touching: int) -> bool:
    """Whether one sentence goes on from word to word, without a pause."""
    small = not word.text[:1].isupper() or word.text.split("'")[0] == "I"
    same = word.language == last.language
    return same and not ends_sentence(last) and small and word.start - last.end <= touching


def join_fragments(
    groups: Sequence[list[Word]], others: Sequence[Turn], rate: int, longest: int
) -> list[list[Word]]:
    """Return one speaker's groups of words, each fragment of a sentence joined to the group that goes on.

    `others` are the turns of everybody else: whoever speaks in between ends the sentence. Nothing becomes
    longer than `longest` samples.
    """
    whole = [list(group) for group in groups]
    if not writes_sentences([word for group in whole for word in group]):
        return whole
    furthest = round(_LONGEST_PAUSE_SECONDS * rate)

    def measure_seam(place: int) -> int | None:
        """Return the pause before a group, None where it does not go on with what stands before it."""
        left, right = whole[place - 1], whole[place]
        last, word = left[-1], right[0]
        pause = word.start - last.end
        if ends_sentence(last) or last.language != word.language or pause > furthest:
            return None
        if right[-1].end - left[0].start > longest:
            return None
        if any(last.end < turn.end and turn.start < word.start for turn in others):
            return None
        return pause

    place = 0
    while place < len(whole):
        if len(whole[place]) <= _MOST_WORDS:
            near = [(measure_seam(at), -at) for at in (place, place + 1) if 0 < at < len(whole)]
            if seams := [(pause, at) for pause, at in near if pause is not None]:
                # Of equal pauses the one before what follows: a fragment mostly begins a clause.
                at = -min(seams)[1]
                whole[at - 1 : at + 1] = [whole[at - 1] + whole[at]]
                place = at - 1
                continue
        place += 1
    return whole
