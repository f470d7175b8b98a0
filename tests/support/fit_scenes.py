"""Lines and takes of every kind, for properties of the fit."""

from __future__ import annotations

from hypothesis import strategies as st

from rythmo.script.model import Line, Word
from rythmo.script.phrases import TakePhrases

S = 48_000


@st.composite
def fit_scenes(draw):
    """(lines, the speech of each one's take by id, the programme's length), all in samples."""
    lines, takes = [], {}
    for index in range(draw(st.integers(1, 12))):
        start = draw(st.integers(0, 20 * S))
        length = draw(st.integers(1, 5 * S))
        cuts = sorted(draw(st.lists(st.integers(0, length), max_size=4)))
        words = tuple(Word("w", start + a, start + b) for a, b in zip(cuts[::2], cuts[1::2], strict=False))
        edges = sorted(draw(st.sets(st.integers(0, 12 * S), min_size=2, max_size=8)))
        phrases = tuple(zip(edges[::2], edges[1::2], strict=False))
        item = Line(f"L{index}", draw(st.sampled_from("ABC")), start, start + length, "t", words=words)
        lines.append(item)
        takes[item.id] = TakePhrases(phrases)
    return lines, takes, draw(st.integers(0, 30 * S))
