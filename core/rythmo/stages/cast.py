"""Cast: measure how each speaker sounds, and give each a voice of their own for the whole project."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import msgspec
import numpy as np

from rythmo.engines.base import Kind, SpeakerProfile
from rythmo.media.audio import Audio
from rythmo.media.prosody import measure
from rythmo.script.model import Line, Prosody, Speaker, VoiceRef
from rythmo.script.people import in_order, unnamed
from rythmo.stages.context import Context
from rythmo.stages.speech import SpeechSource
from rythmo.workspace import digest

VERSION = 1
_ENOUGH_SECONDS = 30
_COLOURS = (
    "#4f9dff",
    "#ff8a4f",
    "#6fcf6f",
    "#d77fe0",
    "#e6c34a",
    "#4fd0d0",
    "#ff6f8f",
    "#a8a8ff",
    "#b0d040",
    "#d0a070",
)


def speakers_of(lines: Sequence[Line], known: Sequence[Speaker]) -> tuple[Speaker, ...]:
    """A Speaker for each id among the lines; the known ones keep name and voice."""
    by_id = {speaker.id: speaker for speaker in known}
    people = [by_id.get(i, unnamed(i)) for i in in_order(line.speaker for line in lines)]
    free = [colour for colour in _COLOURS if colour not in {person.colour for person in people}]
    coloured = []
    for place, person in enumerate(people):
        colour = person.colour or (free.pop(0) if free else _COLOURS[place % len(_COLOURS)])
        coloured.append(replace(person, colour=colour))
    return tuple(coloured)


def run(
    speakers: Sequence[Speaker], lines: Sequence[Line], speech: SpeechSource, language: str, context: Context
) -> tuple[Speaker, ...]:
    """The speakers with measured prosody and a voice each; a voice once given is kept."""
    measured = [_measured(speaker, lines, speech, context) for speaker in speakers]
    info = context.engines.info(Kind.VOICE, language)
    keep = {s.id: s.voice for s in measured if s.voice is not None and s.voice.engine == info.name}
    open_ = [s for s in measured if s.id not in keep]
    voices = (
        _cast(open_, tuple(keep[s.id] for s in measured if s.id in keep), language, context) if open_ else ()
    )
    given = {**keep, **dict(zip((s.id for s in open_), voices, strict=True))}
    context.step("cast", 1, 1)
    return tuple(replace(speaker, voice=given[speaker.id]) for speaker in measured)


def _measured(speaker: Speaker, lines: Sequence[Line], speech: SpeechSource, context: Context) -> Speaker:
    own = sorted((line for line in lines if line.speaker == speaker.id), key=lambda line: -line.length)
    spans = tuple((line.start, line.end) for line in own)
    key = digest("prosody", VERSION, speech.key, spans)
    prosody = context.project.artefacts.value(
        "prosody", key, Prosody, lambda: measure(_sample(spans, speech))
    )
    return replace(speaker, prosody=prosody)


def _sample(spans: Sequence[tuple[int, int]], speech: SpeechSource) -> Audio:
    """The longest lines, up to half a minute: enough to know a voice by."""
    parts, total = [np.zeros((1, 0), np.float32)], 0
    for start, end in spans:
        if total >= _ENOUGH_SECONDS * speech.rate:
            break
        parts.append(speech.read(start, end).samples)
        total += end - start
    return Audio(np.concatenate(parts, axis=1), speech.rate)


def _cast(
    speakers: Sequence[Speaker], taken: tuple[VoiceRef, ...], language: str, context: Context
) -> tuple[VoiceRef, ...]:
    profiles = tuple(SpeakerProfile(s.id, s.name, s.prosody or Prosody()) for s in speakers)
    facts = [(p.id, p.prosody) for p in profiles]
    key = digest("cast", VERSION, context.engines.stamp(Kind.VOICE, language), facts, taken, language)

    def make() -> tuple[VoiceRef, ...]:
        # Through JSON once, so that a voice fresh from the engine equals the same voice read from the cache.
        made = context.engines.voice(language).cast(profiles, language=language, taken=taken)
        return tuple(msgspec.convert(msgspec.to_builtins(voice), VoiceRef) for voice in made)

    return context.project.artefacts.value("cast", key, tuple[VoiceRef, ...], make)
