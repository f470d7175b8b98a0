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
from rythmo.media.audio import Audio

TRUTH = Path(__file__).parents[3] / "examples" / "scene.truth"
WORK = {
    Kind.SEPARATOR: lambda engine, sound: [
        part.samples.tobytes() for one in [engine.separate(sound)] for part in (one.speech, one.bed)
    ],
    Kind.DIARIZER: lambda engine, sound: engine.diarize(sound),
    Kind.EMBEDDER: lambda engine, sound: engine.embed([sound]).tobytes(),
}
"""What is asked of an engine that takes several requests at once. Whisper takes one."""
SEVERAL = [
    (kind, spec.info.name)
    for kind in WORK
    for spec in registry.installed()[kind]
    if spec.info.local and spec.info.draft and spec.info.at_once > 1
]


def speech(name: str, seconds: slice) -> Audio:
    samples, rate = soundfile.read(TRUTH / f"{name}.flac", dtype="float32")
    return Audio(np.ascontiguousarray(samples[None, seconds.start * rate : seconds.stop * rate]), rate)


def test_the_embedded_engines_that_take_several_requests_are_here():
    assert {kind for kind, _ in SEVERAL} == set(WORK)


@pytest.mark.parametrize(("kind", "name"), SEVERAL, ids=str)
def test_two_requests_at_once_are_two_alone(request, kind, name):
    engine, work = embedded(kind, name)(request), WORK[kind]
    sounds = [speech("anna", slice(2, 8)), speech("george", slice(5, 12)), speech("guard", slice(25, 32))]
    alone = [work(engine, sound) for sound in sounds]
    start = Barrier(len(sounds))

    def together(sound: Audio):
        start.wait()
        return work(engine, sound)

    with ThreadPoolExecutor(len(sounds)) as threads:
        assert list(threads.map(together, sounds)) == alone
    engine.close()
