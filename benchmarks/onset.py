"""How exactly the onset of speech is found in recordings with noise around it; writes a table into the docs.

    python benchmarks/onset.py TAKES [--make] [--recordings N] [--seed N] [--write]

TAKES is a folder of clean takes (WAV or .npy at 48 kHz, one sentence each); `--make` fills it with sentences
that Kokoro speaks. A take is cut at the first and the last sample within 50 dB of its peak: that is the
truth. Then it gets a level, pauses inside, silence or noise before and after it, clicks and DC, and
`find_activity` looks for it. Errors are in milliseconds; a positive one is late.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rythmo.engines import registry
from rythmo.engines.base import Kind, SpeechRequest
from rythmo.media.activity import EDGE_DB, find_activity
from rythmo.media.wav import read_audio
from rythmo.script.takes import VoiceRef

DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"
RATE = 48_000
Floats = NDArray[np.float64]
GAPS = ((38.0, 60.0), (28.0, 38.0), (20.0, 40.0), (15.0, 25.0))
"""Ranges of how far the noise lies below the peak of the speech, in dB."""
NOISES = ("white", "pink", "hum")
PLACES = ("nowhere", "before", "after", "around", "throughout")


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One recording made of a take, where its speech lies, and what was done to it."""

    sound: NDArray[np.float32]
    start: int
    end: int
    take: str
    gap: float
    noise: str
    place: str
    click: bool
    paused: bool
    before: int


def read_takes(folder: Path) -> dict[str, Floats]:
    """Return the takes by name, from the first to the last sample of their speech."""
    takes = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".npy":
            takes[path.stem] = trim(np.load(path).astype(np.float64))
        elif path.suffix == ".wav":
            takes[path.stem] = trim(read_audio(path).at_rate(RATE).mono().samples[0].astype(np.float64))
    return takes


def trim(sound: Floats) -> Floats:
    """Return the sound from the first to the last sample within 50 dB of its peak."""
    loud = np.flatnonzero(np.abs(sound) > np.abs(sound).max() * 10 ** (EDGE_DB / 20))
    return sound[loud[0] : loud[-1] + 1]


def make_noise(kind: str, length: int, dbfs: float, rng: np.random.Generator) -> Floats:
    """Return white or pink noise, or mains hum with some hiss, with this RMS."""
    sound = rng.normal(0, 1, max(2, length))
    if kind == "pink":
        spectrum = np.fft.rfft(sound)
        sound = np.fft.irfft(spectrum / np.sqrt(np.arange(1, spectrum.size + 1)), sound.size)
    if kind == "hum":
        time = np.arange(sound.size) / RATE
        sound = 0.3 * sound + np.sin(2 * np.pi * 50 * time) + 0.5 * np.sin(2 * np.pi * 100 * time)
    return np.asarray((sound / sound.std() * 10 ** (dbfs / 20))[:length])


def make_case(takes: dict[str, Floats], gap: tuple[float, float], rng: np.random.Generator) -> Case:
    """Return one recording, drawn at random."""
    name = str(rng.choice(list(takes)))
    speech = takes[name].copy()
    paused = rng.random() < 0.3
    if paused:
        cut = int(speech.size * rng.uniform(0.3, 0.7))
        speech = np.concatenate([speech[:cut], np.zeros(int(rng.uniform(0.1, 1.5) * RATE)), speech[cut:]])
    level = rng.uniform(-40, -3)
    speech *= 10 ** (level / 20) / np.abs(speech).max()
    before, after = (
        int(rng.choice([0.0, rng.uniform(0.1, 2), rng.uniform(0.03, 0.3)]) * RATE) for _ in range(2)
    )
    out = np.concatenate([np.zeros(before), speech, np.zeros(after)])
    below, kind, place = float(rng.uniform(*gap)), str(rng.choice(NOISES)), str(rng.choice(PLACES))
    head, tail = np.arange(out.size) < before, np.arange(out.size) >= out.size - after
    masks = (head & False, head, tail, head | tail, head | ~head)
    out += make_noise(kind, out.size, level - below, rng) * masks[PLACES.index(place)]
    click = bool(rng.random() < 0.25 and before > 0.2 * RATE)
    if click:
        at = int(rng.integers(0, before - int(0.1 * RATE)))
        out[at : at + 100] += rng.normal(0, 10 ** (rng.uniform(-40, -6) / 20), 100)
    out += rng.choice([0, 0, 0.05, -0.2])
    end = before + speech.size
    return Case(out.astype(np.float32), before, end, name, below, kind, place, click, paused, before)


def measure(cases: Sequence[Case]) -> Floats:
    """Return the errors of onset and end of each recording in ms, shape (n, 2)."""
    errors = []
    for case in cases:
        found = find_activity(case.sound, RATE)
        assert found is not None
        errors.append(((found.start - case.start) * 1000 / RATE, (found.end - case.end) * 1000 / RATE))
    return np.array(errors)


_ROWS: tuple[tuple[str, Callable[[Case], bool]], ...] = (
    ("all", lambda _: True),
    ("silence before the words", lambda case: case.place in ("nowhere", "after")),
    ("noise up to the words", lambda case: case.place in ("before", "around")),
    ("noise throughout", lambda case: case.place == "throughout"),
    ("white noise", lambda case: case.noise == "white"),
    ("pink noise", lambda case: case.noise == "pink"),
    ("hum and hiss", lambda case: case.noise == "hum"),
    ("less than 0.1 s before the words", lambda case: case.before < 0.1 * RATE),
    ("a click before the words", lambda case: case.click),
    ("a pause inside", lambda case: case.paused),
)


def tabulate(gap: tuple[float, float], cases: Sequence[Case], errors: Floats) -> Iterator[str]:
    """Yield the rows of one range of noise."""
    for name, holds in _ROWS:
        chosen = np.array([holds(case) for case in cases])
        if not chosen.any():
            continue
        onset, end = errors[chosen, 0], np.abs(errors[chosen, 1])
        spread = " / ".join(f"{np.percentile(np.abs(onset), q):.1f}" for q in (50, 90, 95, 99))
        within = f"{100 * np.mean(np.abs(onset) <= 20):.1f} %"
        yield (
            f"| {gap[0]:.0f} to {gap[1]:.0f} dB | {name} | {chosen.sum()} | {spread} | {within} | "
            f"{np.median(onset):+.1f} | {np.percentile(end, 95):.0f} |"
        )


HEAD = (
    (
        "| noise below the peak | recordings | n | onset error: 50 / 90 / 95 / 99 % | within 20 ms | median |"
        " end: 95 % |"
    ),
    "|---|---|---|---|---|---|---|",
)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("takes", type=Path)
    parser.add_argument("--recordings", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--make", action="store_true")
    parser.add_argument("--worst", type=int, default=0)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if options.make:
        make_takes(options.takes)
    takes = read_takes(options.takes)
    rows = list(HEAD)
    print("\n".join(rows))
    for gap in GAPS:
        rng = np.random.default_rng(options.seed)
        cases = [make_case(takes, gap, rng) for _ in range(options.recordings)]
        errors = measure(cases)
        new = list(tabulate(gap, cases, errors))
        rows += new
        print("\n".join(new), flush=True)
        for index in np.argsort(-np.abs(errors[:, 0]))[: options.worst]:
            case = cases[index]
            told = f"{case.take} {case.place} {case.noise} gap {case.gap:.0f} before {case.before / RATE:.2f}"
            print(f"    {errors[index, 0]:+.1f} {told} click {case.click}")
    if options.write:
        text = f"# Onset of speech\n\n{(__doc__ or '').strip()}\n\n{len(takes)} takes.\n\n"
        (DOCS / "onset.md").write_text(text + "\n".join(rows) + "\n", encoding="utf-8")


_SENTENCES = (
    ("en", "am_michael", "Shall we see if she still has it?"),
    ("en", "bf_emma", "Half of them will never find out."),
    ("en", "am_fenrir", "Vera was the one who called."),
    ("en", "af_nicole", "Then that is what we do."),
    ("en", "bm_lewis", "Every evening he walks home."),
    ("en", "af_sky", "Put it over there."),
    ("en", "am_eric", "Good morning, everyone."),
    ("en", "bf_isabella", "Why would anybody do that?"),
    ("es", "em_alex", "Fuera hace mucho viento."),
    ("es", "em_santa", "Siempre dices lo mismo."),
    ("es", "ef_dora", "Hombre, ya era hora."),
    ("es", "em_alex", "Zapatos nuevos, por favor."),
    ("pt-br", "pm_alex", "Filha, venha aqui agora."),
    ("pt-br", "pm_santa", "Chove desde ontem."),
    ("pt-br", "pf_dora", "Sabe o que aconteceu?"),
    ("pt-br", "pm_alex", "Vou embora amanhã cedo."),
    ("fr", "ff_siwis", "Chaque jour je pense à toi."),
    ("fr", "ff_siwis", "Faites attention."),
    ("it", "if_sara", "Forse hai ragione tu."),
    ("it", "im_nicola", "Scusi, dov'è la stazione?"),
    ("it", "if_sara", "Zitto, ascolta."),
    ("it", "im_nicola", "Che cosa vuoi fare?"),
    ("hi", "hf_alpha", "हम कल मिलेंगे।"),
    ("hi", "hm_omega", "फिर क्या हुआ?"),
)
"""Sentences that begin with every kind of sound; the search was tuned on other ones."""


def make_takes(folder: Path) -> None:
    """Fill the folder with sentences that Kokoro speaks."""
    folder.mkdir(parents=True, exist_ok=True)
    engine = registry.create(registry.find(Kind.VOICE, "kokoro"))
    try:
        for number, (language, voice, text) in enumerate(_SENTENCES):
            spoken = engine.speak(SpeechRequest(text, language, VoiceRef("kokoro", voice)))
            np.save(folder / f"{number:02}.npy", spoken.mono().at_rate(RATE).samples[0])
    finally:
        engine.close()


if __name__ == "__main__":
    main()
