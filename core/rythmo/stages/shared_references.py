"""Hand the references of cloned voices to the machines that speak with them.

A clone is named by the fingerprint of its reference, and the project keeps that reference as a file. A worker
process on another machine finds it in the store.
"""

from __future__ import annotations

from pathlib import Path

from rythmo.engines.remote.voice_ledger import PREFIX
from rythmo.project.workspace import place_file
from rythmo.script.takes import VoiceRef
from rythmo.stages.context import Context

KIND = "references"


def share_reference(voice: VoiceRef, context: Context) -> None:
    """Put the reference of a cloned voice into the store, if there is a store. Other voices have none."""
    name = _fingerprint(voice)
    if not name or context.store is None or context.artefacts.has_shared(KIND, name, ".wav"):
        return
    file = Path(str(context.engines.of_job.get(KIND, ""))) / f"{name}.wav"
    if file.is_file():
        place_file(file, context.artefacts.path(KIND, name, ".wav"))
        context.artefacts.share(KIND, name, ".wav")


def keep_reference(voice: VoiceRef, context: Context) -> None:
    """Put the reference of a clone that the engine of this worker has just made into the store."""
    name = _fingerprint(voice)
    if name and context.artefacts.path(KIND, name, ".wav").is_file():
        context.artefacts.share(KIND, name, ".wav")


def fetch_reference(voice: VoiceRef, context: Context) -> None:
    """Fetch the reference of a cloned voice from the store, before the engine of this process needs it."""
    if name := _fingerprint(voice):
        context.artefacts.at_hand(context.artefacts.path(KIND, name, ".wav"))


def _fingerprint(voice: VoiceRef) -> str:
    return voice.id.removeprefix(PREFIX) if voice.id.startswith(PREFIX) else ""
