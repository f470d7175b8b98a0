"""A dubbed toy film is delivered, edited and conformed: only what was edited changes."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
import toy

from rythmo.cli.app import main
from rythmo.dubbing import pipeline, project_edits
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.settings import DeliverSettings, Settings
from rythmo.timebase import frames_to_samples
from rythmo_bridge.commands import conform as conform_command
from rythmo_bridge.conform.changes import Fate
from rythmo_bridge.conform.classify import classify
from rythmo_bridge.conform.conformed_script import plan_conform
from rythmo_bridge.deliver import project_timeline
from rythmo_bridge.formats.registry import formats, read_timeline
from rythmo_bridge.timeline import Item, Kind

SETTINGS = Settings(deliver=DeliverSettings("otio,fcp7"))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return toy.write_film(tmp_path_factory.mktemp("film") / "toy.mp4")


def _dub(film, folder):
    job = Job(source=film, out=folder, target_language="es", source_language="en")
    return pipeline.dub(job, SETTINGS, engines=fakes.specs())


@pytest.fixture(scope="module")
def done(film, tmp_path_factory):
    """Shared by tests that only look."""
    return _dub(film, tmp_path_factory.mktemp("done"))


@pytest.fixture
def fresh(film, tmp_path):
    """For tests that do it again."""
    return _dub(film, tmp_path)


def _edit(result, suffix, change) -> Path:
    """Read a delivery back, let `change` give each line's items, write it again."""
    (path,) = (p for p in result.deliveries if p.suffix == suffix)
    timeline = read_timeline(path)
    tracks = tuple(
        replace(track, items=_sorted(new for item in track.items for new in change(track, item)))
        for track in timeline.tracks
    )
    name = {".otio": "otio", ".xml": "fcp7"}[suffix]
    (edited,) = formats()[name].write(replace(timeline, tracks=tracks), path.with_name(f"edited{suffix}"))
    return edited


def _sorted(items) -> tuple[Item, ...]:
    return tuple(sorted(items, key=lambda item: item.start))


def _delivered(result):
    return project_timeline(result.project.root, result.script, Path(result.script.programme.source))


def _placed(result) -> dict[str, bytes]:
    folder = result.project.root / "takes" / "placed"
    return {path.stem[:7]: path.read_bytes() for path in sorted(folder.glob("*.wav"))}


@pytest.mark.parametrize("suffix", [".otio", ".xml"])
def test_an_untouched_timeline_is_the_same(done, suffix):
    edited = _edit(done, suffix, lambda track, item: [item])
    changes = classify(_delivered(done), read_timeline(edited))
    assert [change.fates for change in changes] == [(Fate.SAME,)] * len(done.script.lines)
    assert not plan_conform(done.script, changes).changed


@pytest.mark.parametrize("suffix", [".otio", ".xml"])
def test_only_what_was_touched_is_done_again(fresh, suffix):
    moved, gone, *others = (line.id for line in fresh.script.lines[1:])
    later = frames_to_samples(6, fresh.script.programme.rate)

    def change(track, item: Item) -> list[Item]:
        if item.line == gone:
            return []
        return [replace(item, start=item.start + later) if item.line == moved else item]

    edited = _edit(fresh, suffix, change)
    wanted = plan_conform(fresh.script, classify(_delivered(fresh), read_timeline(edited)))
    assert (wanted.changed, wanted.deleted, wanted.conflicts) == ((moved,), (gone,), ())
    before, calls = _placed(fresh), fakes.Calls()
    again = pipeline.redo(fresh.project, wanted.script, SETTINGS, engines=fakes.specs(calls))
    assert not calls.spoken
    shift = again.script.line(moved).placement.start - fresh.script.line(moved).placement.start
    assert abs(shift - later) <= 1
    assert gone not in {line.id for line in again.script.lines}
    after = _placed(again)
    kept = [fresh.script.lines[0].id, *others]
    assert kept
    assert all(after[line] == before[line] for line in kept)
    back = classify(_delivered(again), read_timeline(_edit(again, suffix, lambda track, item: [item])))
    assert all(each.same for each in back)


def test_a_line_taken_to_another_speakers_track_is_voiced_by_that_one(fresh):
    line = fresh.script.lines[-1]
    other = next(s.id for s in fresh.script.speakers if s.id != line.speaker)
    timeline = read_timeline(next(p for p in fresh.deliveries if p.suffix == ".otio"))
    (item,) = (item for _, item in timeline.items() if item.line == line.id)
    tracks = tuple(
        replace(
            track,
            items=tuple(
                sorted(
                    [
                        *(i for i in track.items if i.line != line.id),
                        *([item] if track.speaker == other else []),
                    ],
                    key=lambda i: i.start,
                )
            ),
        )
        for track in timeline.tracks
    )
    changes = classify(_delivered(fresh), replace(timeline, tracks=tracks))
    wanted = plan_conform(fresh.script, changes)
    assert wanted.changed == (line.id,)
    calls = fakes.Calls()
    again = pipeline.redo(fresh.project, wanted.script, SETTINGS, engines=fakes.specs(calls))
    assert again.script.line(line.id).speaker == other
    assert calls.spoken == [line.translation]


def test_copies_and_scattered_pieces_are_conflicts_and_change_nothing(done):
    line = done.script.lines[0].id
    far = done.script.programme.length

    def change(track, item: Item) -> list[Item]:
        return [item, replace(item, start=item.start + far)] if item.line == line else [item]

    edited = _edit(done, ".otio", change)
    changes = classify(_delivered(done), read_timeline(edited))
    wanted = plan_conform(done.script, changes)
    assert [c.line for c in wanted.conflicts] == [line]
    assert (wanted.changed, wanted.deleted) == ((), ())


def test_clips_that_are_nobodys_line_are_shown(done):
    def change(track, item: Item) -> list[Item]:
        if item.line != done.script.lines[0].id:
            return [item]
        return [item, replace(item, name="door slam", line=None, media=None, start=item.end, length=4_800)]

    edited = _edit(done, ".otio", change)
    unknown = [c for c in classify(_delivered(done), read_timeline(edited)) if Fate.UNKNOWN in c.fates]
    assert [c.name for c in unknown] == ["door slam"]


def test_picture_that_moves_without_its_line_is_a_conflict(done):
    (path,) = (p for p in done.deliveries if p.suffix == ".otio")
    timeline = read_timeline(path)
    second = 48_000

    def later(track) -> bool:
        return track.kind is Kind.VIDEO

    tracks = tuple(
        replace(t, items=tuple(replace(i, start=i.start + second) for i in t.items)) if later(t) else t
        for t in timeline.tracks
    )
    changes = classify(_delivered(done), replace(timeline, tracks=tracks))
    assert all("the picture under it moved" in change.conflict for change in changes)


def test_the_command_prints_the_plan_and_leaves_the_project_alone(done, capsys):
    gone = done.script.lines[2].id
    edited = _edit(done, ".xml", lambda track, item: [] if item.line == gone else [item])
    script = (done.project.root / "script.json").read_bytes()
    assert main(["conform", str(done.project.root), str(edited)]) == 0
    shown = capsys.readouterr().out
    assert gone in shown
    assert shown.rstrip().endswith("4 same, 1 deleted.")
    assert main(["conform", str(done.project.root), str(edited), "--json"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["applied"] is False
    assert [c["line"] for c in last["rows"] if c["fates"] == ["deleted"]] == [gone]
    assert (done.project.root / "script.json").read_bytes() == script


def test_the_command_applies_an_edit_and_delivers_again(fresh, monkeypatch, capsys):
    calls = fakes.Calls()
    with_fakes = partial(project_edits.edit_project, engines=fakes.specs(calls))
    monkeypatch.setattr(conform_command, "edit_project", with_fakes)
    moved, gone, *others = (line.id for line in fresh.script.lines[1:])
    later = frames_to_samples(6, fresh.script.programme.rate)

    def change(track, item: Item) -> list[Item]:
        if item.line == gone:
            return []
        return [replace(item, start=item.start + later) if item.line == moved else item]

    edited, before = _edit(fresh, ".xml", change), _placed(fresh)
    assert main(["conform", str(fresh.project.root), str(edited), "--apply", "--json"]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["applied"] is True
    assert last["counts"] == {"same": len(others) + 1, "moved": 1, "deleted": 1}
    assert not calls.spoken
    after = _placed(fresh)
    assert all(after[line] == before[line] for line in (fresh.script.lines[0].id, *others))
    assert gone not in {line.id for line in fresh.project.load().lines}
    delivered = [Path(each["path"] if isinstance(each, dict) else each) for each in last["deliveries"]]
    (again,) = (path for path in delivered if path.suffix == ".xml")
    starts = {i.line: i.start for _, i in read_timeline(again).items() if i.line}
    assert gone not in starts
    was = {i.line: i.start for _, i in read_timeline(edited).items() if i.line}
    assert starts == was
    # What was delivered again is what the editor has: there is nothing more to apply.
    assert main(["conform", str(fresh.project.root), str(again), "--apply"]) == 0
    assert "There is nothing to apply." in capsys.readouterr().out


def test_conflicts_stop_an_apply(done, capsys):
    line = done.script.lines[0].id
    far = done.script.programme.length
    edited = _edit(
        done,
        ".otio",
        lambda track, i: [i, replace(i, start=i.start + far)] if i.line == line else [i],
    )
    script = (done.project.root / "script.json").read_bytes()
    assert main(["conform", str(done.project.root), str(edited), "--apply"]) == 1
    assert "1 line needs a decision" in capsys.readouterr().err
    assert (done.project.root / "script.json").read_bytes() == script


def test_a_timeline_that_cannot_be_read_is_one_line(done, tmp_path, capsys):
    (tmp_path / "bad.otio").write_text("{")
    assert main(["conform", str(done.project.root), str(tmp_path / "bad.otio")]) == 1
    assert "cannot be read" in capsys.readouterr().err
