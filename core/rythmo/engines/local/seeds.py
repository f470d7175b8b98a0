"""Random seeds of generative engines: the same request gets the same seed, another take of it another one."""

from __future__ import annotations

import hashlib

from rythmo.engines.base import SpeechRequest


def compute_seed(request: SpeechRequest, attempt: int = 0) -> int:
    """Return a 32-bit seed from the voice, the text and the variation; `attempt` counts retries."""
    parts = (request.voice.id, request.text, *(map(str, (request.variation, attempt))))
    return int(hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8], 16)
