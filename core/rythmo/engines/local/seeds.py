"""The luck of engines that draw: the same request draws the same, another take of it draws anew."""

from __future__ import annotations

import hashlib

from rythmo.engines.base import SpeechRequest


def compute_seed(request: SpeechRequest, attempt: int = 0) -> int:
    """32 bits from the voice, the words and which reading of them is wanted; `attempt` counts retries."""
    parts = (request.voice.id, request.text, *(map(str, (request.variation, attempt))))
    return int(hashlib.sha256("\n".join(parts).encode()).hexdigest()[:8], 16)
