"""A programme half English, half Portuguese, made and dubbed: what did each line become?

The English is speech-jfk of the test data, a real recording; the Portuguese are three sentences by Kokoro.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import soundfile
from dubbed_recordings import DATA, Source, dub_recording

from rythmo.engines import registry
from rythmo.engines.base import Kind, SpeechRequest
from rythmo.media.audio import Audio
from rythmo.script import store
from rythmo.script.takes import VoiceRef

_PORTUGUESE = (
    "Boa noite, eu moro em São Paulo há dez anos e trabalho num hospital perto do rio.",
    "Todos os dias eu pego o trem das sete e quase nunca encontro um lugar para sentar.",
    "Ontem a minha filha perguntou por que eu não compro um carro, e eu não soube responder.",
)
_RATE = 48_000
_PAUSE_SECONDS = 1.0


def describe_programme(scratch: Path, targets: tuple[str, ...] = ("es", "pt-br")) -> list[str]:
    """Dub the programme to each target, and return a table row for each of its lines."""
    file = scratch / "two-languages.wav"
    if not file.is_file():
        scratch.mkdir(parents=True, exist_ok=True)
        _make(file)
    source = Source("two languages", file, "en")
    return [row for target in targets for row in describe_lines(dub_recording(source, target, scratch))]


def _make(file: Path) -> None:
    samples, rate = soundfile.read(DATA / "media" / "speech-jfk.flac", dtype="float32", always_2d=True)
    english = Audio(np.ascontiguousarray(samples.T), rate).mono().at_rate(_RATE)
    voice = VoiceRef("kokoro", "pf_dora")
    engine = registry.create(registry.find(Kind.VOICE, "kokoro"))
    try:
        spoken = [engine.speak(SpeechRequest(text, "pt", voice)) for text in _PORTUGUESE]
    finally:
        engine.close()
    pause = np.zeros((1, round(_PAUSE_SECONDS * _RATE)), np.float32)
    parts = [english.samples, pause]
    for sound in spoken:
        parts += [sound.mono().at_rate(_RATE).samples, pause]
    soundfile.write(file, np.concatenate(parts, axis=1)[0], _RATE, subtype="PCM_24")


def describe_lines(project: Path) -> list[str]:
    """Return what each line of a dubbed project became, as rows of a table."""
    script = store.load_script(project / "script.json")
    rows = []
    for line in script.lines:
        kept = line.take is not None and line.take.is_original
        became = "original sound kept" if kept else line.translation
        spoken = line.language or script.source_language
        rows.append(f"| {script.target_language} | {spoken} | {line.text} | {became} |")
    return rows
