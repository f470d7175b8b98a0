"""Engines that take several requests at once: what each gives is what it gives alone.

Chunks of a programme are worked on side by side, so that an engine that kept the state of one request where
another finds it would mix their words up, or fail.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
import soundfile
from engine_cases import embedded

from rythmo.engines import registry
from rythmo.engines.base import Kind
from rythmo.engines.local.devices import MODELS
from rythmo.media.audio import Audio

TRUTH = Path(__file__).parents[3] / "examples" / "scene.truth"
WORK = {
    Kind.SEPARATOR: lambda engine, sound: [
        part.samples.tobytes() for one in [engine.separate(sound)] for part in (one.speech, one.bed)
    ],
    Kind.DIARIZER: lambda engine, sound: engine.diarize(sound),
    Kind.EMBEDDER: lambda engine, sound: engine.embed([sound]).tobytes(),
    Kind.TRANSCRIBER: lambda engine, sound: engine.transcribe(sound, language="en"),
}
"""What is asked of an engine that takes several requests at once."""
SHARED = {
    (Kind.SEPARATOR, "rnnoise"): ["rythmo.engines.speech.guided_separator"],
    (Kind.SEPARATOR, "deepfilternet"): [
        "rythmo.engines.speech.guided_separator",
        "rythmo.engines.adapters.deepfilternet.library",
    ],
    (Kind.DIARIZER, "segmentation"): [
        "rythmo.engines.speech.segmentation",
        "rythmo.engines.speech.local_speakers",
    ],
    (Kind.EMBEDDER, "campplus"): ["rythmo.engines.adapters.campplus"],
    (Kind.TRANSCRIBER, "faster-whisper"): ["rythmo.engines.adapters.faster_whisper"],
}
"""The modules that share one request out over the cores, by engine."""
SEVERAL = sorted(
    {
        (kind, spec.info.name)
        for kind in WORK
        for spec in registry.installed()[kind]
        if spec.info.local and spec.info.draft and spec.info.at_once > 1
    }.union(SHARED)
)


def speech(name: str, seconds: slice) -> Audio:
    samples, rate = soundfile.read(TRUTH / f"{name}.flac", dtype="float32")
    return Audio(np.ascontiguousarray(samples[None, seconds.start * rate : seconds.stop * rate]), rate)


def test_the_embedded_engines_that_take_several_requests_are_here():
    assert {kind for kind, _ in SEVERAL} == set(WORK)


@pytest.mark.parametrize(("kind", "name"), SEVERAL, ids=str)
def test_two_requests_at_once_are_two_alone(request, kind, name):
    engine, work = embedded(kind, name)(request), WORK[kind]
    sounds = [speech("anna", slice(2, 6)), speech("george", slice(5, 9)), speech("guard", slice(25, 29))]
    alone = [work(engine, sound) for sound in sounds]
    start = Barrier(len(sounds))

    def together(sound: Audio):
        start.wait()
        return work(engine, sound)

    with ThreadPoolExecutor(len(sounds)) as threads:
        assert list(threads.map(together, sounds)) == alone
    engine.close()


@pytest.mark.parametrize(("kind", "name"), SHARED, ids=str)
def test_what_comes_out_does_not_depend_on_the_cores(request, monkeypatch, kind, name):
    work, sound, found = WORK[kind], speech("anna", slice(2, 14)), []
    for cores in (1, 3):
        for module in SHARED[kind, name]:
            monkeypatch.setattr(f"{module}.count_cores", lambda most=4, cores=cores: min(most, cores))
        engine = embedded(kind, name)(request)
        found.append(work(engine, sound))
        engine.close()
        MODELS.free()
    assert found[0] == found[1]
