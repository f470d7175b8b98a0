"""The placed sound of a line: onset, length, gain, fades, phrases, and what its file says of itself."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.media.pcm24 import Pcm24Reader
from rythmo.media.riff import read_header
from rythmo.media.wav import write_wav
from rythmo.mix.mix_plan import plan_mix
from rythmo.mix.placed_sound import place_line, placed_path, read_placed_key, render_take
from rythmo.mix.render import render_stems
from rythmo.mix.room_acoustics import Room
from rythmo.mix.stretch import Method
from rythmo.script.model import Line, Programme, Script, Speaker
from rythmo.script.takes import Piece, Placement, Take, VoiceRef

RATE = 48_000


def voice(seconds: float, onset: float = 0.0) -> np.ndarray:
    t = np.arange(round(seconds * RATE)) / RATE
    tone = sum(np.sin(2 * np.pi * 150 * k * t) / k for k in range(1, 10)) * (1.1 + np.sin(2 * np.pi * 5 * t))
    return np.concatenate([np.zeros(round(onset * RATE)), 0.05 * tone]).astype(np.float32)


def audio(samples: np.ndarray) -> Audio:
    return Audio(samples[np.newaxis].astype(np.float32), RATE)


def test_an_impulse_lands_on_the_line_s_onset_untouched():
    click = np.zeros(RATE, np.float32)
    click[4321] = 0.5
    out = render_take(
        audio(click), Placement(10_000, 12_400, 20_000, pieces=(Piece(4321, 6721, 10_000, 12_400),)), RATE
    )
    assert out[0] == pytest.approx(0.5, abs=1e-4)
    assert not out[1:].any() or np.abs(out[1:]).max() < 1e-3


def test_as_spoken_is_the_take_to_the_sample_but_for_its_last_milliseconds():
    source = voice(1.0)
    out = render_take(audio(source), Placement(0, RATE, RATE, pieces=(Piece(0, RATE, 0, RATE),)), RATE)
    offset = source.mean()
    kept = RATE - round(0.015 * RATE)
    assert np.abs(out[:kept] - source[:kept]).max() <= abs(offset) + 1e-6
    assert abs(out[-1]) < 1e-6, "faded to nothing"


def test_without_a_plan_the_speech_fills_the_placement():
    out = render_take(audio(voice(1.0, onset=0.2)), Placement(0, 40_000, 40_000), RATE)
    assert out.shape == (40_000,)
    assert np.abs(out[:480]).max() > 1e-3, "the silence before the words was left off"


def test_phrases_lie_where_they_were_planned_with_silence_between():
    source = np.concatenate([voice(0.5), np.zeros(RATE // 2), voice(0.5)])
    pieces = (Piece(0, 24_000, 1000, 25_000), Piece(48_000, 72_000, 35_000, 55_000))
    out = render_take(audio(source), Placement(1000, 55_000, 60_000, pieces=pieces), RATE)
    assert out.size == 54_000
    assert not out[24_000:34_000].any()
    assert np.abs(out[34_000:34_480]).max() > 1e-3


@settings(max_examples=25, deadline=None)
@given(st.integers(100, 30_000), st.floats(0.85, 1.5), st.floats(-6, 6))
def test_any_piece_has_its_length_and_its_gain(count, speed, gain):
    length = max(1, round(count / speed))
    source = voice(0.7)
    piece = Piece(0, count, 500, 500 + length)
    plain = render_take(audio(source), Placement(500, 500 + length, 10**6, pieces=(piece,)), RATE)
    louder = render_take(
        audio(source), Placement(500, 500 + length, 10**6, gain_db=gain, pieces=(piece,)), RATE
    )
    assert plain.shape == (length,)
    assert np.allclose(louder, plain * 10 ** (gain / 20), atol=1e-6)


@pytest.mark.parametrize("samples", [np.zeros(RATE), np.full(RATE, np.nan), np.zeros(0)])
def test_a_take_that_cannot_be_used_is_never_placed(tmp_path, samples):
    with pytest.raises(EngineFailedError):
        render_take(audio(samples), Placement(0, 100, 100), RATE)


@pytest.fixture
def scene(tmp_path: Path) -> tuple[Path, Script]:
    """One line with one take, not yet placed."""
    write_wav(tmp_path / "takes/S1_0001_t01.wav", audio(voice(1.0)))
    take = Take("t01", "takes/S1_0001_t01.wav", RATE, "hola", "e", VoiceRef("e", "v"), key="abc")
    placement = Placement(9600, 9600 + 40_000, 60_000, speed=1.2, pieces=(Piece(0, RATE, 9600, 49_600),))
    line = Line("S1_0001", "S1", 9600, 57_600, "hello", takes=(take,), chosen="t01", placement=placement)
    programme = Programme("show", "s.mov", 10 * RATE, RATE, 2, Fraction(25), start_frame=90_000)
    return tmp_path, Script(programme, "en", "es", (Speaker("S1", "Ana"),), (line,))


def test_the_file_carries_its_place_and_its_identity(scene):
    import wavinfo

    root, script = scene
    path = place_line(root, script, script.lines[0]).path
    assert path == root / "takes/placed/S1_0001_t01.wav" == root / placed_path(script.lines[0].take)
    info = wavinfo.WavInfoReader(str(path))
    assert info.bext.time_reference == 172_800_000 + 9600
    assert (info.fmt.sample_rate, info.fmt.bits_per_sample, info.fmt.channel_count) == (48_000, 24, 1)
    assert (info.ixml.scene, info.ixml.take) == ("show", "t01")
    assert "S1_0001 t01 Ana" in info.bext.description
    with Pcm24Reader(path) as reader:
        assert reader.length == 40_000


def test_a_key_stands_for_everything_that_sounds(scene):
    root, script = scene
    line = script.lines[0]
    first = place_line(root, script, line).key
    assert read_placed_key(root / "takes" / "placed" / Path(line.take.file).name) == first
    assert place_line(root, script, line).key == first
    louder = replace(line, placement=replace(line.placement, gain_db=1.0))
    assert place_line(root, script, louder).key != first
    other = replace(line, takes=(replace(line.take, key="abd"),))
    assert place_line(root, script, other).key != first
    assert read_placed_key(root / line.take.file) != first, "a file without a key has its content's"


def test_the_stretcher_counts_only_for_what_is_stretched(scene):
    root, script = scene
    line = script.lines[0]
    pieces = (Piece(0, 40_000, 9600, 49_600),)
    plain = replace(line, placement=replace(line.placement, pieces=pieces))
    keys = {place_line(root, script, plain, method).key for method in (Method.SIGNALSMITH, Method.ATEMPO)}
    assert len(keys) == 1
    faster = (Piece(0, 44_000, 9600, 49_600),)
    hurried = replace(line, placement=replace(line.placement, pieces=faster))
    keys = {place_line(root, script, hurried, method).key for method in (Method.SIGNALSMITH, Method.ATEMPO)}
    assert len(keys) == 2


def test_the_same_placement_gives_the_same_bytes(scene):
    root, script = scene
    path = place_line(root, script, script.lines[0]).path
    before = path.read_bytes()
    path.unlink()
    assert place_line(root, script, script.lines[0]).path.read_bytes() == before


def test_an_open_file_with_a_damaged_head_is_made_again(scene):
    root, script = scene
    path = place_line(root, script, script.lines[0]).path
    good = path.read_bytes()
    path.write_bytes(b"RIFF nonsense")
    assert place_line(root, script, script.lines[0]).path.read_bytes() == good


def test_handles_surround_the_placement_and_the_stems_do_not_hear_them(scene):
    root, script = scene
    line = script.lines[0]
    take = np.concatenate([np.full(480, 0.0), voice(1.0), np.zeros(480)])
    write_wav(root / line.take.file, audio(take))
    pieces = (Piece(480, 480 + RATE, 9600, 49_600),)
    line = replace(line, placement=replace(line.placement, pieces=pieces))
    script = replace(script, lines=(line,))
    plain = read(place_line(root, script, line).path)
    path = place_line(root, script, line, handle=4800).path
    assert read_header(path).time_reference == 172_800_000 + 9600 - 4800
    with_handles = read(path)
    assert with_handles.size == plain.size + 9600
    assert np.array_equal(with_handles[4800:-4800], plain)
    done = render_stems(plan_mix(script), root, lambda a, b: np.zeros((2, b - a), np.int32))
    assert np.array_equal(read(done.files["DX_S1"])[9600:49_600], plain)


def test_a_room_keeps_the_onset_and_the_loudness_and_rings_between_phrases():
    source = np.concatenate([voice(0.4), np.zeros(RATE // 2), voice(0.4)])
    n = voice(0.4).size
    pieces = (Piece(0, n, 0, n), Piece(n + RATE // 2, 2 * n + RATE // 2, n + RATE // 2, 2 * n + RATE // 2))
    placement = Placement(0, source.size, source.size, pieces=pieces)
    dry = render_take(audio(source), placement, RATE)
    wet = render_take(audio(source), placement, RATE, room=Room(decay=0.8, wet=-10))
    assert wet.shape == dry.shape
    assert np.abs(wet[0]) > 0.3 * np.abs(dry[0])
    assert np.sqrt(np.square(wet).mean()) == pytest.approx(np.sqrt(np.square(dry).mean()), rel=0.05)
    gap = slice(n + 2000, n + 10_000)
    assert not dry[gap].any()
    assert np.abs(wet[gap]).max() > 1e-3


def read(path: Path) -> np.ndarray:
    with Pcm24Reader(path) as reader:
        return reader.read_int(0, reader.length)[0]
