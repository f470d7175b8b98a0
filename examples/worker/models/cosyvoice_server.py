"""A CosyVoice that somebody runs as its own FastAPI server (port 50000), reached through worker.py.

    python worker.py models/cosyvoice_server.py          (anywhere: it needs nothing but Python)

Settings of the process: COSYVOICE_URL (http://127.0.0.1:50000), COSYVOICE_RATE (24000; the server sends bare
samples and does not say their rate).

That server has no speed and no seed. In CosyVoice's sources of March 2026 it hands loaded sound to functions
that want a path, so that cloning fails there: models/cosyvoice.py calls the model itself, the better way.
"""

import json
import os
import urllib.request
import uuid
import wave
from pathlib import Path

URL = os.environ.get("COSYVOICE_URL", "http://127.0.0.1:50000").rstrip("/")
RATE = int(os.environ.get("COSYVOICE_RATE", "24000"))

ABOUT = {
    "name": "cosyvoice-server",
    "version": "1",
    "licence": "Apache-2.0",
    "languages": [],
    "capabilities": ["clones", "needs_reference", "direction"],
    "reference_rate": 24_000,
}


def speak(text, reference, out, direction="", **_):
    """One line: instruct2 where there is a direction, cross_lingual where there is none."""
    fields = {"tts_text": text, **({"instruct_text": f"{direction}<|endofprompt|>"} if direction else {})}
    data = ask("instruct2" if direction else "cross_lingual", fields, Path(reference).read_bytes())
    if len(data) % 2:
        raise RuntimeError("the server's sound ends in the middle of a sample")
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(data)


def ask(mode, fields, prompt):
    """What the server streams, whole."""
    mark = uuid.uuid4().hex
    parts = [f'name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    parts.append(
        b'name="prompt_wav"; filename="prompt.wav"\r\ncontent-type: audio/wav\r\n\r\n' + prompt + b"\r\n"
    )
    body = b"".join(f"--{mark}\r\ncontent-disposition: form-data; ".encode() + part for part in parts)
    request = urllib.request.Request(
        f"{URL}/inference_{mode}",
        data=body + f"--{mark}--\r\n".encode(),
        headers={"content-type": f"multipart/form-data; boundary={mark}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=300) as answer:
            return answer.read()
    except OSError as error:
        raise RuntimeError(f"CosyVoice's server does not answer: {json.dumps(str(error))}") from error
