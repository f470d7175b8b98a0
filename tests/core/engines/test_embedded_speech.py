"""The embedded diarizer, embedder and transcriber on real recordings and on silence."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from rythmo.engines import registry
from rythmo.engines.adapters import campplus, faster_whisper, segmentation
from rythmo.engines.base import Kind
from rythmo.engines.speech.vad import fitting_spans, speech_spans
from rythmo.errors import CancelledError, LanguageError
from rythmo.media import ffmpeg
from rythmo.media.audio import Audio, make_silence
from rythmo.progress import CancelToken
from rythmo.script.store import encode_json

_DATA = os.environ.get("RYTHMO_TEST_DATA")
_parts = pytest.mark.skipif(
    bool(segmentation.missing() or faster_whisper.missing()),
    reason="the embedded engines' wheels are not installed",
)
pytestmark = _parts


@pytest.fixture(scope="module")
def jfk() -> Audio:
    return recording("speech-jfk.flac")


def recording(name: str) -> Audio:
    if not _DATA:
        pytest.skip("RYTHMO_TEST_DATA is not set")
    samples, rate = soundfile.read(Path(_DATA) / "media" / name, dtype="float32", always_2d=True)
    return Audio(np.ascontiguousarray(samples.T), rate)


@pytest.fixture(scope="module")
def recogniser() -> faster_whisper.FasterWhisper:
    return faster_whisper.create({"threads": 1})


@pytest.fixture(scope="module")
def embedder() -> campplus.CamPlusEmbedder:
    return campplus.create({})


@pytest.fixture(scope="module")
def diarizer() -> segmentation.SegmentationDiarizer:
    return segmentation.create({})


@pytest.mark.needs_data
@pytest.mark.parametrize("rate", [8000, 96000])
def test_one_man_is_one_speaker_at_any_rate(
    jfk: Audio, diarizer: segmentation.SegmentationDiarizer, rate: int
) -> None:
    sound, told = jfk.at_rate(rate), []
    turns = diarizer.diarize(sound, report=told.append)
    assert {turn.speaker for turn in turns} == {"S1"}
    assert all(0 <= turn.start < turn.end <= sound.length for turn in turns)
    assert [turn.start for turn in turns] == sorted(turn.start for turn in turns)
    assert 6 < sum(turn.end - turn.start for turn in turns) / rate < 10
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.mark.needs_data
def test_one_man_is_one_speaker_after_separation(
    jfk: Audio, diarizer: segmentation.SegmentationDiarizer
) -> None:
    separator = registry.create(registry.find(Kind.SEPARATOR, "deepfilternet"))
    speech = separator.separate(jfk.at_rate(48_000)).speech
    assert {turn.speaker for turn in diarizer.diarize(speech)} == {"S1"}


@pytest.mark.needs_data
def test_two_men_one_after_the_other_are_two(jfk: Audio, diarizer: segmentation.SegmentationDiarizer) -> None:
    first = jfk.mono().at_rate(16_000).samples
    file = Path(_DATA or "") / "media/speech-one-man.mp4"
    command = [*ffmpeg.input_arguments(file), "-vn", "-ac", "1", "-ar", "16000", "-f", "f32le", "-"]
    second = np.frombuffer(ffmpeg.run(command), "<f4")[None]
    turns = diarizer.diarize(Audio(np.concatenate([first, second], axis=1), 16_000))
    border = first.shape[1]
    assert {turn.speaker for turn in turns if turn.end <= border} == {"S1"}
    assert {turn.speaker for turn in turns if turn.start >= border} == {"S2"}


@pytest.mark.needs_data
def test_a_given_count_of_speakers_is_obeyed(jfk: Audio, diarizer: segmentation.SegmentationDiarizer) -> None:
    """As far as windows hear people apart: there are two windows of one man."""
    assert len({turn.speaker for turn in diarizer.diarize(jfk, speakers=2)}) == 2


@pytest.mark.parametrize("length", [0, 1, 100, 16000, 48000])
def test_silence_has_no_turns_no_words_and_no_vector(
    diarizer: segmentation.SegmentationDiarizer,
    recogniser: faster_whisper.FasterWhisper,
    embedder: campplus.CamPlusEmbedder,
    length: int,
) -> None:
    quiet = make_silence(2, length, 48000)
    assert diarizer.diarize(quiet) == ()
    assert diarizer.diarize(quiet, speakers=2) == ()
    assert not embedder.embed([quiet]).any()
    assert recogniser.transcribe(quiet, language="en") == ()


@pytest.mark.needs_data
def test_vectors_are_of_length_one_and_halves_of_one_man_are_near(
    jfk: Audio, embedder: campplus.CamPlusEmbedder
) -> None:
    rows = embedder.embed([jfk.cut(0, jfk.length // 2), jfk.cut(jfk.length // 2, jfk.length)])
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1.0, 1.0], abs=1e-5)
    assert float(rows[0] @ rows[1]) > campplus.SAME_SPEAKER  # measured: 0.71


@pytest.mark.needs_data
def test_words_are_right_in_order_and_inside_the_sound(
    jfk: Audio, recogniser: faster_whisper.FasterWhisper
) -> None:
    words = recogniser.transcribe(jfk, language="en")
    assert [word.text for word in words[:5]] == ["And", "so", "my", "fellow", "Americans,"]
    assert " ".join(word.text for word in words).endswith("ask what you can do for your country.")
    assert all(0 <= word.start < word.end <= jfk.length for word in words)
    assert not any(word.language for word in words), "all in the language that was asked for"
    assert json.loads(encode_json(words)), "plain values: numpy's cannot be stored"


@pytest.mark.needs_data
def test_a_recording_in_two_languages_is_written_in_both(recogniser: faster_whisper.FasterWhisper) -> None:
    if not _DATA:
        pytest.skip("RYTHMO_TEST_DATA is not set")
    samples, rate = soundfile.read(Path(_DATA) / "media/speech-multilingual.mp3", dtype="float32")
    sound = Audio(samples[None, 22 * rate : 42 * rate], rate)  # English up to 29 s, then German
    words = recogniser.transcribe(sound, language="en")
    english = [word for word in words if not word.language]
    german = [word for word in words if word.language == "de"]
    assert len(english) + len(german) == len(words)
    assert "copyright" in [word.text for word in english]
    assert "Software" in [word.text.strip(".,") for word in german]
    assert english[-1].start < 8.5 * rate < german[0].start
    assert recogniser.find_language(sound.cut(9 * rate, sound.length)) == "de"


def test_a_language_that_whisper_does_not_know_is_refused() -> None:
    with pytest.raises(LanguageError):
        registry.choose(Kind.TRANSCRIBER, "faster-whisper", language="eo")


def test_cancelling_stops_all_three(
    diarizer: segmentation.SegmentationDiarizer,
    recogniser: faster_whisper.FasterWhisper,
    embedder: campplus.CamPlusEmbedder,
) -> None:
    cancel = CancelToken()
    cancel.cancel()
    quiet = make_silence(1, 16000, 16000)
    with pytest.raises(CancelledError):
        diarizer.diarize(quiet, cancel=cancel)
    with pytest.raises(CancelledError):
        embedder.embed([quiet], cancel=cancel)
    with pytest.raises(CancelledError):
        recogniser.transcribe(quiet, language="en", cancel=cancel)


def test_short_pauses_are_closed_and_clicks_dropped() -> None:
    p = np.zeros(100, np.float32)
    p[10:30] = p[33:50] = p[70] = 0.9
    assert speech_spans(p) == [(10, 50)]


def test_thresholds_go_down_for_unsure_speech_and_not_for_breath() -> None:
    sure = np.full(200, 0.01, np.float32)
    sure[20:150] = 0.95
    sure[160:166] = 0.25
    assert fitting_spans(sure) == speech_spans(sure)
    distant = sure.copy()
    distant[60:150] = 0.3
    assert fitting_spans(distant) == [(20, 150), (160, 166)]
    assert fitting_spans(np.full(200, 0.15, np.float32)) == []


@pytest.mark.needs_data
def test_speech_far_away_is_not_taken_for_silence(diarizer: segmentation.SegmentationDiarizer) -> None:
    """The segmentation network alone hears nobody in this meeting; a detector of speech does."""
    audio = recording("meeting-trn01.wav")
    turns = diarizer.diarize(audio)
    assert any(turn.start < 29.5 * audio.rate and turn.end > 28.8 * audio.rate for turn in turns)
