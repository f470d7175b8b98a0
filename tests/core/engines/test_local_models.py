"""The real libraries with tiny random models; skipped where the libraries are not installed."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import pytest

from rythmo.engines.adapters import demucs, faster_whisper, funasr, qwen_tts
from rythmo.engines.adapters.pyannote import engines
from rythmo.engines.base import SpeakerProfile, SpeechRequest, Turn
from rythmo.engines.local.devices import MODELS
from rythmo.engines.speech.word_repair import TimedWord
from rythmo.errors import CancelledError, EngineFailedError, EngineMissingError
from rythmo.media.audio import Audio, make_silence
from rythmo.progress import CancelToken
from rythmo.script.model import Prosody
from rythmo.script.takes import VoiceRef

pytestmark = pytest.mark.filterwarnings("ignore")  # the libraries' own warnings are not ours to mend


def speech(seconds: float, rate: int = 48_000, channels: int = 2, seed: int = 0) -> Audio:
    """Two buzzing "voices" that take turns, in a little noise."""
    draw = np.random.default_rng(seed)
    time = np.arange(round(seconds * rate)) / rate
    hertz = np.where(time % 4 < 2, 110, 200)
    buzz = 0.3 * np.sign(np.sin(np.cumsum(2 * np.pi * hertz / rate))) * (time % 1 < 0.8)
    samples = np.tile(buzz, (channels, 1)) + 0.01 * draw.normal(size=(channels, time.size))
    return Audio(samples.astype(np.float32), rate)


@pytest.fixture(autouse=True)
def forget_models():
    MODELS.free()  # other files' models: what is counted here is this file's own
    yield
    MODELS.free()


def test_whisper_gives_words_inside_the_sound_the_same_every_time(tiny_whisper) -> None:
    engine = faster_whisper.create({"model": str(tiny_whisper), "threads": 1, "batch": 2, "beam": 1})
    sound = speech(6)
    turns = [Turn(0, 3 * 48_000, "A"), Turn(3 * 48_000, 6 * 48_000, "B")]
    seen: list[float] = []
    words = engine.transcribe(sound, language="en", turns=turns, report=seen.append)
    assert words, "the tiny model was made to say something"
    assert all(0 <= word.start < word.end <= sound.length for word in words)
    assert words == engine.transcribe(sound, language="en", turns=turns)
    assert seen[-1] == 1.0
    assert seen == sorted(seen)
    assert "faster-whisper-tiny-random" in engine.info.version
    assert len(MODELS.loaded()) == 1


def test_whisper_finds_speech_itself_and_none_in_silence(tiny_whisper) -> None:
    engine = faster_whisper.create({"model": str(tiny_whisper), "threads": 1})
    assert engine.transcribe(make_silence(1, 48_000 * 3, 48_000), language="en") == ()
    assert engine.transcribe(make_silence(1, 0, 48_000), language="en") == ()


def test_whisper_stops_when_cancelled(tiny_whisper) -> None:
    cancel = CancelToken()
    cancel.cancel()
    engine = faster_whisper.create({"model": str(tiny_whisper), "threads": 1})
    with pytest.raises(CancelledError):
        engine.transcribe(speech(3), language="en", turns=[Turn(0, 48_000, "A")], cancel=cancel)


def test_pyannote_obeys_a_given_count_and_keeps_time(tiny_pyannote) -> None:
    engine = engines.create({"model": str(tiny_pyannote), "device": "cpu"})
    sound = speech(12)
    seen: list[float] = []
    turns = engine.diarize(sound, speakers=2, report=seen.append)
    assert turns == engine.diarize(sound, speakers=2)
    assert len({turn.speaker for turn in turns}) <= 2
    assert all(0 <= turn.start < turn.end <= sound.length for turn in turns)
    assert list(turns) == sorted(turns, key=lambda turn: (turn.start, turn.speaker))
    assert seen[-1] == 1.0
    assert os.environ["PYANNOTE_METRICS_ENABLED"] == "0"


@pytest.fixture
def pyannote_31(tiny_pyannote, tmp_path, monkeypatch) -> Path:
    """speaker-diarization-3.1 as the hub has it: a configuration that names its parts by repository, those in
    Hugging Face's cache, and no PLDA anywhere."""
    hub = tmp_path / "hub"
    for repository, part in {
        "segmentation-3.0": "segmentation",
        "wespeaker-voxceleb-resnet34-LM": "embedding",
    }.items():
        shutil.copytree(
            tiny_pyannote / part, hub / f"models--pyannote--{repository}" / "snapshots" / "a1b2c3d4"
        )
    folder = hub / "models--pyannote--speaker-diarization-3.1" / "snapshots" / "e5f6a7b8"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("""\
version: 3.1.0
pipeline:
  name: pyannote.audio.pipelines.SpeakerDiarization
  params:
    clustering: AgglomerativeClustering
    embedding: pyannote/wespeaker-voxceleb-resnet34-LM
    embedding_batch_size: 32
    embedding_exclude_overlap: true
    segmentation: pyannote/segmentation-3.0
    segmentation_batch_size: 32
params:
  clustering:
    method: centroid
    min_cluster_size: 12
    threshold: 0.7045654963945799
  segmentation:
    min_duration_off: 0.0
""")
    monkeypatch.setenv("HF_HUB_CACHE", str(hub))
    monkeypatch.setenv("RYTHMO_MODELS", str(tmp_path / "none"))
    return folder


def test_pyannote_31_runs_with_what_is_on_this_machine(pyannote_31) -> None:
    assert [part for part in engines.ENGINE.missing() if "package" not in part.what] == []
    engine = engines.create({"device": "cpu"})
    assert "pyannote/segmentation-3.0@a1b2c3d" in engine.info.version
    turns = engine.diarize(speech(12), speakers=2)
    assert len({turn.speaker for turn in turns}) <= 2
    rows = engines.create_embedder({"device": "cpu"}).embed([speech(2)])
    assert rows.shape == (1, 16)


def test_a_pyannote_part_that_is_not_here_is_said_and_not_fetched(pyannote_31) -> None:
    shutil.rmtree(pyannote_31.parents[2] / "models--pyannote--segmentation-3.0")
    (lacking,) = [part for part in engines.ENGINE.missing() if "package" not in part.what]
    assert lacking.command == "hf download pyannote/segmentation-3.0"
    with pytest.raises(EngineMissingError, match="lacks its segmentation model") as caught:
        engines.create({"device": "cpu"})
    assert "hf download pyannote/segmentation-3.0" in caught.value.hint


def test_pyannote_hears_nobody_in_silence_and_stops_when_cancelled(tiny_pyannote) -> None:
    engine = engines.create({"model": str(tiny_pyannote), "device": "cpu"})
    assert engine.diarize(make_silence(1, 48_000 * 3, 48_000)) == ()
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(CancelledError):
        engine.diarize(speech(12), cancel=cancel)


def test_pyannote_vectors_have_length_one_and_silence_has_none(tiny_pyannote) -> None:
    engine = engines.create_embedder({"model": str(tiny_pyannote), "device": "cpu"})
    rows = engine.embed(
        [speech(2), make_silence(1, 48_000, 48_000), speech(3, seed=1), make_silence(1, 10, 48_000)]
    )
    assert rows.shape == (4, 16)
    assert rows.dtype == np.float32
    assert np.allclose(np.linalg.norm(rows, axis=1), [1, 0, 1, 0], atol=1e-5)
    assert np.array_equal(rows[:1], engine.embed([speech(2)]))
    assert engine.embed([]).shape == (0, 16)
    assert 0 < engine.same_speaker < 1


@pytest.mark.parametrize(("channels", "rate"), [(1, 16_000), (2, 48_000), (3, 44_100)])
def test_demucs_keeps_shape_and_sums_to_the_mix(tiny_demucs, channels: int, rate: int) -> None:
    engine = demucs.create({"repo": str(tiny_demucs), "device": "cpu"})
    mix = speech(3.1, rate, channels)
    seen: list[float] = []
    found = engine.separate(mix, report=seen.append)
    assert found.speech.samples.shape == found.bed.samples.shape == mix.samples.shape
    assert found.speech.rate == found.bed.rate == rate
    assert np.abs(found.speech.samples + found.bed.samples - mix.samples).max() < 1e-6
    again = engine.separate(mix)
    assert np.array_equal(found.speech.samples, again.speech.samples)
    assert seen[-1] == 1.0
    assert seen == sorted(seen)


def test_demucs_goes_through_silence_and_long_sound_in_blocks(tiny_demucs, monkeypatch) -> None:
    engine = demucs.create({"repo": str(tiny_demucs), "device": "cpu"})
    quiet = engine.separate(make_silence(2, 48_000, 48_000))
    assert not quiet.speech.samples.any()
    assert engine.separate(make_silence(2, 0, 48_000)).bed.length == 0
    monkeypatch.setattr(demucs, "_BLOCK_S", 3)
    monkeypatch.setattr(demucs, "_OVERLAP_S", 1)
    mix = speech(7.3)
    found = engine.separate(mix)
    assert np.abs(found.speech.samples + found.bed.samples - mix.samples).max() < 1e-6


def test_demucs_takes_back_what_a_back_end_is_late(tiny_demucs, monkeypatch) -> None:
    engine = demucs.create({"repo": str(tiny_demucs), "device": "cpu"})
    late = 1105

    def pads(_separator, sound, _rate):
        import torch

        moved = torch.zeros_like(sound)
        moved[:, late:] = sound[:, :-late]
        return sound, {"vocals": 0.75 * moved, "other": 0.25 * moved}

    monkeypatch.setattr("demucs.api.Separator.separate_tensor", pads)
    mix = speech(6, rate=44_100)
    voice = engine.separate(mix).speech.samples
    assert np.allclose(voice[:, :-late], 0.75 * mix.samples[:, :-late], atol=1e-6)


def test_demucs_stops_when_cancelled(tiny_demucs) -> None:
    cancel = CancelToken()
    engine = demucs.create({"repo": str(tiny_demucs), "device": "cpu"})
    with pytest.raises(CancelledError):
        engine.separate(speech(6), report=lambda _: cancel.cancel(), cancel=cancel)


def test_blocks_fade_into_each_other_without_a_trace() -> None:
    sound = speech(25, 100).samples
    whole = demucs._blockwise(sound, 100, lambda part, tell: part, lambda _: None)
    assert np.array_equal(whole, sound)


@pytest.mark.parametrize("length", [2399, 2400, 2401, 4350, 4760, 7000])
def test_block_edges(length: int, monkeypatch) -> None:
    monkeypatch.setattr(demucs, "_BLOCK_S", 24)
    sound = np.linspace(-1, 1, 2 * length, dtype=np.float32).reshape(2, length)
    whole = demucs._blockwise(sound, 100, lambda part, tell: part, lambda _: None)
    assert np.abs(whole - sound).max() < 1e-6


@pytest.mark.parametrize(
    "module", [faster_whisper, engines, demucs, funasr, qwen_tts], ids=lambda module: module.__name__
)
def test_a_folder_without_a_model_is_said(module, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("RYTHMO_MODELS", str(tmp_path / "none"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "none"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "none"))
    needs = [part for part in module.ENGINE.missing() if "package" not in part.what]
    assert len(needs) == 1
    assert needs[0].command
    key = "repo" if module is demucs else "model"
    with pytest.raises(EngineMissingError):
        module.create({key: str(tmp_path / "nothing/here")})
    with pytest.raises(EngineMissingError):
        module.create({})


def test_models_are_found_where_people_put_them(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("RYTHMO_MODELS", str(tmp_path / "own"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))

    def put(*files: str) -> Path:
        for file in files:
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        return path.parent

    snapshots = "hub/models--Systran--faster-whisper-small/snapshots"
    put(*(f"{snapshots}/old/{name}" for name in ("config.json", "tokenizer.json")))
    assert faster_whisper._find() is None, "half a download is no model"
    small = put(*(f"{snapshots}/new/{name}" for name in ("model.bin", "config.json", "tokenizer.json")))
    assert faster_whisper._find() == small
    own = put(
        *(f"own/faster-whisper-medium/{name}" for name in ("model.bin", "config.json", "tokenizer.json"))
    )
    assert faster_whisper._find() == own
    hub = put("hub/models--pyannote--speaker-diarization-community-1/snapshots/a/config.yaml")
    assert engines._find() == hub
    put("torch/hub/checkpoints/955717e8-8726e21a.th")
    assert demucs._find() == ("htdemucs", None)
    put("own/demucs/htdemucs_ft.yaml")
    assert demucs._find() == ("htdemucs_ft", tmp_path / "own/demucs")


def test_funasr_gives_words_inside_each_turn(tiny_sensevoice) -> None:
    engine = funasr.create({"model": str(tiny_sensevoice), "device": "cpu"})
    sound = speech(5)
    turns = [Turn(48_000, 2 * 48_000, "A"), Turn(4 * 48_000, 5 * 48_000, "B")]
    words = engine.transcribe(sound, language="en", turns=turns)
    assert all(0.8 * 48_000 - 1 <= word.start < word.end <= sound.length for word in words)
    assert engine.transcribe(make_silence(1, 48_000 * 2, 48_000), language="en") == ()


def test_funasr_takes_the_models_own_times_where_they_fit() -> None:
    assert funasr._timed("good bye", [(0, 400), (500, 900)], 1.0, "en")[1] == TimedWord("bye", 0.5, 0.9)
    assert funasr._timed("good bye", [(0, 400)], 1.0, "en")[1].end_s == pytest.approx(1.0)
    assert funasr._timed("", [], 1.0, "en") == []


def test_qwen_speaks_the_same_line_the_same_way_and_each_speaker_differently(tiny_qwen_tts) -> None:
    engine = qwen_tts.create({"model": str(tiny_qwen_tts), "device": "cpu", "max_new_tokens": 12})
    people = [
        SpeakerProfile(n, n, Prosody(), (speech(3, 24_000, 1, seed),)) for seed, n in enumerate(("S1", "S2"))
    ]
    one, two = engine.cast(people, language="es")
    assert one.id != two.id
    first = engine.speak(SpeechRequest("Hola.", "es", one))
    assert (first.rate, first.channels) == (24_000, 1)
    assert np.array_equal(first.samples, engine.speak(SpeechRequest("Hola.", "es", one)).samples)
    other = engine.speak(SpeechRequest("Hola.", "es", two))
    assert first.length != other.length or not np.array_equal(first.samples, other.samples)
    engine.close()


def test_qwen_clones_nobody_without_a_reference(tiny_qwen_tts) -> None:
    engine = qwen_tts.create({"model": str(tiny_qwen_tts), "device": "cpu"})
    with pytest.raises(EngineFailedError, match="no reference for Anna") as caught:
        engine.cast([SpeakerProfile("S1", "Anna", Prosody())], language="es")
    assert "consent" in caught.value.hint
    with pytest.raises(EngineFailedError, match="no reference"):
        engine.speak(SpeechRequest("Hola.", "es", VoiceRef("qwen-tts", "clone-0123456789abcdef")))
