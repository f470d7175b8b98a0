"""Read a stretch of the programme's sound, also on a machine that does not have the whole of it.

A machine that works on a chunk needs the chunk's sound, and a film's sound is gigabytes. So the process that
starts the work puts the chunks' pieces into the store, each under a name made of its file's and its range. On
one machine, and where the whole file is, nothing is copied.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.media.wav import read_audio, write_wav
from rythmo.project.workspace import hash_values
from rythmo.stages.context import Context

KIND = "pieces"


def read_piece(sound: Path, start: int, end: int, context: Context) -> Audio:
    """Return samples [start, end) of a file of the cache, from itself or from its piece in the store.

    Raises EngineFailedError when this machine can reach neither.
    """
    if sound.exists():
        return read_audio(sound, start, end)
    piece = context.artefacts.at_hand(_piece(sound, start, end, context))
    if not piece.exists():
        raise EngineFailedError(
            "The sound of a chunk did not arrive on this machine.",
            hint="Check that all machines reach the same store (`rythmo dub --store`).",
        )
    return read_audio(piece)


def share_piece(sound: Path | None, start: int, end: int, context: Context) -> None:
    """Put samples [start, end) of a file into the store, unless they are there. Does nothing without a
    store."""
    if sound is None or context.store is None:
        return
    piece = _piece(sound, start, end, context)
    if not context.artefacts.has_shared(KIND, piece.stem, piece.suffix):
        cut = read_audio(sound, start, end)
        cache = replace(context.artefacts, sounds=None, store=None)  # the piece does not stay here
        cache.file(KIND, piece.stem, ".wav", lambda path: write_wav(path, cut, subtype="PCM_24"))
        # By itself: one that a killed run left here may not be in the store.
        context.artefacts.share(KIND, piece.stem, ".wav")
        piece.unlink(missing_ok=True)  # the whole file is here


def _piece(sound: Path, start: int, end: int, context: Context) -> Path:
    # The name of a sound in the cache is the hash of its content.
    return context.artefacts.path(KIND, hash_values(KIND, sound.name, start, end), ".wav")
