"""A dub with faults made on purpose: each is found, and on the clean dub nothing is."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import soundfile

from rythmo.engines.base import EngineInfo, Kind
from rythmo.errors import MediaError
from rythmo.media.audio import Audio
from rythmo.media.wav import read_audio, write_wav
from rythmo.qc.flag_counts import collect_flags, count_by_code, count_by_severity
from rythmo.qc.project_measures import measure_project
from rythmo.qc.voice_measures import Listeners
from rythmo.script.model import Flag, Line, Programme, Remark, Script, Severity, Speaker, Word
from rythmo.script.takes import Placement, Take, VoiceRef

RATE, SECONDS = 48_000, 24
STARTS = (1.0, 4.0, 7.0, 10.0, 13.0, 16.0)
ON_TIME = (0.0,) * len(STARTS)
WORDS = "vuelve mañana por la tarde"
WHEN_HEARD = {300: WORDS, 440: "come back tomorrow afternoon", 600: "nadie lo sabe todavía aquí"}
"""What the listener hears in a sound of that pitch."""
LANGUAGES = {440: "en"}


def voice(hertz: int, seconds: float = 1.5) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    tone = 0.1 * np.sin(2 * np.pi * hertz * time) * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * time))
    return tone.astype(np.float32)


def pitch(sound: Audio) -> int:
    samples = sound.mono().samples[0]
    spectrum = np.abs(np.fft.rfft(samples, RATE))
    return max(WHEN_HEARD, key=lambda hertz: spectrum[hertz * sound.rate // RATE - 2 : hertz + 3].max())


class Listener:
    """Hears words and language by the pitch."""

    info = EngineInfo(Kind.TRANSCRIBER, "listener", "1", "Hears pitch.", "none", at_once=2)

    def transcribe(self, speech, *, language, turns=(), report=None, cancel=None):
        return tuple(Word(word, 0, 1, 0.9) for word in WHEN_HEARD[pitch(speech)].split())

    def find_language(self, speech, *, turns=(), cancel=None):
        return LANGUAGES.get(pitch(speech), "es")


def hears_speech(sound: Audio):
    """Speech in the M&E is what is far louder than the bed."""
    loud = np.flatnonzero(np.abs(sound.samples[0]) > 0.05)
    return [(int(loud[0]), int(loud[-1]) + 1)] if loud.size else []


def a_line(number: int, start: float) -> Line:
    at, length = round(start * RATE), round(1.5 * RATE)
    name = f"S1_{number:04}"
    take = Take("t01", f"takes/{name}_t01.wav", length, WORDS, "toy 1", VoiceRef("toy", "v"))
    placed = Placement(at, at + length, at + 2 * length, reason="It fits.")
    return Line(
        name, "S1", at, at + length, "come back tomorrow afternoon", translation=WORDS,
        takes=(take,), chosen="t01", placement=placed,
    )  # fmt: skip


SCRIPT = Script(
    Programme("Film", "film.mov", SECONDS * RATE, RATE, 1, Fraction(25)),
    "en",
    "es",
    (Speaker("S1", "Anna"),),
    tuple(a_line(number, start) for number, start in enumerate(STARTS, 1)),
    dialogue=tuple((round(at * RATE) - 4800, round((at + 1.5) * RATE) + 4800) for at in STARTS),
)


@pytest.fixture
def project(tmp_path):
    """Stems of a clean dub, and the original; the folder."""
    (tmp_path / "stems").mkdir()
    save(tmp_path, [voice(300)] * len(STARTS))
    return tmp_path


def save(folder, voices, *, late=ON_TIME, stray=False):
    bed = np.random.default_rng(1).normal(0, 1e-3, SECONDS * RATE).astype(np.float32)
    dialogue, original = np.zeros_like(bed), bed.copy()
    for start, sound, delay in zip(STARTS, voices, late, strict=True):
        at, own = round((start + delay) * RATE), round(start * RATE)
        dialogue[at : at + sound.size] += sound
        original[own : own + sound.size] += voice(200)
    if stray:
        at = 20 * RATE
        bed[at : at + 2 * RATE] += voice(200, 2.0)
        original[at : at + 2 * RATE] += voice(200, 2.0)
    for name, sound in (("DX_S1", dialogue), ("DX", dialogue), ("ME", bed), ("MIX", dialogue + bed)):
        write_wav(folder / "stems" / f"{name}.wav", Audio(sound[np.newaxis], RATE), "PCM_24")
    write_wav(folder / "original.wav", Audio(original[np.newaxis], RATE), "PCM_24")


def findings(folder, script=SCRIPT):
    ears = Listeners(transcriber=Listener(), speech=hears_speech)
    report = measure_project(folder, script, original=folder / "original.wav", ears=ears)
    return {(found.line, found.code) for found in report.findings if found.severity is not Severity.INFO}


def test_nothing_is_found_on_the_clean_dub(project):
    assert findings(project) - {(None, "stem-sum")} == set()


def test_every_fault_is_found_and_nothing_else(project):
    voices = [voice(300) for _ in STARTS]
    voices[0] = voice(440)
    voices[1] = voice(600)
    voices[3] = voice(300) * np.float32(10 ** (-12 / 20))
    save(project, voices, late=(0, 0, 0.3, 0, 0, 0), stray=True)
    found = findings(project) - {(None, "stem-sum")}
    assert found >= {
        ("S1_0001", "wrong-language"),
        ("S1_0002", "unclear"),
        ("S1_0003", "misplaced"),
        ("S1_0004", "quiet"),
        (None, "original-speech"),
    }
    others = {(line, code) for line, code in found if line in {"S1_0005", "S1_0006"}}
    assert not others


@pytest.mark.parametrize("hiss_dbfs", [-90, -63])
@pytest.mark.parametrize("late_ms", [0, 7, 40, 300])
def test_the_figure_of_a_late_line_is_true_within_5_ms(project, late_ms, hiss_dbfs):
    """Hiss before the words is no onset, in the stem either."""
    rng = np.random.default_rng(2)
    sound = np.concatenate([rng.normal(0, 10 ** (hiss_dbfs / 20), RATE // 4).astype(np.float32), voice(300)])
    save(project, [sound[: round(1.5 * RATE)]] * len(STARTS), late=(late_ms / 1000 - 0.25,) * len(STARTS))
    report = measure_project(project, SCRIPT, original=project / "original.wav")
    for line in report.lines:
        assert line.placement_ms == pytest.approx(late_ms, abs=5)
        assert line.after_original_ms == pytest.approx(late_ms, abs=8)


def test_one_count_for_all_who_show_it(project):
    lines = (
        SCRIPT.lines[0].add_flags(Flag("fast", "Fast."), Flag("short", "Short.", Severity.INFO)),
        *SCRIPT.lines[1:],
    )
    noticed = Remark(5, Flag("uncovered-speech", "Speech."))
    taken_over = Remark(5, Flag("qc-uncovered-speech", "Speech."))
    script = replace(SCRIPT, lines=lines, findings=(noticed,))
    assert count_by_code(script) == {"fast": 1, "uncovered-speech": 1}
    after = replace(script, remarks=(taken_over, Remark(9, Flag("qc-residue", "Voice.", Severity.ERROR))))
    assert count_by_code(after) == {"fast": 1, "uncovered-speech": 1, "residue": 1}
    assert count_by_severity(after) == {Severity.WARNING: 2, Severity.INFO: 1, Severity.ERROR: 1}
    assert len(collect_flags(after)) == 4


def test_a_stem_that_holds_no_numbers_is_one_clear_error(project):
    broken = read_audio(project / "stems" / "DX_S1.wav").samples.copy()
    broken[0, RATE : RATE + 10] = np.nan
    soundfile.write(project / "stems" / "DX_S1.wav", broken[0], RATE, subtype="FLOAT")
    with pytest.raises(MediaError, match="not numbers"):
        measure_project(project, SCRIPT)
