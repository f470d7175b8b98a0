"""QC's measures on sounds whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from rythmo.engines.base import EngineInfo, Kind, Turn
from rythmo.media.audio import Audio
from rythmo.media.wav import WavReader, write_wav
from rythmo.mix.delivery_loudness import LoudnessTarget
from rythmo.qc.findings import (
    Limits,
    TypicalMeasures,
    judge_line,
    judge_quality,
    judge_regions,
    summarise_fit,
)
from rythmo.qc.line_measures import count_clipped, describe_line, find_self_overlaps, word_error
from rythmo.qc.project_measures import measure_project
from rythmo.qc.report_model import LineMeasures, QcReport, Region
from rythmo.qc.subtitle_norms import SubtitleNorms, measure_subtitles
from rythmo.qc.voice_measures import Listeners, compute_likenesses
from rythmo.script.model import Flag, Line, Programme, Script, Severity, Speaker, Word
from rythmo.script.takes import Placement, Take, VoiceRef

RATE = 48_000
SECONDS = 12
VOICE = VoiceRef("fake", "one")


def a_line(name: str, start: float, length: float, *, late: float = 0.0, speed: float = 1.0) -> Line:
    at, end = round(start * RATE), round((start + length) * RATE)
    placed = round((start + late) * RATE)
    take = Take("t01", f"takes/{name}_t01.wav", end - at, "hola mundo", "fake 1", VOICE)
    return Line(
        id=name,
        speaker=name[:2],
        start=at,
        end=end,
        text="hello world",
        translation="hola mundo",
        takes=(take,),
        chosen="t01",
        placement=Placement(placed, placed + end - at, end + RATE // 2, speed=speed, reason="As spoken."),
    )


def a_script(*lines: Line) -> Script:
    programme = Programme("Film", "film.mov", SECONDS * RATE, RATE, 2, Fraction(24000, 1001), 86400)
    regions = tuple((line.start - 480, line.end + 480) for line in lines)
    speakers = (Speaker("S1", "Anna"), Speaker("S2", "George"))
    return Script(programme, "en", "es", speakers, lines, dialogue=regions)


def deliver(folder: Path, script: Script) -> Path:
    """Stems as the mixer would write them, and the original; returns the original's path."""
    rng = np.random.default_rng(5)
    length = script.programme.length
    bed = (0.01 * rng.standard_normal((2, length))).astype(np.float32)
    original, voices = bed.copy(), {speaker.id: np.zeros(length, np.float32) for speaker in script.speakers}
    for line in script.lines:
        assert line.placement is not None
        for track, start, count in (
            (voices[line.speaker], line.placement.start, line.placement.end - line.placement.start),
            (original, line.start, line.length),
        ):
            tone = 0.1 * np.sin(2 * np.pi * 300 * np.arange(count) / RATE + 0.5)
            track[..., start : start + count] += tone.astype(np.float32)
    steps = {name: np.rint(voice * 2**23) for name, voice in voices.items()}
    bed = np.rint(bed * 2**23)
    dialogue = np.stack([sum(steps.values())] * 2)
    sounds = {f"DX_{name}": voice[np.newaxis] for name, voice in steps.items()}
    sounds |= {"DX": dialogue, "ME": bed, "MIX": dialogue + bed}
    for name, sound in sounds.items():
        write_wav(folder / "stems" / f"{name}.wav", Audio((sound / 2**23).astype(np.float32), RATE))
    outside = np.ones(length, bool)
    for start, end in script.dialogue:
        outside[start:end] = False
    original[:, outside] = (bed / 2**23).astype(np.float32)[:, outside]
    write_wav(folder / "original.wav", Audio(original, RATE))
    return folder / "original.wav"


def codes(report: QcReport) -> set[str]:
    return {finding.code for finding in report.findings}


@pytest.fixture
def script() -> Script:
    return a_script(a_line("S1_0001", 1, 1.5), a_line("S2_0002", 3, 2), a_line("S1_0003", 6, 1))


def test_a_sound_delivery_has_nothing_to_say(tmp_path: Path, script: Script) -> None:
    original = deliver(tmp_path, script)
    report = measure_project(tmp_path, script, original=original)
    assert report.findings == ()
    assert report.stems.sum_error_steps == 0
    assert report.stems.speakers_sum_error_steps == 0
    assert report.stems.outside_changed == 0
    assert report.residue_db is not None
    assert report.residue_db < -20
    assert [line.placement_ms for line in report.lines] == [0.0, 0.0, 0.0]
    assert report.fit.share_in_band == 1.0
    assert all(line.peak_dbfs == pytest.approx(-20, abs=0.1) for line in report.lines)


def test_a_late_line_is_found_in_the_stem_not_in_the_script(tmp_path: Path) -> None:
    script = a_script(a_line("S1_0001", 1, 1.5, late=0.08))
    deliver(tmp_path, script)
    report = measure_project(tmp_path, script)
    assert report.lines[0].placement_ms == pytest.approx(80, abs=0.2)
    assert "misplaced" in codes(report)


def test_what_the_stems_lack_is_found(tmp_path: Path, script: Script) -> None:
    original = deliver(tmp_path, script)
    stems = tmp_path / "stems"
    (stems / "DX.wav").unlink()
    assert {"missing-stem"} <= codes(measure_project(tmp_path, script, original=original))
    silent = Audio(np.zeros((1, SECONDS * RATE), np.float32), RATE)
    write_wav(stems / "DX_S2.wav", silent)
    found = measure_project(tmp_path, script, original=original)
    assert [line.silent for line in found.lines] == [False, True, False]
    assert any(finding.line == "S2_0002" and finding.code == "silent" for finding in found.findings)


def change(path: Path, at: int, value: float) -> None:
    with WavReader(path) as reader:
        sound = Audio(reader.read(0, reader.length).copy(), reader.rate)
    sound.samples[:, at : at + 5] = value
    write_wav(path, sound)


def test_a_changed_mix_and_a_touched_me_are_found(tmp_path: Path, script: Script) -> None:
    original = deliver(tmp_path, script)
    change(tmp_path / "stems" / "MIX.wav", 100, 0.5)
    report = measure_project(tmp_path, script, original=original)
    assert "stem-sum" in codes(report)
    change(tmp_path / "stems" / "ME.wav", 200, 0.25)
    report = measure_project(tmp_path, script, original=original)
    assert report.stems.outside_changed == 10
    assert "outside-changed" in codes(report)


def test_a_dc_offset_and_a_silent_mix_are_found(tmp_path: Path, script: Script) -> None:
    original = deliver(tmp_path, script)
    with WavReader(tmp_path / "stems" / "ME.wav") as reader:
        me = reader.read(0, reader.length)
    write_wav(tmp_path / "stems" / "ME.wav", Audio(me + np.float32(0.01), RATE))
    report = measure_project(tmp_path, script, original=original)
    assert "stem-dc" in codes(report)
    assert next(stem for stem in report.levels if stem.stem == "ME").dc_offset == pytest.approx(
        0.01, abs=1e-4
    )
    write_wav(tmp_path / "stems" / "MIX.wav", Audio(np.zeros_like(me), RATE))
    assert "silent-mix" in codes(measure_project(tmp_path, script, original=original))


def test_the_loudness_that_was_asked_for_is_measured_and_missed(tmp_path: Path, script: Script) -> None:
    original = deliver(tmp_path, script)
    free = measure_project(tmp_path, script, original=original)
    assert free.aim is None
    level = next(stem.integrated_lufs for stem in free.levels if stem.stem == "MIX")
    assert level is not None
    met = measure_project(
        tmp_path, script, original=original, target=LoudnessTarget("Own", level + 0.4, -1.0, 0.5)
    )
    assert met.aim is not None
    assert met.aim.measured_lufs == level
    assert met.stems.outside_changed is None, "what a gain went over has no bits to compare"
    assert "loudness" not in codes(met)
    spoken = LoudnessTarget("Dialogue", level + 0.4, -1.0, 0.5, by_dialogue=True)
    assert "loudness" in codes(measure_project(tmp_path, script, original=original, target=spoken))
    assert "true-peak" in codes(
        measure_project(tmp_path, script, target=LoudnessTarget("Low", level, -20.0, 0.5))
    )


def test_clipping_is_found_in_line_and_stem(tmp_path: Path, script: Script) -> None:
    deliver(tmp_path, script)
    for name in ("DX_S1", "MIX"):
        change(tmp_path / "stems" / f"{name}.wav", script.lines[0].start + 1000, 1.0)
    report = measure_project(tmp_path, script)
    assert report.lines[0].clipped_samples == 5
    assert {"clipped", "stem-clipped"} <= codes(report)


def test_a_voice_left_in_the_bed_is_measured(tmp_path: Path, script: Script) -> None:
    original = deliver(tmp_path, script)
    with WavReader(original) as reader, WavReader(tmp_path / "stems" / "ME.wav") as me:
        before, bed = reader.read(0, reader.length), me.read(0, me.length)
    tremble = np.clip(np.sin(2 * np.pi * 5 * np.arange(bed.shape[1]) / RATE), 0, None).astype(np.float32)
    speech = (before - bed) * tremble
    for share, db in ((0.5, 0.0), (0.1, -19.1)):
        write_wav(original, Audio(bed + speech, RATE))
        write_wav(tmp_path / "stems" / "ME.wav", Audio(bed + np.float32(share) * speech, RATE))
        report = measure_project(tmp_path, script, original=original)
        assert report.residue_db == pytest.approx(db, abs=1.5)
        assert ("residue" in codes(report)) == (db > -15)


def test_a_voice_that_was_not_taken_out_is_an_error() -> None:
    regions = [
        Region(start, start + RATE, residue, None) for start, residue in enumerate((-40.0, -12.0, 8.0))
    ]
    found = judge_regions(regions, Limits())
    assert [(one.severity, "-" in one.message) for one in found] == [
        (Severity.WARNING, False),
        (Severity.ERROR, False),
    ]


def test_engines_that_listen_are_used(tmp_path: Path, script: Script) -> None:
    deliver(tmp_path, script)

    class Listener:
        info = EngineInfo(Kind.TRANSCRIBER, "listener", "1", "Hears two words.", "none")

        def transcribe(
            self, speech: Audio, *, language: str, turns: tuple[Turn, ...] = (), **_: object
        ) -> list[Word]:
            assert language == "es"
            return [Word("hola", 0, 10), Word("munda", 10, 20)]

    class Faces:
        def embed(self, speech: list[Audio], **_: object) -> np.ndarray:
            return np.eye(len(speech), 8, dtype=np.float32)

    ears = Listeners(Listener(), Faces(), lambda _: 3.0)  # type: ignore[arg-type] # only what is called
    lines = measure_project(tmp_path, script, ears=ears).lines
    assert {line.word_error for line in lines} == {0.5}
    assert {line.likeness for line in lines} == {0.0, None}
    assert {line.mos for line in lines} == {3.0}


def test_likeness_leaves_the_line_itself_out() -> None:
    vectors = np.array([[1, 0], [0.6, 0.8], [0, 1]], np.float32)
    found = compute_likenesses(["S1", "S1", "S2"], vectors)
    assert found[0] == (0.6, 0.0)
    assert found[2] == (None, pytest.approx(0.447, abs=1e-3))


@pytest.mark.parametrize(
    ("said", "heard", "error"),
    [
        ("Hola, mundo.", "hola mundo", 0.0),
        ("uno dos tres cuatro", "uno tres cuatro", 0.25),
        ("uno", "dos tres cuatro", 1.0),
        ("", "", 0.0),
        ("", "algo", 1.0),
        ("l\N{RIGHT SINGLE QUOTATION MARK}eau", "l'eau", 0.0),
    ],
)
def test_word_error(said: str, heard: str, error: float) -> None:
    assert word_error(said, heard) == error


def test_runs_at_full_scale_are_clipping_single_samples_are_not() -> None:
    sound = np.zeros(100, np.float32)
    sound[[3, 10, 11]] = 1.0
    assert count_clipped(sound) == 0
    sound[50:54] = -1.0
    assert count_clipped(sound) == 4


def test_overlap_with_oneself_counts_the_samples() -> None:
    lines = [a_line("S1_0001", 1, 2), a_line("S1_0002", 2.5, 1), a_line("S2_0003", 1, 3)]
    assert find_self_overlaps(lines) == {"S1_0002": RATE // 2}


def test_the_fit_distribution_counts_what_was_placed() -> None:
    fits = [0.5, 0.9, 1.0, 1.2, 1.21, 2.7, None]
    lines = [replace(describe_line(a_line(f"S1_{i}", 1, 1)), fit=fit) for i, fit in enumerate(fits)]
    fit = summarise_fit(lines)
    assert (fit.lines, fit.placed, fit.in_band, fit.share_in_band) == (7, 6, 3, 0.5)
    assert sum(count for _, count in fit.histogram) == 6
    assert fit.histogram[-1] == (1.9, 1)


@pytest.mark.parametrize(
    ("change", "code", "severity"),
    [
        ({"speed": 1.6}, "too-fast", Severity.ERROR),
        ({"speed": 1.3}, "fast", Severity.WARNING),
        ({"fit": 0.7}, "short", Severity.INFO),
        ({"placed_end": 99_000_000}, "overrun", Severity.WARNING),
        ({"placed_start": None}, "not-voiced", Severity.ERROR),
        ({"loudness_lufs": -55.0}, "quiet", Severity.WARNING),
        ({"word_error": 0.9}, "unclear", Severity.WARNING),
        ({"likeness": 0.5, "likeness_other": 0.6}, "voice-strays", Severity.WARNING),
        ({"mos": 1.5}, "poor-sound", Severity.WARNING),
        ({"clipped_samples": 9}, "clipped", Severity.ERROR),
    ],
)
def test_each_fault_has_a_code(change: dict[str, object], code: str, severity: Severity) -> None:
    line = replace(describe_line(a_line("S1_0001", 1, 1)), **change)
    found = judge_line(line, Limits(), RATE)
    assert [(finding.code, finding.severity) for finding in found] == [(code, severity)]


def test_poor_voices_are_told_once_and_a_line_that_is_poorer_still_by_itself() -> None:
    lines = [
        replace(describe_line(a_line(f"S1_{i}", 1, 1)), mos=mos) for i, mos in enumerate((1.9, 2.0, 2.1, 1.3))
    ]
    usual = TypicalMeasures.of(lines)
    assert [finding.code for finding in judge_quality(usual, Limits())] == ["poor-voices"]
    poor = [line.id for line in lines if judge_line(line, Limits(), RATE, usual)]
    assert poor == ["S1_3"]
    assert not judge_quality(TypicalMeasures.of([replace(line, mos=3.5) for line in lines]), Limits())


def test_a_recogniser_that_understands_little_is_told_once() -> None:
    lines = [
        replace(describe_line(a_line(f"S1_{i}", 1, 1)), word_error=e) for i, e in enumerate((1.0, 0.9, 0.7))
    ]
    usual = TypicalMeasures.of(lines)
    assert [finding.code for finding in judge_quality(usual, Limits())] == ["unclear-voices"]
    assert not [found for line in lines for found in judge_line(line, Limits(), RATE, usual)]


def test_in_a_quiet_programme_a_line_as_quiet_as_the_others_is_not_told() -> None:
    lines = [
        replace(describe_line(a_line(f"S1_{i}", 1, 1)), loudness_lufs=level)
        for i, level in enumerate((-46.0, -47.0, -48.0, -60.0))
    ]
    quiet = [line.id for line in lines if judge_line(line, Limits(), RATE, TypicalMeasures.of(lines))]
    assert quiet == ["S1_3"]


def test_a_flag_of_the_script_is_told_once() -> None:
    line: LineMeasures = replace(
        describe_line(a_line("S1_0001", 1, 1)), speed=1.3, flags=(Flag("fast", "Said before."),)
    )
    assert [finding.message for finding in judge_line(line, Limits(), RATE)] == ["Said before."]


def test_subtitles_against_the_norms() -> None:
    frame = Fraction(24)
    second = RATE
    cues = [
        (0, 2 * second, "A line that is fine."),
        (2 * second, 3 * second, "Too close to the one before"),
        (4 * second, 4 * second + second // 2, "Short"),
        (10 * second, 18 * second, "Long"),
        (20 * second, 23 * second, "x" * 43),
        (30 * second, 33 * second, "a\nb\nc"),
    ]
    measures, findings = measure_subtitles("es", cues, SubtitleNorms(), RATE, frame)
    found = {(finding.position // second, finding.code) for finding in findings}
    assert found == {
        (2, "subtitle-gap"),
        (2, "subtitle-fast"),
        (4, "subtitle-short"),
        (10, "subtitle-long"),
        (20, "subtitle-wide"),
        (30, "subtitle-lines"),
    }
    assert (measures.cues, measures.longest_line, measures.gaps_too_small) == (6, 43, 1)
    assert measure_subtitles("es", [], SubtitleNorms(), RATE, frame)[0].fastest_cps is None
