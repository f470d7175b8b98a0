"""Fun-CineForge behind worker.py: a dubbing model that keeps the time it is given.

    git clone https://github.com/FunAudioLLM/FunCineForge && cd FunCineForge      (then its README: setup.py)
    cd exps && python PATH/worker.py PATH/models/funcineforge.py

Settings of the process: FUNCINEFORGE_TYPE (旁白, narration: nobody's lips are seen; or 独白, monologue).
Options of Rythmo's worker engine: gender (male, female), age (child, teenager, adult, middle-aged, elderly),
video and face (paths, on the worker's machine, of a clip of this line and of its face embeddings as the
model's own tools make them: then lips are followed).

Each line starts the model's own infer.sh, which loads its weights anew: tens of seconds a line. It takes
clips of 2 to 60 s; a shorter line is spoken in 2 s. Licence: Apache-2.0; "for academic research", it says.
"""

import json
import os
import pickle
import shutil
import subprocess
import tempfile
from pathlib import Path

TYPE = os.environ.get("FUNCINEFORGE_TYPE", "旁白")
FRAMES_A_SECOND = 25
SHORTEST_S, LONGEST_S = 2.0, 60.0

ABOUT = {
    "name": "funcineforge",
    "version": "zh-en-v1-0.5B",
    "licence": "Apache-2.0; its authors release it for academic research",
    "languages": ["zh", "en"],
    "capabilities": ["clones", "needs_reference", "direction", "duration_control"],
    "reference_rate": 24_000,
}


def speak(text, reference, out, seconds=None, direction="", seed=0, options=None, **_):
    """One line in the time that it has, or in what its letters say."""
    wanted = min(LONGEST_S, max(SHORTEST_S, seconds or guess(text)))
    with tempfile.TemporaryDirectory() as folder:
        row = clip(text, reference, wanted, direction, options or {}, Path(folder))
        jsonl = Path(folder) / "line.jsonl"
        jsonl.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
        command = ["bash", "infer.sh", "--test_data_jsonl", str(jsonl), "--output_dir", folder]
        ran = subprocess.run(
            [*command, "--random_seed", str(seed)], capture_output=True, text=True, check=False
        )
        made = Path(folder) / "wav" / "line.wav"
        if not made.is_file():
            raise RuntimeError(f"Fun-CineForge made nothing: {(ran.stdout + ran.stderr)[-400:]}")
        shutil.copyfile(made, out)


def clip(text, reference, seconds, direction, options, folder):
    """The line as a row of the model's input."""
    who = {"spk": "1", "gender": options.get("gender", "uncertain"), "age": options.get("age", "uncertain")}
    said = {
        "text": text,
        "vocal": reference,
        "video": options.get("video", str(folder / "none.mp4")),
        "face": options.get("face") or nobody(folder),
        "dialogue": [{"start": 0.0, "duration": seconds, **who}],
        "clue": direction or "A speaker says the line naturally.",
    }
    messages = [{"role": role, "content": content} for role, content in said.items()]
    return {
        "messages": messages,
        "utt": "line",
        "type": TYPE,
        "speech_length": round(seconds * FRAMES_A_SECOND),
    }


def nobody(folder):
    """Face embeddings of a clip in which no face is seen."""
    path = folder / "face.pkl"
    path.write_bytes(pickle.dumps({"embeddings": [], "faceI": []}))
    return str(path)


def guess(text):
    """Seconds at an ordinary pace: four Chinese signs, or fourteen letters, a second."""
    signs = sum("\u4e00" <= letter <= "\u9fff" for letter in text)
    return signs / 4 + (len(text) - signs) / 14
