"""Withdraw a person's consent: delete what was made of their voice to clone it, and say what remains.

Dubs that were made stay until they are dubbed again: they may have been shown, and only a person can decide
what becomes of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from rythmo.casting import cast_file
from rythmo.casting.cast_file import Cast, Person
from rythmo.counts import format_count
from rythmo.engines.remote.voice_ledger import PREFIX, Ledger, RemoteVoice, clean_voices
from rythmo.errors import InputError
from rythmo.files import make_output_error, make_printable
from rythmo.project.workspace import Project
from rythmo.script.model import Script

REFERENCES = "references"
"""The project's folder of prepared references; see `job.voice_job`."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was deleted, and what remains, each as sentences; `left` are clones that a service still has."""

    name: str
    deleted: tuple[str, ...]
    remains: tuple[str, ...]
    left: tuple[RemoteVoice, ...] = ()


def withdraw_consent(project: Project, path: Path, name: str, ledger: Ledger | None = None) -> Withdrawal:
    """Delete a person's clones at services, references, voice vectors and consent records.

    Raises InputError for a person whom the cast file does not have, OutputError, and ScriptError.
    """
    cast = cast_file.load_cast(path)
    person = cast.find_person(name)
    if person is None:
        names = ", ".join(one.name for one in cast.people)
        raise InputError(f"There is no {name!r} in the cast.", hint=f"There are: {names}.")
    with project.hold_lock():
        homes = [Project(folder.root) for folder in project.languages] or [project]
        scripts = {home: home.load() for home in homes}
        clones = {clone for script in scripts.values() for clone in _find_clones(script, person.name)}
        # The records go first: whatever fails after that, nobody is cloned again.
        cast_file.save_cast(cast.with_person(_bare(person)), path)
        deleted = [
            f"{len(person.consents)} consent records, the voice vectors and the reference in the cast file"
        ]
        deleted += _delete_references(project, cast, person, clones)
        jobs = {str(project.home.resolve()), str(path.resolve())}
        done = clean_voices(ledger, lambda voice: voice.job in jobs or PREFIX + voice.reference in clones)
        deleted += [f"the clone {voice.name} at {voice.engine}" for voice in done.deleted]
        for home, script in scripts.items():
            home.save(_without_clone(script, person.name))
    takes = sum(_count_takes(script, clones) for script in scripts.values())
    return Withdrawal(person.name, tuple(deleted), tuple(_list_remains(takes, project)), done.left)


def _bare(person: Person) -> Person:
    return replace(person, consents=(), reference=None, vectors=())


def _find_clones(script: Script, name: str) -> set[str]:
    """Return the ids of the clones of that person in a script: their voice, and those of their takes."""
    people = {one.id: one for one in script.speakers if one.name.casefold() == name.casefold()}
    voices = {one.voice.id for one in people.values() if one.voice is not None}
    voices |= {take.voice.id for line in script.lines if line.speaker in people for take in line.takes}
    return {voice for voice in voices if voice.startswith(PREFIX)}


def _delete_references(project: Project, cast: Cast, person: Person, clones: set[str]) -> list[str]:
    files = [project.home / REFERENCES / f"{clone.removeprefix(PREFIX)}.wav" for clone in sorted(clones)]
    if person.reference is not None:
        files.append(cast.folder / person.reference.file)
    deleted = []
    for file in files:
        try:
            if file.is_file() and not file.is_symlink():
                file.unlink()
                deleted.append(f"the recording {make_printable(file)}")
        except OSError as error:
            raise make_output_error(file, error) from error
    return deleted


def _without_clone(script: Script, name: str) -> Script:
    """Return the script in which that person has no clone: the next dub gives them a stock voice."""
    return replace(
        script,
        speakers=tuple(
            replace(one, voice=None, consent="")
            if one.consent and one.name.casefold() == name.casefold()
            else one
            for one in script.speakers
        ),
    )


def _count_takes(script: Script, clones: set[str]) -> int:
    return sum(take.voice.id in clones for line in script.lines for take in line.takes)


def _list_remains(takes: int, project: Project) -> list[str]:
    remains = []
    if takes:
        remains.append(
            f"{format_count(takes, 'take')} with the cloned voice in {make_printable(project.home.name)}, in "
            "its cache, its undo, and the stems and films made of them. Dub it again: the lines get a stock "
            "voice. Then delete what was delivered before."
        )
    remains.append(
        "Other projects with this cast file keep what was dubbed in them. They get a stock voice when they "
        "are dubbed again."
    )
    return remains
