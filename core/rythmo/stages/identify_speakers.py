"""Identify speakers of this programme with people in the cast file.

A name that the user gave a speaker decides. The others are guessed by their voices and flagged as guesses
until the user confirms the name.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace

from rythmo.casting.cast_file import Cast, Person
from rythmo.casting.speaker_matching import Vector, assign_speakers, measure_similarity
from rythmo.engines.base import Kind
from rythmo.media.chunked_audio import ChunkedAudio
from rythmo.script.model import Flag, Script, Speaker
from rythmo.script.people import make_unnamed_speaker
from rythmo.stages import speaker_samples
from rythmo.stages.context import Context

GUESSED = "cast-guess"


@dataclass(frozen=True, slots=True)
class IdentifiedSpeaker:
    """A speaker, the matching person in the cast file or None, and a flag when the match is a guess."""

    speaker: Speaker
    person: Person | None = None
    flag: Flag | None = None


def run(
    script: Script, cast: Cast, speech: ChunkedAudio, bed: ChunkedAudio, context: Context
) -> tuple[IdentifiedSpeaker, ...]:
    """Return every speaker of the script, in its order, with the matching person."""
    named = {s.id: cast.find_person(s.name) for s in script.speakers if "name" in s.edited}
    sure = {person.name for person in named.values() if person}
    heard = [speaker for speaker in script.speakers if speaker.id not in named]
    people = [person for person in cast.people if person.name not in sure and person.reference]
    guesses = _guessed(script, heard, cast, people, speech, bed, context) if heard and people else {}
    return tuple(
        IdentifiedSpeaker(speaker, named[speaker.id])
        if speaker.id in named
        else guesses.get(speaker.id) or IdentifiedSpeaker(_not_guessed(speaker, cast))
        for speaker in script.speakers
    )


def _guessed(
    script: Script,
    heard: list[Speaker],
    cast: Cast,
    people: list[Person],
    speech: ChunkedAudio,
    bed: ChunkedAudio,
    context: Context,
) -> dict[str, IdentifiedSpeaker]:
    threshold = context.engines.embedder().same_speaker
    voices = [speaker_samples.vector(script, speaker.id, speech, bed, context) for speaker in heard]
    known = [_vector(cast, person, context) for person in people]
    guesses = {}
    for speaker, voice, index in zip(heard, voices, assign_speakers(voices, known, threshold), strict=True):
        if index is not None:
            person = people[index]
            flag = _flag(speaker, person, measure_similarity(voice, known[index]))
            guesses[speaker.id] = IdentifiedSpeaker(replace(speaker, name=person.name), person, flag)
    return guesses


def _vector(cast: Cast, person: Person, context: Context) -> Vector:
    """Return the person's stored vector if this embedder made it, else measure the reference."""
    stored = person.find_vector(context.engines.info(Kind.EMBEDDER).stamp)
    if stored is not None:
        return stored.unpack()
    assert person.reference is not None
    return speaker_samples.embed_segments(
        person.reference.sha256, lambda: [cast.read_reference(person)], context
    )


def _flag(speaker: Speaker, person: Person, likeness: float) -> Flag:
    rename = shlex.quote(f"{speaker.id}={person.name}")
    message = (
        f"{speaker.id} sounds like {person.name} in the cast file (similarity {likeness:.2f}). "
        f"Confirm with: rythmo speakers PROJECT --rename {rename}"
    )
    return Flag(GUESSED, message)


def _not_guessed(speaker: Speaker, cast: Cast) -> Speaker:
    """Remove a name that came from an earlier guess."""
    return (
        replace(speaker, name=make_unnamed_speaker(speaker.id).name)
        if cast.find_person(speaker.name)
        else speaker
    )
