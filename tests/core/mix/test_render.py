"""From takes to stems: positions, sums, and the M&E, to the sample."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from rythmo.errors import CancelledError, MediaError
from rythmo.media.audio import Audio
from rythmo.media.riff import read_header
from rythmo.media.wav import WavReader, write_wav
from rythmo.mix.mix_plan import plan_mix
from rythmo.mix.placed_sound import place_line, placed_path
from rythmo.mix.render import render_stems
from rythmo.progress import CancelToken
from rythmo.script.fit import plan_fit
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo.script.phrases import make_single_phrase
from rythmo.script.slots import find_slots
from rythmo.script.takes import Take, VoiceRef

RATE = 48_000
VOICE = VoiceRef("test", "v")


def burst(length: int, seed: int = 0) -> np.ndarray:
    """Something with an onset at sample 0 and the spectrum of a vowel."""
    t = np.arange(length) / RATE
    tone = sum(np.cos(2 * np.pi * 120 * (seed + 1) * k * t) / k for k in range(1, 8))
    return (0.05 * tone).astype(np.float32)


def make_project(folder: Path, spans: list[tuple[str, int, int]], length: int, channels: int = 2) -> Script:
    """A script whose lines have takes of their own length, placed as planned."""
    lines = []
    for index, (speaker, start, end) in enumerate(spans):
        ident = f"{speaker}_{index:04}"
        file = f"takes/{ident}_t01.wav"
        samples = burst(end - start, index)
        write_wav(folder / file, Audio(samples[np.newaxis], RATE))
        take = Take(f"{ident}_t01", file, end - start, "text", "test", VOICE)
        lines.append(Line(ident, speaker, start, end, "text", takes=(take,), chosen=take.id))
    programme = Programme(
        "show", "show.mov", length, RATE, channels, Fraction(24000, 1001), start_frame=86400
    )
    speakers = tuple(Speaker(name, name) for name in sorted({s for s, _, _ in spans} | {"S9"}))
    found = find_slots(lines, length)

    def placed(line: Line) -> Line:
        decision = plan_fit(line, make_single_phrase(line.end - line.start), found[line.id])
        return Line(**{n: getattr(line, n) for n in line.__slots__} | {"placement": decision.placement})

    script = Script(programme, "en", "es", speakers, tuple(lines)).map_lines(placed)
    for line in script.lines:
        place_line(folder, script, line)
    return script


def me_of(channels: int, length: int):
    """An M&E of steps that depend on the position only."""
    steps = np.stack([(np.arange(length) * (7 + c)) % 20001 - 10000 for c in range(channels)]).astype(
        np.int32
    )
    return steps, lambda a, b: steps[:, a:b]


def steps_of(path: Path) -> np.ndarray:
    with WavReader(path) as reader:
        return reader.read_int(0, reader.length)


SPANS = [("S1", 1000, 30_000), ("S2", 25_000, 70_000), ("S1", 60_001, 99_000)]


@pytest.mark.parametrize("channels", [1, 2, 6])
def test_stems_sum_to_the_mix_to_the_step(tmp_path, channels):
    script = make_project(tmp_path, SPANS, 120_000, channels)
    steps, me = me_of(channels, 120_000)
    done = render_stems(plan_mix(script), tmp_path, me, block_seconds=1)
    stems = {name: steps_of(path) for name, path in done.files.items()}
    assert set(stems) == {"DX_S1", "DX_S2", "DX_S9", "DX", "ME", "MIX"}
    voices = stems["DX_S1"] + stems["DX_S2"] + stems["DX_S9"]
    centre = {1: [0], 2: [0, 1], 6: [2]}[channels]
    for channel in range(channels):
        expected = voices[0] if channel in centre else np.zeros(120_000)
        assert np.array_equal(stems["DX"][channel], expected)
    assert np.array_equal(stems["ME"], steps)
    assert np.array_equal(stems["MIX"], stems["DX"] + stems["ME"])
    assert stems["DX_S9"].any() == False  # noqa: E712 - an array's truth
    assert done.clipped == 0


def test_every_take_starts_at_its_sample(tmp_path):
    script = make_project(tmp_path, SPANS, 120_000)
    done = render_stems(plan_mix(script), tmp_path, me_of(2, 120_000)[1], block_seconds=1)
    for line in script.lines:
        stem = steps_of(done.files[f"DX_{line.speaker}"])[0]
        assert stem[line.start - 1] == 0
        assert stem[line.start] == steps_of(tmp_path / placed_path(line.take))[0, 0] != 0


def test_blocks_of_any_size_give_the_same_files(tmp_path):
    script = make_project(tmp_path, SPANS, 120_000)
    _, me = me_of(2, 120_000)
    small = render_stems(plan_mix(script), tmp_path, me, folder=tmp_path / "a", block_seconds=1)
    large = render_stems(plan_mix(script), tmp_path, me, folder=tmp_path / "b", block_seconds=60)
    for name in small.files:
        assert small.files[name].read_bytes() == large.files[name].read_bytes()


def test_stems_carry_the_timeline_s_start(tmp_path):
    script = make_project(tmp_path, SPANS, 120_000)
    done = render_stems(plan_mix(script), tmp_path, me_of(2, 120_000)[1])
    assert read_header(done.files["DX"]).time_reference == 172_972_800
    placed = tmp_path / placed_path(script.lines[0].take)
    assert read_header(placed).time_reference == 172_972_800 + 1000
    assert b"<RYTHMO_LINE>S1_0000</RYTHMO_LINE>" in placed.read_bytes()


def test_a_line_past_the_end_lengthens_the_stems_rather_than_being_cut(tmp_path):
    script = make_project(tmp_path, [("S1", 1000, 90_000)], 50_000)
    done = render_stems(plan_mix(script), tmp_path, me_of(2, 50_000)[1])
    assert steps_of(done.files["MIX"]).shape == (2, 90_000)
    assert not steps_of(done.files["ME"])[:, 50_000:].any()


def test_a_missing_or_foreign_placed_sound_stops_the_mix_and_leaves_no_stem(tmp_path):
    script = make_project(tmp_path, SPANS, 120_000)
    (tmp_path / placed_path(script.lines[0].take)).unlink()
    with pytest.raises(MediaError, match="does not exist"):
        render_stems(plan_mix(script), tmp_path, me_of(2, 120_000)[1])
    assert not list((tmp_path / "stems").glob("*"))


def test_a_cancelled_mix_leaves_older_stems_as_they_were(tmp_path):
    script = make_project(tmp_path, SPANS, 120_000)
    me = me_of(2, 120_000)[1]
    before = {n: p.read_bytes() for n, p in render_stems(plan_mix(script), tmp_path, me).files.items()}
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        render_stems(plan_mix(script), tmp_path, me, cancel=token)
    assert {n: (tmp_path / "stems" / f"{n}.wav").read_bytes() for n in before} == before
    assert len(list((tmp_path / "stems").iterdir())) == len(before)


def test_a_placed_sound_is_written_once(tmp_path):
    script = make_project(tmp_path, SPANS, 120_000)
    line = script.lines[0]
    path = tmp_path / placed_path(line.take)
    stamp = path.stat().st_mtime_ns, path.stat().st_ino
    place_line(tmp_path, script, line)
    assert (path.stat().st_mtime_ns, path.stat().st_ino) == stamp
