"""Stretch speech to an exact length: one function, three methods.

signalsmith (MIT, a wheel) is the default. Rubber Band R3 (GPL, the `rubberband` program in its own process)
sounds best and is for finals where it is installed. atempo, the filter in the FFmpeg libraries that PyAV
carries, is available on every system. It misses its length by up to one of its frames; the difference falls
on silence.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from enum import StrEnum
from functools import cache
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from rythmo.errors import EngineFailedError, EngineMissingError, UsageError
from rythmo.media.audio import Audio
from rythmo.media.wav import read_audio, write_wav
from rythmo.scratch import scratch_folder

Mono = NDArray[np.float32]
"""float32, shape (samples,)."""

_SEED = 1
_TIMEOUT = 600.0
# Silence around the sound, so that no window of the stretcher straddles the edge of its world.
_PAD_SECONDS = 0.1


class Method(StrEnum):
    """How to stretch. AUTO is signalsmith, or atempo where signalsmith has no wheel. FINAL is Rubber Band
    where it is installed, and AUTO elsewhere."""

    AUTO = "auto"
    FINAL = "final"
    SIGNALSMITH = "signalsmith"
    RUBBERBAND = "rubberband"
    ATEMPO = "atempo"


def parse_method(name: str) -> Method:
    """Return the method of that name, if it works on this machine. Raises UsageError, EngineMissingError."""
    try:
        method = Method(name)
    except ValueError:
        hint = f"There are: {', '.join(Method)}."
        raise UsageError(f"There is no stretcher {name!r}.", hint=hint) from None
    choose_method(method)
    return method


@cache
def is_available(method: Method) -> bool:
    """Tell whether that method works on this machine."""
    if method is Method.RUBBERBAND:
        return shutil.which("rubberband") is not None
    return method is not Method.SIGNALSMITH or find_spec("python_stretch") is not None


def choose_method(method: Method) -> Method:
    """Return the method to use. Raises EngineMissingError when a named one is not installed."""
    if method is Method.FINAL:
        method = Method.RUBBERBAND if is_available(Method.RUBBERBAND) else Method.AUTO
    if method is Method.AUTO:
        return Method.SIGNALSMITH if is_available(Method.SIGNALSMITH) else Method.ATEMPO
    if not is_available(method):
        raise EngineMissingError(f"The stretcher {method} is not installed.", hint=_COMMANDS[method])
    return method


_COMMANDS = {
    Method.SIGNALSMITH: "pip install python-stretch",
    Method.RUBBERBAND: "apt install rubberband-cli, or brew install rubberband",
}


def stretch(samples: Mono, rate: int, length: int, method: Method = Method.AUTO) -> Mono:
    """Stretch `samples` to exactly `length` samples, pitch kept; unchanged when the length is right already.

    Raises EngineMissingError or EngineFailedError.
    """
    if samples.ndim != 1 or length < 1:
        raise ValueError(f"cannot stretch {samples.shape} to {length} samples")
    if samples.size == length:
        return samples
    if not samples.size:
        return np.zeros(length, np.float32)
    pad = round(rate * _PAD_SECONDS)
    speed = samples.size / length
    lead = round(pad / speed)
    padded = np.concatenate((np.zeros(pad, np.float32), samples, np.zeros(pad, np.float32)))
    stretched = _METHODS[choose_method(method)](padded, rate, speed)
    out = np.zeros(length, np.float32)
    part = stretched[lead : lead + length]
    out[: part.size] = part
    return out


def _signalsmith(samples: Mono, rate: int, speed: float) -> Mono:
    from python_stretch.Signalsmith import Stretch

    # Its phases are random: without a seed two runs differ.
    engine = Stretch(_SEED)
    engine.preset(1, float(rate))
    engine.setTimeFactor(speed)
    out: Mono = np.asarray(engine.process(samples[np.newaxis]), np.float32)[0]
    return out


def _rubberband(samples: Mono, rate: int, speed: float) -> Mono:
    with scratch_folder("stretch") as folder:
        source, target = folder / "in.wav", folder / "out.wav"
        write_wav(source, Audio(samples[np.newaxis], rate), "FLOAT")
        command = ["rubberband", "-3", "-q", "--time", repr(1 / speed), str(source), str(target)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_TIMEOUT)  # noqa: S603 - the program and its options are ours
        except (OSError, subprocess.SubprocessError) as error:
            raise EngineFailedError(
                f"rubberband failed: {error}.", hint="Use the default stretcher."
            ) from error
        out: Mono = read_audio(target).samples[0]
        return out


def _atempo(samples: Mono, rate: int, speed: float) -> Mono:
    import av

    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate, format="fltp", layout="mono")
    tempo = graph.add("atempo", repr(speed))
    sink = graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    frame = av.AudioFrame.from_ndarray(samples[np.newaxis], format="fltp", layout="mono")
    frame.sample_rate = rate
    source.push(frame)
    source.push(None)
    blocks: list[Mono] = []
    while True:
        try:
            out = sink.pull()
        except (av.error.EOFError, av.error.BlockingIOError):
            return np.concatenate(blocks) if blocks else np.zeros(0, np.float32)
        assert isinstance(out, av.AudioFrame)
        blocks.append(np.asarray(out.to_ndarray(), np.float32)[0])


_METHODS: dict[Method, Callable[[Mono, int, float], Mono]] = {
    Method.SIGNALSMITH: _signalsmith,
    Method.RUBBERBAND: _rubberband,
    Method.ATEMPO: _atempo,
}
