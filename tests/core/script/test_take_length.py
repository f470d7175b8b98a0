"""How long words take: broken off, right, or followed by something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.script.take_length import judge_length


@pytest.mark.parametrize(
    ("seconds", "text", "language", "codes"),
    [
        (0.05, "Nos vemos mañana en la estación.", "es", ["take-short"]),
        (1.2, "Nos vemos mañana en la estación.", "es", []),
        (2.6, "Nos vemos mañana en la estación.", "es", []),
        (9.5, "Nos vemos mañana en la estación.", "es", ["take-long"]),
        (0.2, "No.", "es", []),
        (4.0, "No.", "es", ["take-long"]),
        (2.5, "1984", "es", []),
        (1.0, "我们明天在车站见面。", "zh", []),
        (0.3, "我们明天在车站见面。", "zh", ["take-short"]),
        (30.0, "...", "es", []),
    ],
)
def test_what_can_be_those_words(seconds, text, language, codes):
    assert [flag.code for flag in judge_length(seconds, text, language)] == codes


@given(st.floats(0, 1e6), st.text(max_size=80), st.sampled_from(["es", "zh", "hi", "xx"]))
def test_any_text_of_any_length_is_judged(seconds, text, language):
    assert len(judge_length(seconds, text, language)) <= 1
