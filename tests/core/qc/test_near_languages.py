"""A line left in the original's language is found also where the two languages share most letters."""

from __future__ import annotations

import pytest

from rythmo.qc.findings import judge_language
from rythmo.qc.line_measures import word_error
from rythmo.qc.report_model import LineMeasures

RATE = 48_000
TEXT = "Todos os dias eu pego o trem da sete e quase nunca encontro um lugar."
TRANSLATION = "Todos los días cojo el tren de la siete y casi nunca encuentro un lugar."


def line(heard: str, language: str) -> LineMeasures:
    return LineMeasures(
        "S1_0001",
        "S1",
        TEXT,
        TRANSLATION,
        0,
        4 * RATE,
        placed_start=0,
        placed_end=4 * RATE,
        heard=heard,
        heard_language=language,
        word_error=word_error(TRANSLATION, heard),
    )


@pytest.mark.parametrize(
    ("heard", "language", "found"),
    [
        (TEXT, "pt", True),
        ("Todos os dias eu pego o trem da set e quase nunca encontro um lugar.", "pt", True),
        # The recogniser was told to expect Spanish and guessed nothing else.
        (TEXT, "es", True),
        (TRANSLATION, "es", False),
        ("Todos los días cojo el tren de las siete y casi nunca encuentro lugar.", "pt", False),
    ],
)
def test_the_original_in_a_near_language_is_found(heard, language, found):
    assert bool(judge_language([line(heard, language)], "es", RATE)) is found
