"""Who listens for quality control, and what becomes of findings that belong to no line."""

from __future__ import annotations

import importlib.machinery
import sys
import types

import numpy as np
import pytest

from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.engines.pool import EnginePool
from rythmo.errors import EngineMissingError, LanguageError
from rythmo.media.audio import Audio
from rythmo.progress import NEVER, ignore_progress
from rythmo.project.workspace import Project
from rythmo.qc import listener_score
from rythmo.qc.report_model import Finding
from rythmo.script.model import Flag, Line, Programme, Remark, Script, Severity, Speaker
from rythmo.settings import Settings
from rythmo.stages import quality
from rythmo.stages.context import Context


@pytest.fixture
def report(monkeypatch):
    """A report that holds nothing but findings."""
    return lambda *findings: types.SimpleNamespace(findings=findings)


def script(*lines: Line) -> Script:
    return Script(Programme("p", "p.wav", 480_000, 48_000, 2), "en", "es", (Speaker("S1", "A"),), lines)


def test_findings_go_to_their_line_or_to_their_position(report):
    found = report(
        Finding(None, 900, Severity.WARNING, "residue", "The original voice stays."),
        Finding("S1_0001", 100, Severity.ERROR, "silent", "Nothing is heard."),
        Finding(None, 0, Severity.ERROR, "stem-sum", "The stems do not sum."),
    )
    marked = quality.flag_findings(script(Line("S1_0001", "S1", 100, 200, "x")), found)
    assert [flag.code for flag in marked.lines[0].flags] == ["qc-silent"]
    assert marked.remarks == (
        Remark(0, Flag("qc-stem-sum", "The stems do not sum.", Severity.ERROR)),
        Remark(900, Flag("qc-residue", "The original voice stays.", Severity.WARNING)),
    )
    assert quality.remove_findings(marked) == script(Line("S1_0001", "S1", 100, 200, "x"))
    assert not quality.flag_findings(marked, report()).remarks, "the next measurement takes them back"


def context_of(pool, root):
    return Context(Project(root), pool, Settings(), ignore_progress, NEVER)


@pytest.mark.parametrize("error", [EngineMissingError, LanguageError])
def test_an_engine_that_is_not_there_does_not_listen(monkeypatch, tmp_path, error):
    def none(*_arguments):
        raise error("none", hint="get one")

    pool = EnginePool(given=fakes.specs())
    monkeypatch.setattr(pool, "transcriber", none)
    ears = quality.ready_listeners("es", context_of(pool, tmp_path))
    assert ears.transcriber is None
    assert ears.embedder is not None


def test_the_recogniser_of_the_target_language_listens(tmp_path):
    asked = []
    pool = EnginePool(given=fakes.specs())
    start = pool.start
    pool.start = lambda kind, language=None: (asked.append((kind, language)), start(kind, language))[1]
    assert quality.ready_listeners("es", context_of(pool, tmp_path)).transcriber is not None
    assert (Kind.TRANSCRIBER, "es") in asked


def test_an_opinion_is_asked_at_16_khz_within_full_scale(monkeypatch):
    heard = []

    def run(samples, rate, **_options):
        heard.append((samples.shape, rate, float(np.abs(samples).max())))
        return {"ovrl_mos": 3.25, "sig_mos": 4.0}

    for name in ("speechmos", "librosa", "onnxruntime"):
        module = types.ModuleType(name)
        module.__spec__ = importlib.machinery.ModuleSpec(name, None)
        monkeypatch.setitem(sys.modules, name, module)
    sys.modules["speechmos"].dnsmos = types.SimpleNamespace(run=run)
    listen = listener_score.load_listener()
    assert listen is not None
    assert listen(Audio(np.full((2, 48_000), 1.5, np.float32), 48_000)) == 3.25
    assert heard == [((144_160,), 16_000, 1.0)], "repeated to one window of the model"


def test_no_opinion_without_its_package(monkeypatch):
    monkeypatch.setattr(listener_score, "find_spec", lambda name: None)
    assert listener_score.load_listener() is None
