"""The whole way on a toy film: exact placement, sums, nothing redone, edits, kills."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyloudnorm
import pytest
import soundfile
import toy
import unsigned

from rythmo.dubbing import pipeline, quality_check
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.errors import CancelledError, EngineFailedError, InputError, MediaError, OutputError
from rythmo.media.ffmpeg import find_executable
from rythmo.progress import CancelToken
from rythmo.project.workspace import Project
from rythmo.script import store
from rythmo.settings import DeliverSettings, Settings, SpeakerSettings

SETTINGS = Settings(deliver=DeliverSettings("otio,srt"))
JOB = {"target_language": "es", "source_language": "en"}


def run(source, out, calls=None, settings=SETTINGS, **more):
    job = Job(source=source, out=out, **(JOB | more))
    return pipeline.dub(job, settings, engines=fakes.specs(calls))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return toy.write_film(tmp_path_factory.mktemp("film") / "toy.mp4")


@pytest.fixture(scope="module")
def done(film, tmp_path_factory):
    return run(film, tmp_path_factory.mktemp("done"))


@pytest.fixture
def mine(done, tmp_path):
    """A finished dub of one's own, to change: a copy, for a dub takes seconds."""
    root = tmp_path / done.project.root.name
    shutil.copytree(done.project.root, root)
    return replace(done, project=Project(root))


def stem(project, name):
    samples, rate = soundfile.read(project.stems / f"{name}.wav", dtype="int32", always_2d=True)
    assert rate == 48_000
    return samples.T >> 8


def fingerprints(project: Project) -> dict[str, str]:
    """Everything a user takes away, by content. Timelines name files by their whole path: where the project
    lies is taken out."""
    place = str(project.root.resolve().parent).encode()
    found = {}
    for folder in ("stems", "takes", "deliver", "qc"):
        for path in sorted((project.root / folder).rglob("*")):
            if path.is_file():
                found[str(path.relative_to(project.root))] = hashlib.sha256(
                    path.read_bytes().replace(place, b"")
                ).hexdigest()
    return found


def test_lines_start_at_their_onsets_to_the_frame_of_the_fake(done):
    lines = done.script.lines
    assert len(lines) == len(toy.SCENE)
    for line, (_, start, _) in zip(lines, toy.SCENE, strict=True):
        assert abs(line.start - start) <= 480
        assert line.placement.start == line.start
    assert len({line.speaker for line in lines}) == 3


def test_every_take_sounds_at_its_own_sample(done):
    for line in done.script.lines:
        track = stem(done.project, f"DX_{line.speaker}")[0]
        assert not track[line.start - 200 : line.start].any()
        assert np.abs(track[line.start : line.start + 480]).max() > 1000


def test_stems_sum_to_the_mix(done):
    voices = sum(stem(done.project, f"DX_{speaker.id}") for speaker in done.script.speakers)
    dx, me, mix = (stem(done.project, name) for name in ("DX", "ME", "MIX"))
    assert np.array_equal(np.repeat(voices, 2, axis=0), dx)
    assert np.array_equal(dx + me, mix)


def test_the_bed_is_the_original_to_the_bit_outside_dialogue(done, film):
    raw = subprocess.run(
        [
            find_executable(),
            "-v",
            "error",
            "-i",
            str(film),
            "-f",
            "s32le",
            "-",
        ],
        capture_output=True,
        check=True,
    ).stdout
    original = (np.frombuffer(raw, "<i4").reshape(-1, 2).T >> 8)[:, : toy.LENGTH]
    me = stem(done.project, "ME")[:, : original.shape[1]]
    outside = np.ones(me.shape[1], bool)
    for start, end in done.script.dialogue:
        outside[start:end] = False
    assert 0.2 < outside.mean() < 0.9
    assert np.array_equal(me[:, outside], original[:, outside])
    assert not np.array_equal(me, original)


def test_a_second_run_does_no_engine_work(film, done, tmp_path):
    first, second = fakes.Calls(), fakes.Calls()
    before = fingerprints(run(film, tmp_path, first).project)
    again = run(film, tmp_path, second)
    assert first.count[Kind.VOICE] > 0
    assert not second.count
    assert fingerprints(again.project) == before
    assert before == fingerprints(done.project), "another folder, the same bytes"


def test_one_edited_line_is_voiced_alone(film, mine, tmp_path):
    result = mine
    before, calls = fingerprints(result.project), fakes.Calls()
    line = result.script.lines[2]
    changed = replace(line, translation="otra cosa", edited=("translation",))
    again = pipeline.redo(
        result.project, result.script.with_line(changed), SETTINGS, engines=fakes.specs(calls)
    )
    assert calls.spoken == ["otra cosa"]
    assert set(calls.count) == {Kind.VOICE}
    takes = again.script.line(line.id).takes
    assert [take.id for take in takes] == ["t01", "t02"]
    after = fingerprints(again.project)
    others = [name for name in before if name.startswith("takes/") and line.id not in name]
    assert others and all(before[name] == after[name] for name in others)
    other_speaker = next(s.id for s in again.script.speakers if s.id != line.speaker)
    assert before[f"stems/DX_{other_speaker}.wav"] == after[f"stems/DX_{other_speaker}.wav"]
    assert before["stems/ME.wav"] == after["stems/ME.wav"]
    assert before["stems/MIX.wav"] != after["stems/MIX.wav"]
    # And a whole new run keeps what the person wrote.
    assert run(film, tmp_path).script.line(line.id).translation == "otra cosa"


def test_a_new_version_of_the_voice_leaves_finished_lines_alone(mine):
    """An update of Rythmo is no wish for other takes: only the edited line is spoken by the new version."""
    result, calls = mine, fakes.Calls()
    before = fingerprints(result.project)
    newer = fakes.specs(calls)
    newer[Kind.VOICE] = with_version(newer[Kind.VOICE], "2.0")
    line = result.script.lines[2]
    changed = replace(line, translation="otra cosa", edited=("translation",))
    again = pipeline.redo(result.project, result.script.with_line(changed), SETTINGS, engines=newer)
    assert calls.spoken == ["otra cosa"]
    after = fingerprints(again.project)
    others = [name for name in before if name.startswith("takes/") and line.id not in name]
    assert others and all(before[name] == after[name] for name in others)


def with_version(spec, version):
    def create(*given, **named):
        engine = spec.create(*given, **named)
        engine.info = replace(engine.info, version=version)
        return engine

    return replace(spec, info=replace(spec.info, version=version), create=create)


def test_going_back_to_the_old_take_needs_no_engine(mine):
    result = mine
    before = fingerprints(result.project)
    line = result.script.lines[1]
    changed = replace(line, translation="distinto", edited=("translation",))
    script = pipeline.redo(
        result.project, result.script.with_line(changed), SETTINGS, engines=fakes.specs()
    ).script
    calls = fakes.Calls()
    back = replace(script.line(line.id), chosen="t01", edited=("translation", "chosen"))
    again = pipeline.redo(result.project, script.with_line(back), SETTINGS, engines=fakes.specs(calls))
    assert not calls.spoken
    assert fingerprints(again.project)["stems/MIX.wav"] == before["stems/MIX.wav"]


SRT = """1
00:00:00,500 --> 00:00:01,500
ANNA: One for the money.

2
00:00:02,000 --> 00:00:02,620
[BEN] Two for the show.

3
00:00:03,120 --> 00:00:03,950
ANNA: Three.
"""


def test_the_users_own_script_and_translation(film, tmp_path):
    script, translation = tmp_path / "in.srt", tmp_path / "out.srt"
    script.write_text(SRT)
    translation.write_text(SRT.replace("One for the money.", "Uno.").replace("Two for the show.", "Dos."))
    calls = fakes.Calls()
    result = run(film, tmp_path, calls, script=script, translation=translation)
    assert [speaker.name for speaker in result.script.speakers] == ["ANNA", "BEN"]
    assert [line.text for line in result.script.lines] == [
        "One for the money.",
        "Two for the show.",
        "Three.",
    ]
    assert [line.translation for line in result.script.lines] == ["Uno.", "Dos.", "Three."]
    assert not {Kind.TRANSCRIBER, Kind.TRANSLATOR} & set(calls.count)
    for line, (_, start, _) in zip(result.script.lines, toy.SCENE, strict=False):
        assert abs(line.start - start) <= 480, "a cue snaps to the onset that is heard"


def test_a_translation_file_pairs_with_recognised_lines(film, tmp_path):
    path = tmp_path / "out.srt"
    path.write_text("1\n00:00:00,500 --> 00:00:01,500\nHola\n\n2\n00:00:09,500 --> 00:00:09,900\nNadie\n")
    result = run(film, tmp_path, translation=path)
    assert result.script.lines[0].translation == "Hola"
    assert [line.chosen for line in result.script.lines] == ["t01", None, None, None, None]
    assert any("left out" in note for note in result.notes)


def test_a_line_that_cannot_be_voiced_is_flagged(film, tmp_path):
    path = tmp_path / "out.srt"
    path.write_text("1\n00:00:00,500 --> 00:00:01,500\nfail\n\n2\n00:00:02,000 --> 00:00:02,600\nnothing\n\n"
                    "3\n00:00:03,200 --> 00:00:03,900\nbien\n")  # fmt: skip
    lines = run(film, tmp_path, translation=path).script.lines
    codes = [[flag.code for flag in line.flags if not flag.code.startswith("qc-")] for line in lines[:3]]
    assert codes == [["voice-failed"], ["voice-failed"], ["short"]]


def test_when_every_line_fails_the_engine_did(film, tmp_path):
    path = tmp_path / "out.srt"
    path.write_text("1\n00:00:00,500 --> 00:00:01,500\nfail\n")
    with pytest.raises(EngineFailedError, match="No line could be voiced"):
        run(film, tmp_path, translation=path)


def test_a_long_line_is_flagged_never_cut(film, tmp_path):
    path = tmp_path / "out.srt"
    path.write_text(f"1\n00:00:00,500 --> 00:00:01,500\n{'muy largo ' * 6}\n")
    line = run(film, tmp_path, translation=path).script.lines[0]
    assert "overrun" in {flag.code for flag in line.flags}
    assert line.placement.start == line.start
    longest = line.take.length / (line.placement.end - line.placement.start)
    assert longest <= SETTINGS.fit.hard_speed + 0.01


def test_a_given_speaker_count_is_obeyed(film, tmp_path):
    result = run(film, tmp_path, settings=replace(SETTINGS, speakers=SpeakerSettings(2)))
    assert len(result.script.speakers) == 2


def test_sound_without_picture_is_dubbed_too(tmp_path):
    source = toy.write_sound(tmp_path / "radio play.wav", channels=1)
    result = run(source, tmp_path)
    assert len(result.script.lines) == len(toy.SCENE)
    assert any(path.suffix == ".otio" for path in result.deliveries)


def test_a_film_without_speech_says_so(tmp_path):
    source = toy.write_sound(tmp_path / "quiet.wav", scene=())
    result = run(source, tmp_path)
    assert result.script.lines == ()
    assert any("No speech" in note for note in result.notes)
    assert np.array_equal(stem(result.project, "ME"), stem(result.project, "MIX"))


def test_a_second_language_made_before_languages_shared_a_project_stays_beside_it(film, mine, tmp_path):
    run(film, tmp_path / "other", target_language="fr")
    (tmp_path / "other" / "toy.rythmo").rename(tmp_path / "toy.fr.rythmo")
    calls = fakes.Calls()
    french = run(film, tmp_path, calls, target_language="fr")
    assert french.project.root.name == "toy.fr.rythmo"
    assert not calls.count
    assert not (mine.project.root / "languages").exists()


def test_other_media_of_the_same_name_are_refused(mine, tmp_path):
    result = mine
    before = fingerprints(result.project)
    other = toy.write_sound(tmp_path / "toy.wav", seed=2)
    with pytest.raises(InputError, match="other media"):
        run(other, tmp_path)
    assert fingerprints(result.project) == before


def test_bad_input_leaves_a_project_as_it_was(film, mine, tmp_path):
    result = mine
    before = (fingerprints(result.project), result.project.script_file.read_bytes())
    broken = tmp_path / "in" / "toy.mp4"
    broken.parent.mkdir()
    broken.write_bytes(b"not a film")
    with pytest.raises(MediaError):
        run(broken, tmp_path)
    with pytest.raises(InputError):
        run(film, tmp_path, script=broken)
    assert (fingerprints(result.project), result.project.script_file.read_bytes()) == before


def test_cancel_stops_and_a_later_run_goes_on(film, tmp_path):
    token = CancelToken()

    def stop(event):
        if event.stage == "voice":
            token.cancel()

    job = Job(source=film, out=tmp_path, **JOB)
    with pytest.raises(CancelledError):
        pipeline.dub(job, SETTINGS, engines=fakes.specs(), report=stop, cancel=token)
    calls = fakes.Calls()
    assert len(run(film, tmp_path, calls).script.lines) == len(toy.SCENE)
    assert Kind.SEPARATOR not in calls.count


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_folder_is_told_before_any_work(film, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    calls = fakes.Calls()
    with pytest.raises(OutputError):
        run(film, folder, calls)
    assert not calls.count


def test_a_file_in_the_way_of_the_folder_is_told(film, tmp_path):
    (tmp_path / "out").write_text("")
    with pytest.raises(OutputError):
        run(film, tmp_path / "out")


# A warm process that forks one child for each run, so that the libraries load once. The kernel ends the child
# when its timer runs out: SIGALRM without a handler is as sudden as SIGKILL, and nobody waits for a moment.
FORKED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_pipeline import run
for line in sys.stdin:
    moment, out = line.split(None, 1)
    child = os.fork()
    if not child:
        signal.setitimer(signal.ITIMER_REAL, float(moment))
        run(Path(sys.argv[1]), Path(out.strip()))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and timers")
def test_a_killed_run_resumes_to_the_same_bytes(film, tmp_path):
    """Killed at 20 seeded moments spread over a run; each time the next run starts where it was."""
    with unsigned.signing():
        check_killed_runs(film, tmp_path)


def check_killed_runs(film, tmp_path):
    moments, wanted = random.Random(7), fingerprints(run(film, tmp_path / "undisturbed").project)
    orders = "".join(f"{moments.uniform(0.02, 1.2)} {tmp_path / str(n % 4)}\n" for n in range(20))
    command = [sys.executable, "-c", FORKED, str(film), str(Path(__file__).parent)]
    ends = subprocess.run(command, input=orders, capture_output=True, text=True, check=True).stdout.split()
    assert len(ends) == 20
    assert set(ends) <= {"0", str(-signal.SIGALRM)}
    assert ends.count(str(-signal.SIGALRM)) >= 5, "most kills must hit a run that is under way"
    for number in range(4):
        result = run(film, tmp_path / str(number))
        assert fingerprints(result.project) == wanted
        left = [path for path in result.project.root.rglob("*.part") if path.is_file()]
        assert left == []


def test_the_script_on_disk_is_what_was_returned(done):
    assert done.project.load() == done.script
    assert json.loads(done.project.script_file.read_text())["version"] == store.VERSION


def test_a_loudness_target_is_one_gain_on_every_stem(film, done, tmp_path):
    settings = replace(SETTINGS, mix=replace(SETTINGS.mix, loudness="r128"))
    project = run(film, tmp_path, settings=settings).project
    dx, me, mix = (stem(project, name) for name in ("DX", "ME", "MIX"))
    assert np.array_equal(dx + me, mix)
    samples, rate = soundfile.read(project.stems / "MIX.wav")
    assert abs(pyloudnorm.Meter(rate).integrated_loudness(samples) + 23.0) < 0.2
    loud = np.abs(stem(done.project, "ME")) > 1000
    gains = stem(project, "ME")[loud] / stem(done.project, "ME")[loud]
    assert np.ptp(gains) < 0.002


def test_the_report_is_measured_from_the_files(done):
    result = done
    report = json.loads((result.project.root / "qc" / "report.json").read_text())
    assert report["stems"]["sum_error_steps"] == 0
    assert report["stems"]["outside_changed"] == 0
    assert [line["id"] for line in report["lines"]] == [line.id for line in result.script.lines]
    assert all(abs(line["placement_ms"]) <= 5 for line in report["lines"])
    assert {one["language"] for one in report["subtitles"]} == {"en", "es"}
    assert all(one["longest_line"] <= 42 for one in report["subtitles"])
    page = (result.project.root / "qc" / "report.html").read_text()
    assert "<script src" not in page and "http-equiv" in page


def test_a_broken_stem_is_found(mine):
    project = mine.project
    samples, rate = soundfile.read(project.stems / "MIX.wav", dtype="int32")
    samples[100_000:100_100] += 1 << 20
    soundfile.write(project.stems / "MIX.wav", samples, rate, subtype="PCM_24")
    report, _, _ = quality_check.measure(project, deaf=True)
    assert report.stems.sum_error_steps == 1 << 12
    assert any(str(finding.severity) == "error" for finding in report.findings)


def test_fill_and_room_change_only_what_they_may(film, done, tmp_path):
    settings = replace(SETTINGS, mix=replace(SETTINGS.mix, fill=True, room=True))
    result = run(film, tmp_path, settings=settings)
    dx, me, mix = (stem(result.project, name) for name in ("DX", "ME", "MIX"))
    assert np.array_equal(dx + me, mix)
    outside = np.ones(me.shape[1], bool)
    for start, end in result.script.dialogue:
        outside[start:end] = False
    assert np.array_equal(me[:, outside], stem(done.project, "ME")[:, outside])
    for line in result.script.lines:
        track = stem(result.project, f"DX_{line.speaker}")[0]
        assert not track[line.start - 200 : line.start].any()
        assert np.abs(track[line.start : line.start + 480]).max() > 500
