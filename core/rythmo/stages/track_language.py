"""Listen to sound tracks whose tags say no language, to find the one in the language of the original."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

import numpy as np

from rythmo import languages
from rythmo.engines.abilities import LanguageFinder
from rythmo.engines.base import Kind
from rythmo.media.audio import Audio
from rythmo.media.decode import extract_span
from rythmo.media.media_info import AudioStream, MediaInfo
from rythmo.media.tracks import untagged_tracks
from rythmo.media.wav import read_audio
from rythmo.project.workspace import hash_values
from rythmo.stages.context import Context
from rythmo.stages.source_language import CAPABILITY
from rythmo.timebase import SAMPLE_RATE

_VERSION = 1
_EXCERPTS, _SECONDS = 3, 15


def choose_by_sound(info: MediaInfo, language: str, asked: str, context: Context) -> MediaInfo:
    """Return the source with the track in `language` chosen, where tags leave the choice open.

    Nothing changes where the user asked for a track, tags say it, there is one candidate, or the recogniser
    cannot tell languages. The project stores what was heard.
    """
    streams = untagged_tracks(info, language)
    if asked or not language or len(streams) < 2:
        return info
    if CAPABILITY not in context.engines.info(Kind.TRANSCRIBER, language).capabilities:
        return info
    heard = [(stream, _language(info, stream, context)) for stream in streams]
    own = [stream for stream, found in heard if found == language]
    numbers = ", ".join(
        f"{info.audio.index(stream) + 1} {languages.language_name(found) or 'no speech'}"
        for stream, found in heard
    )
    name = languages.language_name(language)
    if not own:
        note = f"None of the sound tracks without a language is in {name}, as they sound ({numbers})."
        return replace(info, notes=(*info.notes, note))
    chosen = next((stream for stream in own if stream.index == info.chosen), own[0])
    number = info.audio.index(chosen) + 1
    note = f"{info.path.name}: sound track {number} is dubbed, because it sounds {name} ({numbers})."
    notes = tuple(note for note in info.notes if "sound tracks (" not in note)
    return replace(info, chosen=chosen.index, notes=(*notes, note))


def _language(info: MediaInfo, stream: AudioStream, context: Context) -> str:
    """Return the language (ISO 639-1) of a track's speech, "" where none is heard."""
    store = context.project.artefacts
    stamp = context.engines.stamp(Kind.TRANSCRIBER)
    key = hash_values("track-language", _VERSION, store.source_digest(info.path), stream.index, stamp)

    def listen() -> str:
        engine = cast(LanguageFinder, context.engines.start(Kind.TRANSCRIBER))
        speech = _excerpts(info, stream, context)
        if not speech.samples.any():
            return ""
        return engine.find_language(speech, cancel=context.cancel)

    return store.value("track-language", key, str, listen)


def _excerpts(info: MediaInfo, stream: AudioStream, context: Context) -> Audio:
    """Decode a few excerpts, spread over the film, on whole seconds."""
    seconds = info.duration // SAMPLE_RATE
    count = max(1, min(_EXCERPTS, seconds // _SECONDS))
    parts = []
    with TemporaryDirectory() as folder:
        for number in range(count):
            start = number * seconds // count + max(0, seconds // count - _SECONDS) // 2
            path = Path(folder, f"{number}.wav")
            length = min(_SECONDS * SAMPLE_RATE, info.duration - start * SAMPLE_RATE)
            extract_span(info, path, start * SAMPLE_RATE, length, stream=stream.index, cancel=context.cancel)
            parts.append(read_audio(path).mono().samples)
    return Audio(np.concatenate(parts, axis=1), SAMPLE_RATE)
