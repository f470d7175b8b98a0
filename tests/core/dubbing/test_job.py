"""A job's languages are codes that engines know, however a caller writes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from rythmo.dubbing.job import Job, require_picture_engines
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.engines.pool import EnginePool
from rythmo.errors import EngineMissingError, LanguageError
from rythmo.settings import LipSettings, Settings


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


def test_lips_without_an_engine_are_refused_before_any_work_where_there_is_a_picture(monkeypatch) -> None:
    monkeypatch.delenv("RYTHMO_LIPS_WORKER_URL", raising=False)
    settings = Settings(lips=LipSettings(make=True))
    pool = EnginePool({Kind.LIP_SYNC: "worker"}, given=fakes.specs())
    del pool.given[Kind.LIP_SYNC]
    with pytest.raises(EngineMissingError, match="address of a worker"):
        require_picture_engines(settings, pool, has_picture=True)
    require_picture_engines(settings, pool, has_picture=False)
    require_picture_engines(Settings(), pool, has_picture=True)
