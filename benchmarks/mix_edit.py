"""One line edited in a long project: its new take placed, the stems mixed again, everything delivered."""

from __future__ import annotations

import filecmp
import resource
import time
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from mix_project import RATE, SPEAKERS, me_of, original

from rythmo import hooks
from rythmo.media.audio import Audio
from rythmo.media.wav import read_audio, write_wav
from rythmo.mix.place import place
from rythmo.mix.plan import plan_mix
from rythmo.mix.render import render
from rythmo.mix.take import hear
from rythmo.mix.update import update
from rythmo.progress import NEVER, silent
from rythmo.script import store
from rythmo.script.fit import plan, slots
from rythmo.script.model import Line, Programme, Script, Speaker, Take, VoiceRef
from rythmo.script.phrases import Spoken

_VOICE = VoiceRef("benchmark", "v")


def run(root: Path, minutes: int, lines: int) -> str:
    """Builds the project, mixes it whole, edits one line, and compares with a whole render; a paragraph."""
    script = _script(root, minutes, lines)
    me = me_of(root)
    begun = time.perf_counter()
    update(plan_mix(script), root, me, me_key="benchmark")
    whole = time.perf_counter() - begun
    _deliver(root, script)  # so that what is loaded once is loaded
    middle = script.lines[lines // 2]
    take = _take(root, middle, "t02", seed=lines + 1)
    steps: dict[str, tuple[float, float]] = {}

    begun = _now()
    edited = replace(middle, takes=(*middle.takes, take), chosen=take.id, translation="otra cosa")
    spoken = hear(read_audio(root / take.file), middle.end - middle.start).spoken
    slot = slots(script.lines, script.programme.length)[middle.id]
    edited = replace(edited, placement=plan(edited, spoken, slot).placement)
    script = script.with_line(edited)
    place(root, script, edited)
    steps["fitted and placed"], begun = _since(begun), _now()
    done = update(plan_mix(script), root, me, me_key="benchmark")
    steps["stems and mix"], begun = _since(begun), _now()
    store.save(script, root / "script.json")
    _deliver(root, script)
    steps["script, timeline and subtitles"] = _since(begun)
    steps["together"] = (sum(wall for wall, _ in steps.values()), sum(cpu for _, cpu in steps.values()))

    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    render(plan_mix(script), root, me, folder=root / "whole")
    names = [path.name for path in done.files.values()]
    same = filecmp.cmpfiles(root / "stems", root / "whole", names, shallow=False)[0] == names
    rows = "\n".join(f"| {name} | {wall:.2f} s | {cpu:.2f} s |" for name, (wall, cpu) in steps.items())
    mixed = sum(b - a for a, b in done.spans) / RATE
    return f"""## One line edited: {minutes} min, {lines} lines

A new take of one line, synthesis excluded; {mixed:.1f} s of the programme were mixed again. The stems are
{"byte for byte those of" if same else "NOT THE SAME AS"} a whole render, which took {whole:.1f} s.
Peak memory of all of this, the whole render included: {memory:.0f} MB.

| Step | Time | CPU time |
|---|---|---|
{rows}"""


def _now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _since(begun: tuple[float, float]) -> tuple[float, float]:
    now = _now()
    return now[0] - begun[0], now[1] - begun[1]


def _deliver(root: Path, script: Script) -> None:
    hooks.deliver()(root, script, ("otio", "srt"), source=None, report=silent, cancel=NEVER)


def _script(root: Path, minutes: int, count: int) -> Script:
    rng = np.random.default_rng(count)
    length = minutes * 60 * RATE
    original(root / "original.wav", length, 2)
    lines = []
    step = length // count
    for index in range(count):
        start = index * step + int(rng.integers(0, step // 4))
        end = start + int(rng.integers(step // 3, step * 2 // 3))
        line = Line(
            f"S{index % SPEAKERS + 1}_{index:04}", f"S{index % SPEAKERS + 1}", start, end, "a line of text"
        )
        take = _take(root, line, "t01", seed=index)
        lines.append(replace(line, takes=(take,), chosen=take.id, translation="una línea de texto"))
    found = slots(lines, length)
    lines = [
        replace(line, placement=plan(line, _spoken(root, line), found[line.id]).placement) for line in lines
    ]
    programme = Programme("benchmark", "benchmark.mov", length, RATE, 2, Fraction(24), start_frame=86400)
    speakers = tuple(Speaker(f"S{index + 1}", f"S{index + 1}") for index in range(SPEAKERS))
    script = Script(programme, "en", "es", speakers, tuple(lines))
    for line in script.lines:
        place(root, script, line)
    return script


def _spoken(root: Path, line: Line) -> Spoken:
    assert line.take is not None
    return hear(read_audio(root / line.take.file)).spoken


def _take(root: Path, line: Line, number: str, seed: int) -> Take:
    """A hum of 0.8 to 1.3 times the line's length, so that some are stretched."""
    file = f"takes/{line.id}_{number}.wav"
    length = round((line.end - line.start) * (0.8 + seed * 0.37 % 0.5))
    if not (root / file).is_file():
        t = np.arange(length) / RATE
        hum = sum(np.sin(2 * np.pi * 110 * k * t) / k for k in range(1, 9)) * (
            1.2 + np.sin(2 * np.pi * 3 * t)
        )
        write_wav(root / file, Audio((0.05 * hum).astype(np.float32)[np.newaxis], RATE))
    return Take(f"{line.id}_{number}", file, length, "una línea de texto", "benchmark", _VOICE)
