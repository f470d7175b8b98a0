"""A job's languages are codes that engines know, however a caller writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rythmo.dubbing.job import Job
from rythmo.errors import LanguageError


@pytest.mark.parametrize(
    ("written", "code"), [("pt-br", "pt"), ("pt_BR", "pt"), ("es-419", "es"), ("Spanish", "es"), ("de", "de")]
)
def test_a_region_or_a_name_becomes_the_code_that_engines_know(written: str, code: str) -> None:
    job = Job(Path("a.mp4"), written, written)
    assert (job.target_language, job.source_language) == (code, code)


def test_a_source_language_that_is_not_given_stays_to_be_detected() -> None:
    assert Job(Path("a.mp4"), "es").source_language == ""


def test_an_unknown_language_is_refused_at_once() -> None:
    with pytest.raises(LanguageError, match="klingonish"):
        Job(Path("a.mp4"), "klingonish")
