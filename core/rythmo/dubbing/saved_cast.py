"""Save a project's cast for the next project: people with their reference, vector and voices."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from pathlib import Path

from rythmo import settings_file, trust
from rythmo.casting import cast_file
from rythmo.casting.cast_file import FOLDER, Cast, Person, Reference, StoredVector, StoredVoice
from rythmo.dubbing import pipeline
from rythmo.engines.base import Kind
from rythmo.engines.remote.reference import ReferenceRules, prepare_reference, write_wav
from rythmo.errors import EngineError, EngineMissingError, InputError
from rythmo.files import make_printable, write_atomically
from rythmo.progress import NEVER, CancelToken, Report, ignore_progress
from rythmo.project.workspace import Project
from rythmo.script.model import Script, Speaker
from rythmo.script.people import is_unnamed
from rythmo.script.voice_edits import VOICE
from rythmo.settings import Settings
from rythmo.stages import speaker_samples
from rythmo.stages.context import Context
from rythmo.timebase import SAMPLE_RATE

_RULES = ReferenceRules(rate=SAMPLE_RATE)


@dataclass(frozen=True, slots=True)
class Saved:
    """The cast as written, the names that came from this project, and notes for the user."""

    cast: Cast
    names: tuple[str, ...]
    notes: tuple[str, ...]


def save(
    project: Project,
    path: Path,
    settings: Settings,
    *,
    report: Report = ignore_progress,
    cancel: CancelToken = NEVER,
) -> Saved:
    """Write the project's named speakers to a new or existing cast file.

    Only speakers that the user has named are saved: a number or a guess means nothing in the next film. What
    the file already holds of a person stays, above all the reference, because consent is given for it. A
    voice that the user chose or locked replaces the one in the file.
    Raises InputError, MediaError, OutputError, and ScriptError for what is not a project.
    """
    with pipeline.working(project, settings, report=report, cancel=cancel) as context:
        script = project.load()
        return save_people(script, path, pipeline.material(script, context), context)


def save_people(script: Script, path: Path, sound: pipeline.Material, context: Context) -> Saved:
    """Write a script's named speakers to a cast file, as `save` does. The caller holds the project's lock."""
    project = context.project
    cast = cast_file.load_cast(path) if path.exists() else Cast(folder=path.parent)
    names, notes = [], []
    for speaker in script.speakers:
        if why := _unsure(speaker, project):
            notes.append(why)
            continue
        person = cast.find_person(speaker.name) or Person(speaker.name, speaker.colour)
        person, said = _portrayed(person, speaker, script, cast, sound, context)
        cast, notes = cast.with_person(person), [*notes, *said]
        names.append(person.name)
    if not names:
        raise InputError(
            f"No speaker of {project.name} has a name yet.",
            hint=f"Name them: rythmo speakers {make_printable(project.root)} --rename S1=NAME",
        )
    cast_file.save_cast(cast, path)
    return Saved(cast, tuple(names), tuple(notes))


def adopt(project: Project, path: Path) -> str:
    """Make a saved cast file the project's own unless it has another; return the one that the project uses.

    Raises OutputError.
    """
    file = project.root / "settings.toml"
    own, whole = settings_file.resolve_settings(file=file, undecided="keep"), str(path.resolve())
    if own.cast.file:
        return own.cast.file
    before, changed = (
        settings_file.find_restricted_in_file(file),
        replace(own, cast=replace(own.cast, file=whole)),
    )
    settings_file.save_settings(changed, file)
    trust.carry_settings(project.root, before, settings_file.find_restricted(changed))
    return whole


def _unsure(speaker: Speaker, project: Project) -> str:
    if "name" in speaker.edited:
        return ""
    what = "has no name" if is_unnamed(speaker) else f"is only guessed to be {speaker.name}"
    name = "NAME" if is_unnamed(speaker) else speaker.name
    command = f"rythmo speakers {make_printable(project.root)} --rename {shlex.quote(f'{speaker.id}={name}')}"
    return f"{speaker.id} {what} and was left out ({command})."


def _portrayed(
    person: Person, speaker: Speaker, script: Script, cast: Cast, sound: pipeline.Material, context: Context
) -> tuple[Person, list[str]]:
    """Return the person with a missing reference, voice and vector added, and the voice that was chosen."""
    notes = []
    if person.reference is None:
        try:
            person = replace(person, reference=_reference(person, speaker, script, cast, sound, context))
        except EngineError:
            notes.append(f"There is no clean speech of {person.name} to recognise them by.")
    person = _with_voice(person, speaker, script.target_language)
    return _with_vector(person, cast, context), notes


def _with_voice(person: Person, speaker: Speaker, language: str) -> Person:
    """Add the speaker's voice, unless it is a clone. One that a person chose replaces what the file has."""
    voice = speaker.voice
    if voice is None or speaker.consent:
        return person
    known = person.find_stored_voice(voice.engine, language)
    if known is not None and VOICE not in speaker.edited:
        return person
    stored = StoredVoice(voice.engine, language, voice.id, dict(voice.settings), speaker.voice_locked)
    if known is None:
        return replace(person, voices=(*person.voices, stored))
    return replace(person, voices=tuple(stored if one is known else one for one in person.voices))


def _reference(
    person: Person, speaker: Speaker, script: Script, cast: Cast, sound: pipeline.Material, context: Context
) -> Reference:
    segments = speaker_samples.segments(script, speaker.id, sound.speech, sound.bed, context)
    data = write_wav(prepare_reference(segments, _RULES))
    file = f"{FOLDER}/{_free_name(person.name, cast)}.wav"
    write_atomically(cast.folder / file, data)
    return Reference(file, cast_file.hash_reference(cast.folder / file))


def _free_name(name: str, cast: Cast) -> str:
    """Return a file name made from the person's name that no other reference has."""
    plain = "".join(char.lower() if char.isalnum() else "-" for char in name).strip("-") or "person"
    used = {person.reference.file for person in cast.people if person.reference}
    number = 1
    while f"{FOLDER}/{plain}{'' if number == 1 else f'-{number}'}.wav" in used:
        number += 1
    return plain if number == 1 else f"{plain}-{number}"


def _with_vector(person: Person, cast: Cast, context: Context) -> Person:
    """Add the vector of the reference. Without an embedder, it is measured when it is needed."""
    try:
        stamp = context.engines.info(Kind.EMBEDDER).stamp
    except EngineMissingError:
        return person
    if person.reference is None or person.find_vector(stamp) is not None:
        return person
    vector = speaker_samples.embed_segments(
        person.reference.sha256, lambda: [cast.read_reference(person)], context
    )
    return replace(person, vectors=(*person.vectors, StoredVector.pack(stamp, vector)))
