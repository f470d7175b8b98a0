"""A dub with a watermark: what engines spoke is marked before the mix, and nothing else changes."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
import toy

from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.errors import EngineMissingError, UnknownEngineError
from rythmo.media.audio import Audio
from rythmo.project.workspace import Project
from rythmo.provenance.marked_stretches import find_file_marks
from rythmo.provenance.reading import read_provenance
from rythmo.settings import DeliverSettings, EngineSettings, Settings

pytestmark = pytest.mark.usefixtures("signed_deliveries")

PLAIN = Settings(deliver=DeliverSettings("otio,mp4"))
MARKED = replace(PLAIN, engines=EngineSettings(watermark="auto"))


def deliver(project, settings, script=None, calls=None):
    return pipeline.redo(project, script or project.load(), settings, engines=fakes.specs(calls))


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    film = toy.write_film(tmp_path_factory.mktemp("film") / "toy.mp4")
    job = Job(film, "es", "en", tmp_path_factory.mktemp("out"))
    return pipeline.dub(job, PLAIN, engines=fakes.specs()).project


@pytest.fixture(scope="module")
def marked(plain, tmp_path_factory):
    """The same dub, whose first line a person spoke, delivered with the mark."""
    root = tmp_path_factory.mktemp("marked") / plain.root.name
    project = Project(Path(shutil.copytree(plain.root, root)))
    script = project.load()
    first = script.lines[0]
    takes = tuple(replace(take, human=True) for take in first.takes)
    deliver(project, MARKED, script.with_line(replace(first, takes=takes)))
    return project


def steps(path):
    return soundfile.read(path, dtype="int32", always_2d=True)[0] >> 8


def bytes_of(root, *folders):
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for folder in folders
        for path in sorted((root / folder).glob("*.wav"))
    }


def listen(path):
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    engine = fakes.specs()[Kind.WATERMARK].create({})
    return engine.find(Audio(np.ascontiguousarray(samples.T), rate)).found


def test_what_an_engine_spoke_is_marked_and_what_a_person_spoke_is_not(plain, marked):
    before, after = (bytes_of(one.root, "takes", "takes/placed") for one in (plain, marked))
    human = marked.load().lines[0].take.file
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {
        f"takes/placed/{Path(line.take.file).name}" for line in marked.load().lines if line.take.file != human
    }
    for line in marked.load().lines:
        placed = Path(line.take.file).name
        assert listen(marked.root / "takes" / "placed" / placed) == (line.take.file != human), line.id
        assert not listen(plain.root / "takes" / "placed" / placed)
        assert soundfile.info(marked.root / "takes/placed" / placed).frames == (
            soundfile.info(plain.root / "takes/placed" / placed).frames
        )


def test_stems_still_sum_to_the_sample_and_the_background_is_untouched(plain, marked):
    stems = marked.root / "stems"
    dialogue = sum(steps(path) for path in sorted(stems.glob("DX_*.wav")))
    assert (dialogue == steps(stems / "DX.wav")).all()
    assert (steps(stems / "DX.wav") + steps(stems / "ME.wav") == steps(stems / "MIX.wav")).all()
    assert (steps(stems / "ME.wav") == steps(plain.root / "stems" / "ME.wav")).all()
    assert (steps(stems / "DX.wav") != steps(plain.root / "stems" / "DX.wav")).any()


def test_the_mark_is_found_in_the_film_and_where_it_is(marked):
    engine = fakes.specs()[Kind.WATERMARK].create({})
    (found,) = find_file_marks(marked.root / "deliver/es/toy.es.mp4", engine)
    assert (found.track, found.length) == (1, toy.LENGTH)
    spoken = [line for line in marked.load().lines if not line.take.human]
    assert found.stretches[0].start > marked.load().lines[0].placement.start
    assert 0 < found.marked_seconds < toy.LENGTH / 48_000
    for line in spoken:
        middle = (line.placement.start + line.placement.end) // 2
        assert any(one.start <= middle < one.end for one in found.stretches), line.id


def test_the_claims_name_it_where_it_is(marked):
    pytest.importorskip("c2pa")
    root, (human, spoken, *_) = marked.root, marked.load().lines
    film = read_provenance(root / "deliver/es/toy.es.mp4")
    assert film.facts["watermark"] == "toy-watermark 1"
    assert film.actions[-1] == "c2pa.watermarked.unbound"
    assert read_provenance(root / "takes/placed" / Path(spoken.take.file).name).facts["watermark"]
    for path in (
        root / spoken.take.file,
        root / "takes/placed" / Path(human.take.file).name,
        root / "stems/ME.wav",
    ):
        facts = read_provenance(path).facts
        assert "watermark" not in facts, path
        assert "watermark" not in facts["engines"], path


def test_a_second_delivery_marks_nothing_again_and_off_gives_the_old_bytes(plain, marked, tmp_path):
    project = Project(Path(shutil.copytree(marked.root, tmp_path / marked.root.name)))
    calls = fakes.Calls()
    deliver(project, MARKED, calls=calls)
    assert calls.count[Kind.WATERMARK] == 0
    assert bytes_of(project.root, "stems") == bytes_of(marked.root, "stems")
    deliver(project, PLAIN, plain.load())
    assert bytes_of(project.root, "takes/placed", "stems") == bytes_of(plain.root, "takes/placed", "stems")
    assert "watermark" not in project.load().engines


def test_a_watermark_that_is_not_there_is_refused_before_any_work(plain, monkeypatch):
    def ask(name):
        pipeline.redo(plain, plain.load(), replace(PLAIN, engines=EngineSettings(watermark=name)))

    with pytest.raises(UnknownEngineError, match="no watermark engine called 'ink'"):
        ask("ink")
    monkeypatch.setattr("rythmo.engines.local.wheel_weights.find_in_package", lambda *_: None)
    with pytest.raises(EngineMissingError, match="the weights of Perth") as refused:
        ask("perth")
    assert 'pip install "rythmo[watermark]"' in refused.value.hint
