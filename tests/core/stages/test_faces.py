"""Who is on screen, from the film to the script, with faces and voices that are known."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace

import pytest
from face_film import FilmedShot, Square, write_film
from face_scene import GREEN, SECOND, SETTINGS, SHOTS, SPEECH

from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.dubbing.project_edits import edit_project, undo_edit
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.errors import CancelledError
from rythmo.project.workspace import Project
from rythmo.qc.report import decode_report
from rythmo.script.edits import edit_line
from rythmo.script.face_edits import name_face, set_presence
from rythmo.script.on_screen import LipLimit, Presence
from rythmo.settings import FaceSettings
from rythmo.stages import face_rows
from rythmo.stages.faces import DISAGREES, load_faces


def dub(film, out, calls=None, settings=SETTINGS, **more):
    job = Job(film, "es", "en", out)
    return pipeline.dub(job, settings, engines=fakes.specs(calls), **more)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return write_film(tmp_path_factory.mktemp("film") / "faces.mp4", SHOTS, SPEECH)


@pytest.fixture(scope="module")
def done(film, tmp_path_factory):
    calls = fakes.Calls()
    result = dub(film, tmp_path_factory.mktemp("done"), calls)
    return result, calls


@pytest.fixture
def mine(done, tmp_path):
    root = tmp_path / done[0].project.root.name
    shutil.copytree(done[0].project.root, root)
    return Project(root)


def test_each_line_says_whether_its_speaker_is_seen(done) -> None:
    seen = [line.on_screen for line in done[0].script.lines]
    assert [one.presence for one in seen] == [
        Presence.ON,
        Presence.ON,
        Presence.OFF,  # the phone; the face that is there is known to be somebody else's
        Presence.PARTLY,
        Presence.ON,
    ]
    assert seen[3].share == pytest.approx(0.5, abs=0.1)
    assert seen[4].limits == (LipLimit.PROFILE,)
    assert not any(line.flags and DISAGREES in {f.code for f in line.flags} for line in done[0].script.lines)


def test_the_mouths_are_measured_against_the_original(done) -> None:
    first, second, phone = (line.on_screen for line in done[0].script.lines[:3])
    assert min(first.sync, second.sync) > 0.6
    assert abs(first.lag_ms) <= 80
    assert phone.sync is None


def test_shots_tracks_and_people_are_kept(done) -> None:
    faces = load_faces(done[0].project)
    assert [(shot.first, shot.last) for shot in faces.shots] == [
        (0, 145),
        (145, 220),
        (220, 250),
        (250, 305),
        (305, 365),
    ]
    by_speaker = faces.speakers
    assert set(by_speaker.values()) == {"S1", "S2"}
    for track in faces.tracks:
        shot = faces.shots[track.shot]
        assert shot.first <= track.first < track.last <= shot.last


def test_a_face_that_is_only_seen_from_the_side_is_nobody_known(tmp_path) -> None:
    shots = (FilmedShot(75, (Square(GREEN, 160, side=80, turned=True, says=1),)),)
    (line,) = dub(write_film(tmp_path / "side.mp4", shots, SPEECH[:1]), tmp_path / "out").script.lines
    assert line.on_screen.presence is Presence.UNCLEAR


def test_the_report_has_the_mouth_with_both_sounds(done) -> None:
    report = decode_report((done[0].project.root / "qc" / "report.json").read_bytes())
    first, _, phone = report.lines[:3]
    assert (first.on_screen, phone.on_screen) == ("on", "off")
    assert first.sync_original > 0.6
    assert -1 <= first.sync_dub < first.sync_original  # the fake voice is a plain tone
    assert phone.sync_dub is None
    page = (done[0].project.root / "qc" / "report.html").read_text(encoding="utf-8")
    assert "Mouth, dub" in page
    assert "off screen" in page


def test_timelines_and_dialogue_list_say_who_is_seen(done, tmp_path) -> None:
    formats = replace(SETTINGS.deliver, formats="otio,csv")
    root = tmp_path / done[0].project.root.name
    shutil.copytree(done[0].project.root, root)
    result = pipeline.redo(
        Project(root), done[0].script, replace(SETTINGS, deliver=formats), engines=fakes.specs()
    )
    otio, table = (next(p for p in result.deliveries if p.suffix == suffix) for suffix in (".otio", ".csv"))
    assert '"on_screen": "off"' in otio.read_text(encoding="utf-8")
    rows = list(csv.DictReader(table.read_text(encoding="utf-8-sig").splitlines()))
    assert [row["on screen"] for row in rows] == ["ON", "ON", "OFF", "ON_OFF", "ON"]


def test_without_the_setting_nobody_looks(film, tmp_path) -> None:
    calls = fakes.Calls()
    result = dub(film, tmp_path, calls, replace(SETTINGS, faces=FaceSettings()))
    assert calls.count[Kind.FACE_TRACKER] == 0
    assert {line.on_screen for line in result.script.lines} == {None}
    assert load_faces(result.project) is None


def test_a_second_run_looks_at_no_frame(film, mine) -> None:
    calls = fakes.Calls()
    again = dub(film, mine.root.parent, calls)
    assert calls.count[Kind.FACE_TRACKER] == 0
    assert [line.on_screen for line in again.script.lines] == [line.on_screen for line in mine.load().lines]


def test_a_stopped_run_goes_on_with_the_chunk_that_it_was_in(film, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(face_rows, "_CHUNK_SECONDS", 4)
    whole = fakes.Calls()
    dub(film, tmp_path / "whole", whole)

    def stop(event):
        if event.stage == face_rows.STAGE and event.done >= 200:
            raise CancelledError("stopped")

    first, second = fakes.Calls(), fakes.Calls()
    with pytest.raises(CancelledError):
        dub(film, tmp_path / "cut", first, report=stop)
    dub(film, tmp_path / "cut", second)
    assert first.count[Kind.FACE_TRACKER] + second.count[Kind.FACE_TRACKER] == whole.count[Kind.FACE_TRACKER]


def test_a_damaged_chunk_is_found_again(film, mine) -> None:
    (stored, *_) = (mine.home / "cache" / face_rows.FOLDER).glob("*.npz")
    data = bytearray(stored.read_bytes())
    data[len(data) // 2] ^= 1
    stored.write_bytes(bytes(data))
    calls = fakes.Calls()
    dub(film, mine.root.parent, calls)
    assert calls.count[Kind.FACE_TRACKER] > 0
    stored.write_bytes(b"PK\x05\x06 not an archive")
    dub(film, mine.root.parent, fakes.Calls())
    assert load_faces(mine) is not None


def change(project, edit):
    return edit_project(project, edit, SETTINGS, what="test", engines=fakes.specs()).result.script


def test_a_person_decides_about_a_line_and_it_stays(film, mine) -> None:
    line_id = mine.load().lines[0].id
    script = change(mine, lambda script: set_presence(script, line_id, Presence.OFF))
    assert script.line(line_id).on_screen.presence is Presence.OFF
    again = dub(film, mine.root.parent).script
    assert again.line(line_id).on_screen.presence is Presence.OFF
    script = change(mine, lambda script: set_presence(script, line_id, None))
    assert script.line(line_id).on_screen.presence is Presence.ON


def test_a_person_decides_who_a_face_is(film, mine) -> None:
    faces, script = load_faces(mine), mine.load()
    phone = script.lines[2]
    green = next(person for person in faces.people if person.speaker == script.lines[1].speaker)
    script = change(mine, lambda script: name_face(script, *green.example, phone.speaker))
    assert script.lines[2].on_screen.presence is Presence.ON
    assert script.lines[1].on_screen.presence is Presence.OFF
    assert dub(film, mine.root.parent).script.lines[2].on_screen.presence is Presence.ON
    undo_edit(mine, SETTINGS, engines=fakes.specs())
    assert mine.load().lines[1].on_screen.presence is Presence.ON


def test_a_face_that_contradicts_the_voice_is_a_flag(mine) -> None:
    first, second = mine.load().lines[:2]
    script = change(mine, lambda script: edit_line(script, first.id, speaker=second.speaker))
    (flag,) = [flag for flag in script.line(first.id).flags if flag.code == DISAGREES]
    assert first.speaker in flag.message or "Speaker 1" in flag.message
    assert script.line(first.id).on_screen.presence is Presence.ON  # the green face is there too


def test_a_late_sound_is_found_once_for_the_file(tmp_path) -> None:
    late = write_film(tmp_path / "late.mp4", SHOTS[:1], SPEECH[:2], late=8 * SECOND // 25)
    result = dub(late, tmp_path / "out")
    faces = load_faces(result.project)
    assert abs(faces.lag - 8) <= 1
    assert len(faces.speakers) == 2


def test_faces_json_is_plain_json_without_pixels(done) -> None:
    text = (done[0].project.home / "faces.json").read_text(encoding="utf-8")
    assert set(json.loads(text)) >= {"shots", "people", "tracks", "chunks", "lag"}
    assert len(text) < 10_000
