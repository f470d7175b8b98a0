"""IndexTTS 2.5, or 2, behind worker.py: timbre from the cast's voice, emotion from the original line, from a
vector, or from words.

    git clone https://github.com/index-tts/index-tts && cd index-tts     (then its README: uv sync, weights)
    uv run python PATH/worker.py PATH/models/indextts.py

Settings of the process: INDEXTTS_VERSION (2.5; or 2), INDEXTTS_MODEL (checkpoints), INDEXTTS_HALF (1: half
precision), INDEXTTS_WORDS (1: load the model that understands emotions in words; 2 has it always).
Options of Rythmo's worker engine: emo_alpha (0 to 1, how strong the emotion is; 1).

Licence: the bilibili Model Use License Agreement, which asks large companies to get a licence of their own.
"""

import hashlib
import os
import wave
from pathlib import Path

VERSION = os.environ.get("INDEXTTS_VERSION", "2.5")
FOLDER = os.environ.get("INDEXTTS_MODEL", "checkpoints")
HALF = os.environ.get("INDEXTTS_HALF", "1") == "1"
NEW = VERSION != "2"
WORDS = not NEW or os.environ.get("INDEXTTS_WORDS", "0") == "1"

# In the order in which the model wants them.
FEELINGS = ("happy", "angry", "sad", "afraid", "disgusted", "melancholic", "surprised", "calm")
# duration_factor is a factor on the model's own length, and works between these.
SHORTEST, LONGEST = 0.5, 2.0

ABOUT = {
    "name": "indextts",
    "version": VERSION,
    "licence": "bilibili Model Use License Agreement",
    "languages": ["zh", "en", "ja", "es", "ar"] if NEW else ["zh", "en"],
    "capabilities": [
        "clones",
        "needs_reference",
        "emotion",
        "feelings",
        *(["direction"] if WORDS else []),
        *(["duration_control"] if NEW else []),
    ],
    "reference_rate": 24_000,
}

if NEW:
    from indextts.infer_v2_5 import IndexTTS2

    MODEL = IndexTTS2(cfg_path=f"{FOLDER}/config.yaml", model_dir=FOLDER, use_bf16=HALF, use_qwen_emo=WORDS)
else:
    from indextts.infer_v2 import IndexTTS2

    MODEL = IndexTTS2(cfg_path=f"{FOLDER}/config.yaml", model_dir=FOLDER, use_fp16=HALF)

NATURAL = {}


def speak(
    text,
    language,
    reference,
    out,
    emotion=None,
    feelings=None,
    direction="",
    seconds=None,
    seed=0,
    options=None,
    **_,
):
    """One line; in `seconds`, as near as a factor on the model's own length comes."""
    import torch

    wishes = {
        "spk_audio_prompt": reference,
        "text": text,
        "output_path": out,
        "emo_alpha": float((options or {}).get("emo_alpha", 1.0)),
        **emotional(emotion, feelings, direction),
        **({"lang": language.upper()} if NEW else {}),
    }
    torch.manual_seed(seed)
    if not (seconds and NEW):
        MODEL.infer(**wishes)
        return
    # How long it would be by itself is known only afterwards: the first time, the line is spoken twice.
    key = (text, language, seed, hashlib.sha256(Path(reference).read_bytes()).digest())
    if key not in NATURAL:
        MODEL.infer(**wishes)
        NATURAL[key] = length(out)
        torch.manual_seed(seed)
    factor = min(LONGEST, max(SHORTEST, seconds / NATURAL[key]))
    MODEL.infer(**wishes, duration_factor=factor)


def emotional(emotion, feelings, direction):
    """What the person says before what was measured: a vector, words, or the original line's sound."""
    if feelings:
        return {"emo_vector": [float(feelings.get(name, 0.0)) for name in FEELINGS]}
    if direction and WORDS:
        return {"use_emo_text": True, "emo_text": direction}
    return {"emo_audio_prompt": emotion} if emotion else {}


def length(path):
    """Seconds of a WAV."""
    with wave.open(path, "rb") as file:
        return file.getnframes() / file.getframerate()
