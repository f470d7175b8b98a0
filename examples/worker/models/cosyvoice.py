"""CosyVoice 2 or 3 behind worker.py: clones, stage directions in words, and speed.

    git clone --recursive https://github.com/FunAudioLLM/CosyVoice && cd CosyVoice     (then its README)
    PYTHONPATH=.:third_party/Matcha-TTS python PATH/worker.py PATH/models/cosyvoice.py

Settings of the process: COSYVOICE_MODEL (pretrained_models/Fun-CosyVoice3-0.5B, or .../CosyVoice2-0.5B).
Emotion comes from words only: CosyVoice takes no second recording beside the timbre's.
Licence: Apache-2.0.
"""

import os
import wave
from pathlib import Path

FOLDER = os.environ.get("COSYVOICE_MODEL", "pretrained_models/Fun-CosyVoice3-0.5B")
THIRD = Path(FOLDER, "cosyvoice3.yaml").exists()
SLOWEST, FASTEST = 0.5, 2.0

ABOUT = {
    "name": "cosyvoice",
    "version": "3" if THIRD else "2",
    "licence": "Apache-2.0",
    "languages": ["zh", "en", "ja", "ko", *(["de", "es", "fr", "it", "ru"] if THIRD else ["yue"])],
    "capabilities": ["clones", "needs_reference", "direction", "duration_control"],
    "reference_rate": 24_000,
}

from cosyvoice.cli.cosyvoice import AutoModel  # noqa: E402 - it loads for a long time

MODEL = AutoModel(model_dir=FOLDER)


def speak(text, reference, out, direction="", seconds=None, seed=0, **_):
    """One line; in `seconds` by the model's speed, which is measured on the line itself."""
    import torch

    torch.manual_seed(seed)
    said = spoken(text, reference, direction, 1.0)
    if seconds and said.shape[1]:
        speed = said.shape[1] / MODEL.sample_rate / seconds
        torch.manual_seed(seed)
        said = spoken(text, reference, direction, min(FASTEST, max(SLOWEST, speed)))
    write(out, said)


def spoken(text, reference, direction, speed):
    """The line's samples: long ones come in parts."""
    import torch

    # What version 3 was trained to begin with.
    system = "You are a helpful assistant." if THIRD else ""
    if direction:
        told = f"{system} {direction}<|endofprompt|>".strip()
        parts = MODEL.inference_instruct2(text, told, reference, stream=False, speed=speed)
    else:
        begun = f"{system}<|endofprompt|>{text}" if THIRD else text
        parts = MODEL.inference_cross_lingual(begun, reference, stream=False, speed=speed)
    return torch.cat([part["tts_speech"] for part in parts], dim=1)


def write(path, samples):
    """A WAV of 16 bits."""
    data = (samples.clamp(-1, 1) * 32767).short().numpy().tobytes()
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(MODEL.sample_rate)
        file.writeframes(data)
