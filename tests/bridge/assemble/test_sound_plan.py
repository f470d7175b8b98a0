"""Levels, fades, crossfades, speeds, nesting, solo and panning, as sums with known results."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from counted_sound import write_counted

from rythmo.errors import TimelineError
from rythmo.media.probe import probe
from rythmo.media.wav import WavReader
from rythmo_bridge.assemble.programme import file_sound
from rythmo_bridge.assemble.sound_plan import FileSound, every_clip, mix_width, place_in_file, plan_sound
from rythmo_bridge.assemble.sound_render import render_sound
from rythmo_bridge.timeline import Item, Kind, Level, Media, Timeline, Track, Transition

RATE = Fraction(25)
LENGTH = 4 * 48_000


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    write_counted(tmp_path / "mono.wav", 1, length=LENGTH)
    write_counted(tmp_path / "stereo.wav", 2, length=LENGTH)
    return {"mono": tmp_path / "mono.wav", "stereo": tmp_path / "stereo.wav"}


def timeline(*tracks: Track, length: int = LENGTH) -> Timeline:
    media = {
        name: Media(name, f"{name}.wav", length=LENGTH, channels=count)
        for name, count in (("mono", 1), ("stereo", 2))
    }
    return Timeline("t", RATE, length, tracks=tracks, media=media)


def sound(*items: Item, **facts: object) -> Track:
    return Track("A1", Kind.AUDIO, items=items, **facts)


def play(delivery: Timeline, files: dict[str, Path], tmp_path: Path) -> np.ndarray:
    infos = {name: probe(path) for name, path in files.items()}
    sounds = {name: file_sound(info) for name, info in infos.items()}
    plan = plan_sound(delivery, sounds, every_clip, mix_width(delivery, sounds))
    render_sound(plan, infos, tmp_path / "out.wav")
    with WavReader(tmp_path / "out.wav") as reader:
        return reader.read_int(0, reader.length).astype(np.int64)


N = np.arange(1, LENGTH + 1)


def test_gain_and_clips_that_are_off(files, tmp_path):
    half = Item("half", 0, 1000, "mono", 0, gain_db=-20 * np.log10(2))
    off = Item("off", 2000, 1000, "mono", 0, enabled=False)
    heard = play(timeline(sound(half, off)), files, tmp_path)
    assert heard.shape == (1, LENGTH)
    assert np.abs(heard[0, :1000] - N[:1000] / 2).max() <= 0.5
    assert not heard[0, 1000:].any()


def test_keyframes_move_in_straight_lines_and_hold_at_both_ends(files, tmp_path):
    levels = (Level(500, 0.0), Level(1500, -144.0))
    heard = play(timeline(sound(Item("a", 100, 2000, "mono", 0, levels=levels))), files, tmp_path)[0]
    assert np.array_equal(heard[100:600], N[:500])
    assert abs(heard[1100] - N[1000] / 2) < 1.5
    assert not heard[1602:].any()


def test_a_cross_fade_takes_what_lies_beyond_the_cut(files, tmp_path):
    """Two clips that go on into each other: under a linear cross-fade nothing changes at all."""
    clips = Item("a", 0, 10_000, "mono", 0), Item("b", 10_000, 10_000, "mono", 10_000)
    fade = Transition(8_000, 4_000, "Cross Fade ( 0dB)")
    heard = play(timeline(sound(*clips, transitions=(fade,))), files, tmp_path)[0]
    assert np.array_equal(heard[:20_000], N[:20_000])


def test_a_cross_fade_of_equal_power_keeps_the_power(files, tmp_path):
    clips = Item("a", 0, 10_000, "mono", 0), Item("b", 10_000, 10_000, "mono", 10_000)
    fade = Transition(8_000, 4_000, "Constant Power")
    heard = play(timeline(sound(*clips, transitions=(fade,))), files, tmp_path)[0]
    assert heard[10_000] / N[10_000] == pytest.approx(2**0.5, rel=1e-3)


def test_a_transition_at_one_clip_alone_is_a_fade(files, tmp_path):
    fades = Transition(1_000, 500), Transition(5_500, 500)
    heard = play(timeline(sound(Item("a", 1_000, 5_000, "mono", 0), transitions=fades)), files, tmp_path)[0]
    assert not heard[:1_000].any()
    assert heard[1_250] == pytest.approx(N[250] / 2, abs=1.5)
    assert np.array_equal(heard[1_500:5_500], N[500:4_500])
    assert heard[5_750] == pytest.approx(N[4_750] / 2, abs=5)
    assert not heard[6_000:].any()


def test_fades_of_a_clip(files, tmp_path):
    heard = play(timeline(sound(Item("a", 0, 1_000, "mono", 0, fade_in=100, fade_out=100))), files, tmp_path)[
        0
    ]
    assert heard[50] == pytest.approx(N[50] / 2, abs=1)
    assert np.array_equal(heard[100:900], N[100:900])
    assert heard[950] == pytest.approx(N[950] / 2, abs=6)


def test_mono_goes_to_both_sides_and_channels_are_chosen(files, tmp_path):
    both = sound(Item("m", 0, 100, "mono", 0))
    right = Track("A2", Kind.AUDIO, channels=2, items=(Item("s", 200, 100, "stereo", 0),))
    second = Track("A3", Kind.AUDIO, items=(Item("r", 400, 100, "stereo", 0, channels=(1,)),))
    heard = play(timeline(both, right, second), files, tmp_path)
    assert np.array_equal(heard[:, :100], np.stack([N[:100], N[:100]]))
    assert np.array_equal(heard[:, 200:300], np.stack([N[:100], -N[:100]]))
    assert np.array_equal(heard[:, 400:500], np.stack([-N[:100], -N[:100]]))


def test_tracks_that_name_their_side_of_the_mix(files, tmp_path):
    left = sound(Item("l", 0, 100, "stereo", 0, channels=(0,)), outputs=(0,))
    right = sound(Item("r", 0, 100, "stereo", 0, channels=(1,)), outputs=(1,))
    heard = play(timeline(left, right), files, tmp_path)
    assert np.array_equal(heard[:, :100], np.stack([N[:100], -N[:100]]))


def test_solo_silences_the_others(files, tmp_path):
    one = sound(Item("a", 0, 100, "mono", 0), solo=True)
    other = sound(Item("b", 200, 100, "mono", 0))
    heard = play(timeline(one, other), files, tmp_path)[0]
    assert heard[:100].all()
    assert not heard[100:].any()


def test_a_nested_sequence_sounds_with_its_own_levels_cut_by_its_clip(files, tmp_path):
    inner = timeline(sound(Item("in", 1_000, 5_000, "mono", 70)), length=8_000)
    outer = sound(Item("out", 500, 3_000, None, 2_000, nested=inner, kind="nested", gain_db=0.0))
    heard = play(timeline(outer), files, tmp_path)[0]
    assert not heard[:500].any()
    assert np.array_equal(heard[500:3_500], N[1_070:4_070])
    assert not heard[3_500:].any()


def test_a_side_of_a_nested_sequence(files, tmp_path):
    inner = timeline(Track("A1", Kind.AUDIO, channels=2, items=(Item("s", 0, 1_000, "stereo", 0),)))
    left = sound(Item("l", 0, 500, None, 0, nested=inner, channels=(0,)), outputs=(0,))
    right = sound(Item("r", 0, 500, None, 0, nested=inner, channels=(1,)), outputs=(1,))
    heard = play(timeline(left, right), files, tmp_path)
    assert np.array_equal(heard[:, :500], np.stack([N[:500], -N[:500]]))


def test_a_speed_is_played_at_its_pitch_and_length_and_said(files, tmp_path):
    time = np.arange(LENGTH) / 48_000
    tone = (np.sin(2 * np.pi * 440 * time) * (1 << 21)).astype(np.int32)
    from counted_sound import BwfWriter

    with BwfWriter(files["mono"], 48_000, 1, length=LENGTH) as out:
        out.write(tone[np.newaxis])
    fast = timeline(sound(Item("fast", 0, 48_000, "mono", 0, speed=Fraction(2))))
    heard = play(fast, files, tmp_path)[0]
    spectrum = np.abs(np.fft.rfft(heard[4_800:43_200]))
    assert np.argmax(spectrum) * 48_000 / 38_400 == pytest.approx(440, abs=3)
    assert not heard[48_000:].any()
    plan = plan_sound(fast, {"mono": FileSound(((0, 1),), 0, LENGTH)}, every_clip, 1)
    assert plan.notes == ("fast plays at 200 %: its sound is stretched at the same pitch.",)


@pytest.mark.parametrize("speed", [Fraction(10**6), Fraction(-(10**9))])
def test_a_speed_beyond_reason_takes_no_memory(files, tmp_path, speed):
    with pytest.raises(TimelineError, match="30 minutes"):
        play(timeline(sound(Item("fast", 0, 48_000, "mono", speed=speed))), files, tmp_path)


def test_backwards_and_held(files, tmp_path):
    back = Item("back", 0, 1_000, "mono", 500, speed=Fraction(-1))
    held = Item("held", 2_000, 1_000, "mono", 500, speed=Fraction(0))
    heard = play(timeline(sound(back, held)), files, tmp_path)[0]
    assert np.array_equal(heard[:1_000], N[500:1_500][::-1])
    assert not heard[1_000:].any()


def test_a_clip_that_reaches_beyond_its_file_is_silent_there_and_said(files, tmp_path):
    long = timeline(sound(Item("long", 0, 20_000, "mono", LENGTH - 10_000)))
    heard = play(long, files, tmp_path)[0]
    assert np.array_equal(heard[:10_000], N[-10_000:])
    assert not heard[10_000:].any()
    plan = plan_sound(long, {"mono": FileSound(((0, 1),), 0, LENGTH)}, every_clip, 1)
    assert plan.notes == ("mono.wav does not hold all of long: the rest is silent.",)


def test_a_clip_that_lies_outside_its_file_is_refused(files, tmp_path):
    with pytest.raises(TimelineError, match=r"late plays 4\.17 s to 4\.19 s"):
        play(timeline(sound(Item("late", 0, 1_000, "mono", LENGTH + 8_000))), files, tmp_path)


HOUR = 172_800_000


@pytest.mark.parametrize(
    ("claimed", "told", "actual", "source", "place"),
    [
        (HOUR, True, HOUR, 700, 700),
        (HOUR, True, HOUR + 1, 700, 700),  # a rounding of timecode
        (HOUR, True, HOUR + 500_000, 600_000, 100_000),  # a trimmed copy with its timecode
        (0, True, HOUR, 700, 700),  # a host that forgets timecode counts from the file
        (0, False, HOUR, HOUR + 700, 700),  # an EDL counts in timecode
        (0, False, None, 700, 700),
        (HOUR, True, None, 700, 700),
    ],
)
def test_the_media_s_own_timecode_says_where_a_clip_begins(claimed, told, actual, source, place):
    media = Media("m", "m.wav", start=claimed, start_told=told)
    item = Item("a", 0, 1_000, "m", source)
    assert place_in_file(item, media, FileSound(((0, 1),), 0, 2_000_000, actual), 1_920) == place


def test_a_file_of_several_streams_counts_its_channels_through(tmp_path):
    sound_ = FileSound(((1, 1), (2, 1), (3, 2)), 1, 100)
    assert sound_.channels(()) == ((1, 0),)
    assert sound_.channels((1, 3)) == ((2, 0), (3, 1))
    assert sound_.channels((9,)) == ()


def test_a_plan_is_as_long_as_its_timeline_whatever_its_clips_say(files):
    over = timeline(sound(Item("over", LENGTH - 100, 5_000, "mono", 0)))
    plan = plan_sound(over, {"mono": FileSound(((0, 1),), 0, LENGTH)}, every_clip, 1)
    assert [part.length for part in plan.parts] == [100]
    assert replace(plan.parts[0]).span == (0, 100)
