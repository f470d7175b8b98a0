"""Measure how each of Kokoro's voices sounds, and write what casting compares: profiles.json.

    python tools/measure_voices.py [--workers 2]

Each voice says one sentence in its own language (Japanese and Chinese voices in English). The file keeps the
embedder's vector of that sentence, its pitch, range, brightness and pace, and by how much the speech is
shorter than predicted. This takes about four minutes on two free cores. Run it again for another model or
another embedder.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rythmo.engines import registry
from rythmo.engines.adapters.kokoro import voice as kokoro
from rythmo.engines.adapters.kokoro.durations import seconds_of
from rythmo.engines.adapters.kokoro.voices import ACCENTS
from rythmo.engines.base import Kind, SpeechRequest
from rythmo.engines.speech.sample_sentences import sample_text
from rythmo.media.prosody import measure_prosody
from rythmo.mix.take_check import check_take
from rythmo.script.takes import VoiceRef

FILE = Path(kokoro.__file__).with_name("profiles.json")


def main() -> None:
    """Measure all voices and write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2)
    workers = parser.parse_args().workers
    engine = kokoro.KokoroVoice({"workers": workers})
    embedder = registry.create(registry.find(Kind.EMBEDDER, "campplus"))
    names = engine.styles.names()
    with ThreadPoolExecutor(workers) as pool:
        voices = dict(zip(names, pool.map(lambda name: profile(engine, embedder, name), names), strict=True))
    engine.close()
    table = {"embedder": embedder.info.stamp, "model": engine.info.version, "voices": voices}
    rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(value)}" for name, value in voices.items())
    head = json.dumps({**table, "voices": {}})[: -len("{}}")]
    FILE.write_text(f"{head}{{\n{rows}\n}}}}\n", encoding="utf-8")
    print(f"{FILE}: {len(voices)} voices")


def profile(engine: kokoro.KokoroVoice, embedder: object, name: str) -> dict[str, object]:
    """Return what is kept of one voice."""
    own = ACCENTS[name[0]][0]
    language = own if own in kokoro.OWN_LANGUAGES else "en"
    request = SpeechRequest(sample_text(language), language, VoiceRef(kokoro.NAME, name))
    sound = engine.speak(request)
    prosody = measure_prosody(sound)
    surplus = seconds_of(engine.frames_of(request)) - check_take(sound).spoken.length / 48_000
    (vector,) = embedder.embed([sound])
    print(
        name,
        language,
        f"{sound.seconds:.2f} s",
        f"{prosody.pitch_hz:.0f} Hz",
        flush=True,
    )
    return {
        "pitch_hz": round(prosody.pitch_hz, 1),
        "pitch_low_hz": round(prosody.pitch_low_hz, 1),
        "pitch_high_hz": round(prosody.pitch_high_hz, 1),
        "brightness_hz": round(prosody.brightness_hz),
        "syllables_per_second": round(prosody.syllables_per_second or 0.0, 2),
        "surplus_seconds": round(surplus, 3),
        "vector": [round(float(value), 3) for value in vector],
    }


if __name__ == "__main__":
    main()
