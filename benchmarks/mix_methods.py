"""The ways to mix that are compared. Each runs in a process of its own and returns what it measured."""

from __future__ import annotations

import hashlib
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from mix_project import me_of

from rythmo.media.pcm24 import Pcm24Reader, pack
from rythmo.mix.mix_plan import MixPlan
from rythmo.mix.mixer import stem_channels
from rythmo.mix.render import render_stems

Measured = dict[str, float | str]

PATIENCE = 25.0
"""Seconds of overlays after which pydub's total is extrapolated, and after which ffmpeg is stopped."""


def disk(plan: MixPlan, root: Path) -> Measured:
    """Writes as many bytes as our stems hold, in as many files, with fsync."""
    block = os.urandom(1 << 20)
    for name, channels in stem_channels(plan).items():
        left = plan.length * channels * 3
        path = root / f"floor-{name}"
        with path.open("wb") as file:
            while left > 0:
                file.write(block[: min(left, len(block))])
                left -= len(block)
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    return {}


def rythmo(plan: MixPlan, root: Path) -> Measured:
    """Ours: nine stems, summed exactly, in blocks."""
    done = render_stems(plan, root, me_of(root), folder=root / "stems")
    return {"bytes": float(sum(path.stat().st_size for path in done.files.values()))}


def whole_buffer(plan: MixPlan, root: Path) -> Measured:
    """The reference: the print master alone, summed in one array, written in one go."""
    with Pcm24Reader(root / "original.wav") as reader:
        mix = reader.read_int(0, plan.length)
    for stem in plan.stems:
        for item in stem.items:
            with Pcm24Reader(root / item.file) as reader:
                mix[:, item.start : item.end] += reader.read_int(0, item.end - item.start)
    with (root / "reference.raw").open("wb") as file:
        file.write(pack(mix))
        file.flush()
        os.fsync(file.fileno())
    return {}


def pydub(plan: MixPlan, root: Path) -> Measured:
    """AudioSegment.overlay for each line; extrapolated from those done when patience ends."""
    from pydub import AudioSegment

    begun, begun_cpu = time.perf_counter(), time.process_time()
    # pydub turns 24 bit into 32 by itself, sample by sample in Python: hand it 32.
    with Pcm24Reader(root / "original.wav") as reader:
        steps = reader.read_int(0, plan.length) << 8
        data = np.ascontiguousarray(steps.T).tobytes()
        del steps
    mix = AudioSegment(data, sample_width=4, frame_rate=plan.rate, channels=plan.channels)
    del data
    loaded, loaded_cpu = time.perf_counter(), time.process_time()
    items = [item for stem in plan.stems for item in stem.items]
    done = 0
    for item in items:
        with Pcm24Reader(root / item.file) as reader:
            line = (reader.read_int(0, reader.length) << 8).tobytes()
        segment = AudioSegment(line, sample_width=4, frame_rate=plan.rate, channels=1)
        mix = mix.overlay(segment, position=item.start * 1000 / plan.rate)
        done += 1
        if time.perf_counter() - loaded > PATIENCE:
            break
    overlaid, overlaid_cpu = time.perf_counter(), time.process_time()
    mix.export(root / "pydub.wav", format="wav").close()
    times = len(items) / done
    ends, ends_cpu = time.perf_counter(), time.process_time()
    return {
        "total": loaded - begun + (overlaid - loaded) * times + ends - overlaid,
        "total_cpu": loaded_cpu - begun_cpu + (overlaid_cpu - loaded_cpu) * times + ends_cpu - overlaid_cpu,
        "overlays": float(done),
        "extrapolated": str(done < len(items)),
    }


def amix(plan: MixPlan, root: Path) -> Measured:
    """One ffmpeg with an input, an adelay and a place in amix for each line; stopped when patience ends."""
    inputs, graph = ["-i", str(root / "original.wav")], []
    items = [item for stem in plan.stems for item in stem.items]
    for index, item in enumerate(items, 1):
        inputs += ["-i", str(root / item.file)]
        graph.append(f"[{index}]adelay={item.start}S|{item.start}S,aformat=channel_layouts=stereo[a{index}]")
    names = "".join(f"[a{index}]" for index in range(1, len(items) + 1))
    graph.append(f"[0]{names}amix=inputs={len(items) + 1}:normalize=0:dropout_transition=0")
    script = root / "amix.txt"
    script.write_text(";".join(graph))
    command = ["ffmpeg", "-y", "-v", "error", *inputs, "-filter_complex_script", str(script)]
    command += ["-c:a", "pcm_s24le", "-rf64", "auto", str(root / "amix.wav")]
    try:
        done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=2 * PATIENCE)
    except subprocess.TimeoutExpired:
        return {"note": f"stopped after {2 * PATIENCE:.0f} s"}
    return {} if done.returncode == 0 else {"note": (done.stderr.strip().splitlines() or ["failed"])[-1][:80]}


def same(plan: MixPlan, root: Path) -> bool:
    """Whether our print master and the whole-buffer reference hold the same samples."""
    with Pcm24Reader(root / "stems" / "MIX.wav") as ours:
        offset = ours.data_offset
    size = plan.length * plan.channels * 3
    return _digest(root / "stems" / "MIX.wav", offset, size) == _digest(root / "reference.raw", 0, size)


def _digest(path: Path, offset: int, size: int) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(offset)
        while size > 0 and (part := file.read(min(size, 1 << 22))):
            digest.update(part)
            size -= len(part)
    return digest.hexdigest()


METHODS: dict[str, Callable[[MixPlan, Path], Measured]] = {
    "disk": disk,
    "rythmo": rythmo,
    "whole buffer": whole_buffer,
    "pydub overlay": pydub,
    "ffmpeg amix": amix,
}
