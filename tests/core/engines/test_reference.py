from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.engines.remote.audio_response import read_pcm, read_wav, require_speech
from rythmo.engines.remote.calls import BadAnswerError
from rythmo.engines.remote.reference import ReferenceRules, fingerprint, prepare_reference, write_wav
from rythmo.errors import EngineError
from rythmo.media.audio import Audio, make_silence


def tone(seconds: float, hertz: float = 200.0, rate: int = 48_000, channels: int = 1) -> Audio:
    one = 0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    return Audio(np.tile(one.astype(np.float32), (channels, 1)), rate)


def pitch(audio: Audio, start: float, end: float) -> float:
    part = audio.cut(round(start * audio.rate), round(end * audio.rate)).samples[0]
    return float(np.argmax(np.abs(np.fft.rfft(part))) * audio.rate / part.size)


def test_the_longest_segments_are_taken_in_their_order() -> None:
    reference = prepare_reference([tone(1, 100), tone(4, 200), tone(2, 300), tone(5, 400)])
    assert (reference.rate, reference.channels) == (44_100, 1)
    # 5 s and 4 s make 8; the shorter ones stay out. Between them 150 ms of silence.
    assert reference.seconds == pytest.approx(9.15, abs=0.001)
    assert pitch(reference, 1, 3) == pytest.approx(200, abs=1)
    assert pitch(reference, 5, 9) == pytest.approx(400, abs=1)
    assert not reference.cut(round(4.03 * 44_100), round(4.12 * 44_100)).samples.any()


def test_what_is_too_short_is_padded_and_what_is_too_long_is_cut() -> None:
    assert prepare_reference([tone(1.2)]).seconds == pytest.approx(2.0)
    assert prepare_reference([tone(1.6)]).seconds == pytest.approx(1.6)
    assert prepare_reference([tone(40)]).seconds == pytest.approx(15.0)
    assert prepare_reference([tone(3)], ReferenceRules(rate=16_000)).rate == 16_000


@given(st.lists(st.integers(1, 200), min_size=1, max_size=6))
@settings(max_examples=20, deadline=None)
def test_the_length_is_always_what_services_accept(tenths: list[int]) -> None:
    segments = [tone(n / 10, rate=8000) for n in tenths]
    reference = prepare_reference(segments, ReferenceRules(rate=8000))
    assert 1.5 <= reference.seconds <= 15.0
    assert reference.seconds >= min(8.0, sum(tenths) / 10) - 0.001


def test_stereo_becomes_mono() -> None:
    assert prepare_reference([tone(3, channels=2)]).channels == 1


@pytest.mark.parametrize("segments", [[], [make_silence(1, 48_000, 48_000)], [make_silence(1, 0, 48_000)]])
def test_nobody_is_cloned_from_silence(segments: list[Audio]) -> None:
    with pytest.raises(EngineError, match="no clean speech"):
        prepare_reference(segments)


def test_wav_round_trip_and_fingerprint() -> None:
    sound = tone(0.5)
    data = write_wav(sound)
    assert data == write_wav(tone(0.5))
    back = read_wav(data)
    assert back.rate == 48_000
    assert np.abs(back.samples - sound.samples).max() < 2.0**-15
    assert fingerprint(data) != fingerprint(write_wav(tone(0.5, 201)))
    assert np.abs(read_wav(write_wav(Audio(sound.samples * 9, 48_000))).samples).max() <= 1.0


def test_streamed_wavs_with_a_boundless_header_are_read() -> None:
    data = bytearray(write_wav(tone(0.5)))
    data[4:8] = data[40:44] = b"\xff\xff\xff\xff"
    assert read_wav(bytes(data)).seconds == pytest.approx(0.5)


@pytest.mark.parametrize("data", [b"", b"RIFFxxxx" * 10, b'{"error": "x"}', b"\0" * 100])
def test_what_is_no_sound_is_said(data: bytes) -> None:
    with pytest.raises(BadAnswerError, match="not audio"):
        read_wav(data)


def test_bare_samples() -> None:
    assert read_pcm(b"\x00\x40\x00\xc0", 24_000).samples.tolist() == [[0.5, -0.5]]
    with pytest.raises(BadAnswerError, match="middle of a sample"):
        read_pcm(b"\0\0\0", 24_000)


@pytest.mark.parametrize(
    ("sound", "why"),
    [
        (make_silence(1, 24_000, 24_000), "silent"),
        (tone(0.01), "empty"),
        (tone(30), "30 s for 4 characters"),
        (Audio(np.full((1, 24_000), np.nan, np.float32), 24_000), "not numbers"),
    ],
)
def test_sound_that_is_no_line_is_not_believed(sound: Audio, why: str) -> None:
    with pytest.raises(BadAnswerError, match=why):
        require_speech(sound, "Hola")


def test_ordinary_lines_are_believed() -> None:
    assert require_speech(tone(8), "Hola").seconds == 8
    assert require_speech(tone(0.2), "Sí").seconds == pytest.approx(0.2)
