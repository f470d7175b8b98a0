"""The contract tests' look at types sees what it should."""

import numpy as np
import pytest
from plain_values import assert_plain

from rythmo.engines.base import Turn
from rythmo.media.audio import Audio
from rythmo.script.model import Word
from rythmo.script.takes import VoiceRef

SAMPLES = np.zeros((1, 10), np.float32)


@pytest.mark.parametrize(
    "value",
    [
        Word("a", 0, 1, 0.5),
        (Turn(0, 5, "A"),),
        VoiceRef("x", "y", {"speed": 1.0, "mix": ["a", None]}),
        Audio(SAMPLES, 48_000),
        frozenset({"words"}),
    ],
)
def test_plain_values_pass(value: object) -> None:
    assert_plain(value)


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ((Word("a", 0, 1, np.float64(0.5)),), r"value\[0\]\.confidence"),
        (Word("a", np.int64(0), 1), r"value\.start"),
        (Word(np.str_("a"), 0, 1), r"value\.text"),
        (VoiceRef("x", "y", {"mix": [np.float32(0.5)]}), r"value\.settings\['mix'\]\[0\]"),
        (Audio(SAMPLES, np.int64(48_000)), r"value\.rate"),
        (np.zeros(3), "ndarray"),
    ],
)
def test_numbers_of_a_library_do_not(value: object, where: str) -> None:
    with pytest.raises(AssertionError, match=where):
        assert_plain(value)
