"""Detect the original language with an engine, when the user did not name it."""

from __future__ import annotations

from typing import cast

import numpy as np

from rythmo import languages
from rythmo.engines.abilities import LanguageFinder
from rythmo.engines.base import Kind
from rythmo.errors import InputError
from rythmo.media.audio import Audio
from rythmo.media.wav import read_audio
from rythmo.project.workspace import hash_values
from rythmo.stages.context import Context
from rythmo.stages.ingest import Ingested
from rythmo.timebase import SAMPLE_RATE

CAPABILITY = "languages"
"""Engines that declare it are LanguageFinders too."""
_VERSION = 1
# Excerpts are spread over the programme, because a film may open with a song in another language.
_EXCERPTS, _EXCERPT_SECONDS = 8, 20


def run(ingested: Ingested, context: Context) -> str:
    """Return the code of the language of most of the programme's speech; the project stores the result.

    Raises InputError when no speech is found.
    """
    stamp = context.engines.stamp(Kind.TRANSCRIBER)

    def make() -> str:
        engine = cast(LanguageFinder, context.engines.start(Kind.TRANSCRIBER))
        return engine.find_language(_excerpts(ingested), cancel=context.cancel)

    key = hash_values("language", _VERSION, ingested.key, stamp)
    found = context.artefacts.value("language", key, str, make)
    if found not in languages.language_names():
        raise InputError(
            "The language of the original could not be detected.",
            hint="Give it with --from, for example --from en.",
        )
    return found


def _excerpts(ingested: Ingested) -> Audio:
    length, piece = ingested.programme.length, _EXCERPT_SECONDS * SAMPLE_RATE
    if length <= _EXCERPTS * piece:
        return read_audio(ingested.sound).mono()
    starts = [n * length // _EXCERPTS + (length // _EXCERPTS - piece) // 2 for n in range(_EXCERPTS)]
    parts = [read_audio(ingested.sound, start, start + piece).mono().samples for start in starts]
    return Audio(np.concatenate(parts, axis=1), SAMPLE_RATE)
