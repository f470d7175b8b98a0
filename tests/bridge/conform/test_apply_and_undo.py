"""An edit of sound, cuts and takes is applied to the sample and undone to the byte."""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import toy

from rythmo.cli.app import main
from rythmo.dubbing import pipeline, project_edits
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.media.wav import WavReader
from rythmo.project.workspace import Project
from rythmo.script import edits
from rythmo.settings import DeliverSettings, Settings
from rythmo_bridge.commands import conform as conform_command
from rythmo_bridge.formats.registry import formats, read_timeline
from rythmo_bridge.timeline import Item

pytestmark = pytest.mark.usefixtures("signed_deliveries")

TREES = ("script.json", "takes", "stems", "deliver", "qc")


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return toy.write_film(tmp_path_factory.mktemp("film") / "toy.mp4")


@pytest.fixture(scope="module")
def made(film, tmp_path_factory):
    out = tmp_path_factory.mktemp("dub")
    job = Job(source=film, out=out, target_language="es", source_language="en")
    settings = Settings(deliver=DeliverSettings("otio,fcp7"))
    return pipeline.dub(job, settings, engines=fakes.specs())


@pytest.fixture
def dubbed(made, tmp_path, monkeypatch):
    """A copy of the dub for each test, with its timelines written anew: they name its files."""
    root = tmp_path / made.project.root.name
    shutil.copytree(made.project.root, root)
    settings = Settings(deliver=DeliverSettings("otio,fcp7"))
    result = pipeline.redo(Project(root), made.script, settings, engines=fakes.specs())
    with_fakes = partial(project_edits.edit_project, engines=fakes.specs())
    monkeypatch.setattr(conform_command, "edit_project", with_fakes)
    return result


def _bytes(root: Path) -> dict[str, str]:
    paths = [p for tree in TREES for p in [root / tree, *(root / tree).rglob("*")] if p.is_file()]
    return {p.relative_to(root).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def _edited(result, change, name: str = "otio", suffix: str = ".otio") -> Path:
    (path,) = (p for p in result.deliveries if p.suffix == suffix)
    timeline = read_timeline(path)
    tracks = tuple(
        replace(t, items=tuple(new for item in t.items for new in change(item))) for t in timeline.tracks
    )
    target = path.parents[3] / f"edited{suffix}"
    return formats()[name].write(replace(timeline, tracks=tracks), target)[0]


def _stem(root: Path, speaker: str) -> np.ndarray:
    with WavReader(root / "stems" / f"DX_{speaker}.wav") as reader:
        return reader.read_int(0, reader.length)[0]


def _conform(result, *arguments: str) -> int:
    return main(["conform", str(result.project.root), *map(str, arguments)])


@pytest.mark.parametrize(("name", "suffix"), [("otio", ".otio"), ("fcp7", ".xml")])
def test_level_mute_fades_and_cuts_are_heard_and_come_back(dubbed, name, suffix, capsys):
    root = dubbed.project.root
    quiet, muted, faded, cut, *others = dubbed.script.lines
    frames = 3
    step = round(48_000 / dubbed.script.programme.rate) * frames

    def change(item: Item) -> list[Item]:
        if item.line == quiet.id:
            return [replace(item, gain_db=-6.0)]
        if item.line == muted.id:
            return [replace(item, enabled=False)]
        if item.line == faded.id:
            return [replace(item, fade_in=step, fade_out=step)]
        if item.line == cut.id:
            return [
                replace(
                    item, start=item.start + step, source=item.source + step, length=item.length - 2 * step
                )
            ]
        return [item]

    before, stems = _bytes(root), {s.id: _stem(root, s.id) for s in dubbed.script.speakers}
    edited = _edited(dubbed, change, name, suffix)
    assert _conform(dubbed, edited, "--apply") == 0
    capsys.readouterr()
    now = dubbed.project.load()
    assert now.line(quiet.id).clip.gain_db == pytest.approx(-6.0, abs=0.02)
    assert now.line(muted.id).clip.muted
    assert now.line(faded.id).clip.fade_in == pytest.approx(step, abs=2_002)
    assert now.line(cut.id).clip.head == pytest.approx(step, abs=2_002)

    def heard(line):
        start, end = line.placement.start, line.placement.end
        return stems[line.speaker][start:end], _stem(root, line.speaker)[start:end]

    old, new = heard(quiet)
    assert np.abs(new - old * 10 ** (-6 / 20)).max() <= 60
    assert not heard(muted)[1].any()
    old, new = heard(faded)
    middle = slice(2 * step, -2 * step)
    assert np.array_equal(old[middle], new[middle])
    assert np.abs(new[:50]).max() <= np.abs(old[:50]).max() / 10 + 1
    old, new = heard(cut)
    clip = now.line(cut.id).clip
    assert not new[: clip.head].any()
    assert np.array_equal(new[clip.head : len(new) - clip.tail], old[clip.head : len(old) - clip.tail])
    for line in others:
        assert np.array_equal(*heard(line)), line.id
    takes = {k: v for k, v in before.items() if k.startswith("takes/")}
    assert takes.items() <= _bytes(root).items(), "no take is made again for a cut or a level"

    # What was delivered again holds it; and neither that nor the same edit changes anything.
    delivered = root / "deliver" / "es" / f"toy.es{suffix}"
    for again in (edited, delivered):
        assert _conform(dubbed, again, "--apply") == 0
        assert "There is nothing to apply." in capsys.readouterr().out
    assert _conform(dubbed, "--undo") == 0
    assert _bytes(root) == before
    assert _conform(dubbed, "--undo") == 1


def test_a_take_that_the_editor_chose_is_the_one_that_plays(dubbed, capsys):
    root, line = dubbed.project.root, dubbed.script.lines[0]
    asked = edits.request_another_take(dubbed.script, line.id)
    settings = Settings(deliver=DeliverSettings("otio"))
    result = pipeline.redo(dubbed.project, asked, settings, engines=fakes.specs())
    chosen = result.script.line(line.id).chosen
    other = next(take for take in result.script.line(line.id).takes if take.id != chosen)
    free = replace(result.script.line(line.id), edited=())
    dubbed.project.save(result.script.with_line(free))
    before = _bytes(root)

    def change(item: Item) -> list[Item]:
        if item.line != line.id:
            return [item]
        return [replace(item, name=Path(other.file).stem, media="other")]

    (path,) = (p for p in result.deliveries if p.suffix == ".otio")
    timeline = read_timeline(path)
    media = next(timeline.media_of(i) for _, i in timeline.items() if i.line == line.id)
    swapped = replace(media, id="other", name=Path(other.file).name, path=root / other.file, start=0)
    tracks = tuple(
        replace(t, items=tuple(new for item in t.items for new in change(item))) for t in timeline.tracks
    )
    timeline = replace(timeline, tracks=tracks, media={**timeline.media, "other": swapped})
    (edited,) = formats()["otio"].write(timeline, root.parent / "edited.otio")
    assert _conform(dubbed, edited, "--apply") == 0
    assert dubbed.project.load().line(line.id).chosen == other.id
    capsys.readouterr()
    assert _conform(dubbed, edited, "--apply") == 0
    assert "There is nothing to apply." in capsys.readouterr().out
    assert _conform(dubbed, "--undo") == 0
    assert _bytes(root) == before


def test_a_conform_that_fails_leaves_the_project_as_it_was(dubbed, monkeypatch, capsys):
    from rythmo.errors import EngineFailedError

    root, line = dubbed.project.root, dubbed.script.lines[0].id

    def fails(project, change, settings, **named):
        (project.root / "takes" / "placed" / "half.wav").write_bytes(b"half")
        (project.root / "stems" / "MIX.wav").write_bytes(b"half")
        raise EngineFailedError("The engine is gone.", hint="Start it.")

    monkeypatch.setattr(conform_command, "edit_project", fails)
    before = _bytes(root)
    edited = _edited(dubbed, lambda item: [] if item.line == line else [item])
    assert _conform(dubbed, edited, "--apply") == 1
    assert _bytes(root) == before
    assert "The engine is gone." in capsys.readouterr().err


def test_undo_is_refused_after_a_later_edit(dubbed, capsys):
    line = dubbed.script.lines[0].id
    edited = _edited(dubbed, lambda item: [] if item.line == line else [item])
    assert _conform(dubbed, edited, "--apply") == 0
    script = dubbed.project.load()
    dubbed.project.save(edits.edit_line(script, script.lines[0].id, translation="algo"))
    before = _bytes(dubbed.project.root)
    capsys.readouterr()
    assert _conform(dubbed, "--undo") == 1
    assert "changed after that conform" in capsys.readouterr().err
    assert _bytes(dubbed.project.root) == before


def test_wrong_timelines_lose_nothing_and_say_so(dubbed, tmp_path, capsys):
    before = _bytes(dubbed.project.root)
    empty = _edited(dubbed, lambda item: [])
    assert _conform(dubbed, empty, "--apply") == 1
    assert "not an edit of this dub" in capsys.readouterr().err
    some = _edited(dubbed, lambda item: [item] if item.line in (None, dubbed.script.lines[0].id) else [])
    assert _conform(dubbed, some) == 1
    assert _conform(dubbed, some, "--apply", "--json") == 1
    assert "Nothing was changed." in json.dumps(capsys.readouterr())
    assert _bytes(dubbed.project.root) == before


def test_a_conform_is_one_step_of_the_history(dubbed, monkeypatch):
    """It is undone by `rythmo line --undo` too, with every file; done again it is the same again."""
    toys = fakes.specs()
    monkeypatch.setattr("rythmo.engines.registry.choose", lambda kind, *_, **__: toys[kind])
    root, line = dubbed.project.root, dubbed.script.lines[0].id
    before = _bytes(root)
    edited = _edited(dubbed, lambda item: [] if item.line == line else [item])
    assert _conform(dubbed, edited, "--apply") == 0
    after = _bytes(root)
    assert main(["line", str(root), "--undo"]) == 0
    assert _bytes(root) == before
    assert main(["line", str(root), "--redo"]) == 0
    assert {name: text for name, text in _bytes(root).items() if "stems/DX" in name} == {
        name: text for name, text in after.items() if "stems/DX" in name
    }
    assert line not in {one.id for one in dubbed.project.load().lines}
    assert main(["line", str(root), "--undo"]) == 0
    assert [one.id for one in dubbed.project.load().lines] == [one.id for one in dubbed.script.lines]


def test_what_is_delivered_after_a_conform_names_source_and_edit_until_it_is_undone(dubbed):
    c2pa = pytest.importorskip("c2pa")
    root, first = dubbed.project.root, dubbed.script.lines[0]
    edited = _edited(dubbed, lambda item: [replace(item, gain_db=-6.0)] if item.line == first.id else [item])
    digest = hashlib.sha256(edited.read_bytes()).hexdigest()

    def chain() -> set[tuple[str, str, str]]:
        """The ingredients of the mix, by c2pa's own reader."""
        manifest = (root / "deliver/es/provenance/stems/MIX.c2pa").read_bytes()
        with (
            (root / "stems/MIX.wav").open("rb") as sound,
            c2pa.Reader("audio/wav", sound, manifest) as reader,
        ):
            store = json.loads(reader.json())
        assert store["validation_state"] == "Valid"
        ingredients = store["manifests"][store["active_manifest"]]["ingredients"]
        return {(one["title"], one["relationship"], one["description"]) for one in ingredients}

    source = hashlib.sha256(Path(dubbed.script.programme.source).read_bytes()).hexdigest()
    parent = ("toy.mp4", "parentOf", f"sha256 {source}")
    assert chain() == {parent}
    assert _conform(dubbed, edited, "--apply") == 0
    followed = (edited.name, "inputTo", f"sha256 {digest}")
    assert chain() == {parent, followed}
    again = pipeline.redo(
        Project(root), Project(root).load(), Settings(deliver=DeliverSettings("otio")), engines=fakes.specs()
    )
    assert chain() == {parent, followed}, "a delivery again keeps the chain"
    assert _conform(replace(dubbed, script=again.script), "--undo") == 0
    assert chain() == {parent}
