"""Division of speech into stretches for language detection, and into clips of one language for decoding.

The functions are pure and work on positions in samples. Whisper always computes 30 s, however short the clip
is, so clips are extended over short pauses. Languages are detected in much shorter stretches.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rythmo.engines.base import Turn
from rythmo.engines.speech.word_times import join_turns
from rythmo.media.audio import Audio

_STRETCH_S, _STRETCH_JOIN_S = 8.0, 0.5
_LONGEST_S = 28.0
# The longest pause inside a clip. On the example, 1 s gave 4 clips and took 6.6 s; 3 s gave 3 clips and took
# 5.5 s with the same or fewer wrong words; 8 s changed nothing more.
_JOIN_S = 3.0
_MARGIN_S = 0.2


@dataclass(frozen=True, slots=True)
class Stretch:
    """Speech in [start, end), in samples, and the language that it is in."""

    start: int
    end: int
    language: str = ""


def language_stretches(turns: Sequence[Turn], sound: Audio) -> list[tuple[int, int]]:
    """Return [start, end) of stretches of at most 8 s, in order; most are long enough to detect a
    language."""
    return join_turns(turns, sound, _STRETCH_S, join_s=_STRETCH_JOIN_S, margin_s=0.0)


def pack_clips(stretches: Sequence[Stretch], sound: Audio) -> list[Stretch]:
    """Return clips of one language each, of at most 28 s and with a margin; none of which overlap.

    A clip that would be too long ends at the widest pause of its second half.
    """
    longest, join = round(_LONGEST_S * sound.rate), round(_JOIN_S * sound.rate)
    groups: list[list[Stretch]] = []
    for one in stretches:
        group = groups[-1] if groups else []
        fits = bool(group) and one.language == group[-1].language and one.start - group[-1].end <= join
        if not fits:
            groups.append([one])
        elif one.end - group[0].start <= longest:
            group.append(one)
        else:
            cut = _widest_pause([*group, one])
            groups[-1:] = [group[:cut], [*group[cut:], one]]
    return _with_margins([Stretch(g[0].start, g[-1].end, g[0].language) for g in groups], sound)


def _widest_pause(group: Sequence[Stretch]) -> int:
    middle = (group[0].start + group[-1].end) / 2
    late = [n for n in range(1, len(group)) if group[n].start >= middle] or [len(group) - 1]
    return max(late, key=lambda n: (group[n].start - group[n - 1].end, n))


def _with_margins(clips: Sequence[Stretch], sound: Audio) -> list[Stretch]:
    margin = round(_MARGIN_S * sound.rate)
    edges = [0, *(end for clip in clips for end in (clip.start, clip.end)), sound.length]
    out = []
    for n, clip in enumerate(clips):
        # Two neighbouring clips share the gap between them; the edges of the sound belong to one clip.
        before = (clip.start - edges[2 * n]) // (2 if n else 1)
        after = (edges[2 * n + 3] - clip.end) // (2 if n + 1 < len(clips) else 1)
        out.append(Stretch(clip.start - min(margin, before), clip.end + min(margin, after), clip.language))
    return out
