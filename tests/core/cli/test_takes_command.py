"""`rythmo takes`: files that people recorded become takes of the lines that their names hold."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from rythmo.cli import main
from rythmo.dubbing import pipeline, quality_check
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.engines.fakes import tone
from rythmo.media.activity import find_activity
from rythmo.media.bwf import Bext, BwfWriter
from rythmo.media.wav import read_audio, to_int24
from rythmo.project.workspace import Project
from rythmo.script.human_takes import HUMAN_OUT_OF_DATE
from rythmo.script.locks import set_locked
from rythmo.script.takes import HUMAN
from rythmo.settings import DeliverSettings, Settings
from rythmo.timebase import time_reference

RATE = 48_000
LEAD = 0.25


def recording(length, *, hertz=300, rate=RATE, lead=LEAD, level=1.0):
    """A quarter of a second of silence, then `length` samples at 48 kHz of a tone; mono at `rate`."""
    sound = level * tone(hertz, length)
    whole = np.concatenate([np.zeros(round(lead * RATE), np.float32), sound, np.zeros(4800, np.float32)])
    if rate == RATE:
        return whole
    import soxr

    return soxr.resample(whole, RATE, rate, quality="VHQ")


@pytest.fixture
def takes(tmp_path, project):
    """A folder of recordings for the first four lines, as studios deliver them."""
    folder = tmp_path / "recorded"
    folder.mkdir()
    one, two, three, four = (line.id for line in project.load().lines[:4])
    left = np.stack([recording(30_000), np.zeros_like(recording(30_000))], axis=1)
    against = np.stack([recording(30_000, rate=96_000), -recording(30_000, rate=96_000)], axis=1)
    soundfile.write(folder / f"{one}_take1.wav", recording(40_000, rate=44_100), 44_100, subtype="PCM_16")
    soundfile.write(folder / f"{one}_take2.wav", recording(44_000, hertz=310), RATE, subtype="FLOAT")
    soundfile.write(folder / f"{two}.flac", left, RATE, subtype="PCM_24")
    soundfile.write(
        folder / f"{three.lower().replace('_', '-')} (good).aiff", against, 96_000, subtype="PCM_24"
    )
    soundfile.write(folder / f"{four}.ogg", recording(50_000, rate=22_050), 22_050)
    return folder


def onset_of(path):
    active = find_activity(read_audio(path).samples[0], RATE)
    return active.start


def test_without_apply_the_pairs_are_only_shown(call, project, takes):
    before = project.script_file.read_bytes()
    code, said = call("takes", project, takes)
    assert (code, said["applied"]) == (0, False)
    assert [row for row in said["rows"] if row["code"]] == []
    assert said["counts"] == {"takes": 5, "lines": 4, "known": 0, "refused": 0}
    lines = [line.id for line in project.load().lines[:4]]
    assert sorted(row["line"] for row in said["rows"]) == sorted([lines[0], *lines])
    assert project.script_file.read_bytes() == before


def test_recordings_are_placed_to_the_sample_levelled_and_marked(call, project, takes, calls):
    code, said = call("takes", project, takes, "--apply")
    assert (code, said["applied"], calls.spoken) == (0, True, [])
    script = project.load()
    for line in script.lines[:4]:
        assert line.take is not None and line.take.human and line.take.engine == HUMAN
        assert line.placement is not None and (line.placement.start, line.placement.speed) == (
            line.start,
            1.0,
        )
        stem = read_audio(project.stems / f"DX_{line.speaker}.wav").samples[0]
        before = line.start - RATE // 4
        heard = find_activity(stem[before : line.placement.end], RATE)
        assert abs(before + heard.start - line.start) <= RATE // 1000, (
            "within a millisecond, also from 44.1 kHz"
        )
        assert float(np.abs(stem[line.start : line.placement.end]).max()) > 0.01
        take = soundfile.info(project.file(line.take.file))
        assert (take.samplerate, take.channels, take.subtype) == (RATE, 1, "PCM_24")
    first = script.lines[0]
    assert [take.human for take in first.takes] == [False, True, True]
    assert first.take.source.endswith("_take2.wav"), "the last take is chosen"
    assert not script.lines[4].take.human, "the dub is mixed of people and engines"
    rows = json.loads((project.root / "deliver" / "es" / "toy.es.otio").read_text())
    assert json.dumps(rows).count('"voice": "human"') == 4


def test_it_is_undone_in_one_step_and_another_take_comes_back(call, project, takes):
    chosen = [line.chosen for line in project.load().lines]
    mix = (project.stems / "MIX.wav").read_bytes()
    call("takes", project, takes, "--apply")
    assert call("line", project, "--undo")[0] == 0
    undone = project.load()
    assert [line.chosen for line in undone.lines] == chosen
    assert (project.stems / "MIX.wav").read_bytes() == mix
    assert len(undone.lines[0].takes) == 3, "takes are kept"
    call("line", project, undone.lines[0].id, "--use", "t02")
    assert project.load().lines[0].take.source.endswith("_take1.wav")
    # The same files again are the takes that are there.
    code, said = call("takes", project, takes, "--apply")
    assert (code, said["counts"]["known"]) == (0, 5)
    assert len(project.load().lines[0].takes) == 3


def test_neither_words_nor_voices_replace_it(call, project, takes, calls):
    call("takes", project, takes, "--apply")
    line = project.load().lines[0]
    sound = project.file(line.take.file).read_bytes()
    code, _ = call("line", project, line.id, "--translation", "Otra cosa.")
    kept = project.load().lines[0]
    assert (code, kept.chosen, calls.spoken) == (0, line.chosen, [])
    assert HUMAN_OUT_OF_DATE in {flag.code for flag in kept.flags}
    call("line", project, line.id, "--direction", "softly")
    other = next(one.id for one in project.load().speakers if one.id != line.speaker)
    call("line", project, line.id, "--speaker", other)
    assert (project.load().lines[0].chosen, calls.spoken) == (line.chosen, [])
    call("line", project, line.id, "--translation", line.translation)
    assert HUMAN_OUT_OF_DATE not in {flag.code for flag in project.load().lines[0].flags}
    assert project.file(line.take.file).read_bytes() == sound
    call("line", project, line.id, "--again")
    assert not project.load().lines[0].take.human, "a person asked for it"


def test_wrong_files_are_refused_one_by_one(call, project, takes):
    script = project.load()
    one, two = script.lines[0].id, script.lines[1].id
    project.save(set_locked(script, [two], locked=True))
    bad = takes.parent / "bad"
    bad.mkdir()
    (bad / f"{one}_text.wav").write_text("no sound")
    soundfile.write(bad / "notes.wav", recording(30_000), RATE)
    soundfile.write(bad / "S9_0099.wav", recording(30_000), RATE)
    soundfile.write(bad / f"{one}_silent.wav", np.zeros(RATE), RATE)
    soundfile.write(bad / f"{one}_long.wav", recording(RATE * 9), RATE)
    soundfile.write(bad / f"{two}.wav", recording(30_000), RATE)
    soundfile.write(bad / f"{one}.wav", recording(30_000), RATE)
    soundfile.write(bad / f"{one} copy.wav", recording(30_000), RATE)
    code, said = call("takes", project, bad, "--apply")
    refused = {row["name"]: row["code"] for row in said["rows"]}
    assert code == 0
    assert refused == {
        f"{one}_text.wav": "unreadable",
        "notes.wav": "no-id",
        "S9_0099.wav": "unknown-line",
        f"{one}_silent.wav": "unreadable",
        f"{one}_long.wav": "too-long",
        f"{two}.wav": "locked",
        f"{one} copy.wav": "",
        f"{one}.wav": "same-file",
    }
    assert all(row["refusal"].endswith((".", ")")) for row in said["rows"] if row["code"])
    reasons = {row["name"]: row["refusal"] for row in said["rows"]}
    assert reasons[f"{one}_text.wav"].startswith("It is ")
    assert reasons[f"{one}_silent.wav"].startswith("The take is silent.")
    assert project.load().lines[0].take.human
    assert not project.load().lines[1].take.human


def test_one_file_for_one_line_whatever_its_name(call, project, takes):
    line = project.load().lines[2]
    file = takes.parent / "take from the phone.wav"
    soundfile.write(file, recording(20_000), RATE)
    code, said = call("takes", project, file, "--line", line.id, "--layout", "fitted", "--apply")
    assert (code, said["lines"]) == (0, [line.id])
    assert project.load().line(line.id).layout == "fitted"
    code, said = call("line", project, line.id, "--layout", "recorded")
    assert (code, said["event"]) == (1, "error")


def test_a_time_reference_says_where_it_was_recorded(call, project, takes):
    script = project.load()
    line = script.lines[1]
    programme = script.programme
    late = 3_001
    lead = round(LEAD * RATE)
    reference = time_reference(programme.start_frame, programme.rate) + line.start + late - lead
    sound = to_int24(recording(25_000)[np.newaxis])
    path = takes.parent / f"{line.id}_bwf.wav"
    with BwfWriter(path, RATE, 1, Bext(time_reference=reference), length=sound.shape[1]) as writer:
        writer.write(sound)
    call("takes", project, path, "--apply")
    assert project.load().line(line.id).placement.start == line.start, (
        "unless asked, the onset is on the line"
    )
    call("line", project, line.id, "--layout", "recorded")
    placed = project.load().line(line.id)
    assert abs(placed.placement.start - line.start - late) < RATE // 1000
    assert not {flag.code for flag in placed.flags} & {"misplaced", "overrun"}
    report, _, _ = quality_check.measure(project, deaf=True)
    (found,) = (one for one in report.lines if one.id == line.id)
    assert (found.voice, abs(found.placement_ms) <= 1) == ("human", True)
    assert "misplaced" not in {one.code for one in report.findings if one.line == line.id}


def test_takes_of_people_are_listed(project, takes, capsys):
    assert main(["takes", str(project.root), str(takes), "--apply"]) == 0
    capsys.readouterr()
    assert main(["takes", str(project.root)]) == 0
    said = capsys.readouterr().out
    assert "4 of 5 lines are spoken by people." in said
    assert main(["line", str(project.root), project.load().lines[0].id]) == 0
    assert "*t03  human" in capsys.readouterr().out


def test_a_further_language_begins_without_them(call, project, takes, dubbed):
    call("takes", project, takes, "--apply")
    film = dubbed.root.parent / "toy.mp4"
    pipeline.dub(
        Job(film, "pt", "en", project.root.parent),
        Settings(deliver=DeliverSettings("otio")),
        engines=fakes.specs(),
    )
    further = Project(project.root / "languages" / "pt").load()
    assert not any(line.has_human_take for line in further.lines)
    assert project.load().lines[0].has_human_take
    # The film dubbed again leaves people as they are.
    calls = fakes.Calls()
    pipeline.dub(
        Job(film, "es", "en", project.root.parent),
        Settings(deliver=DeliverSettings("otio")),
        engines=fakes.specs(calls),
    )
    again = project.load()
    assert [line.has_human_take for line in again.lines] == [True] * 4 + [False]
    assert calls.spoken == []
