"""Withdraw a person's consent: delete what was made of their voice to clone it, and say what remains.

Consent for the face can be withdrawn alone; then the voice keeps its records.

Dubs that were made stay until they are dubbed again: they may have been shown, and only a person can decide
what becomes of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from rythmo.casting import cast_file
from rythmo.casting.cast_file import Cast, Person
from rythmo.casting.consent_records import require_person
from rythmo.counts import format_count
from rythmo.engines.remote.voice_ledger import PREFIX, Ledger, RemoteVoice, clean_voices
from rythmo.files import make_output_error, make_printable
from rythmo.project.workspace import Project
from rythmo.script.model import Script

REFERENCES = "references"
"""The project's folder of prepared references; see `job.voice_job`."""


_OTHER_LIPS = "Other projects with this cast file keep the lips made in them until they are made again."


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """What was deleted, and what remains, each as sentences; `left` are clones that a service still has."""

    name: str
    deleted: tuple[str, ...]
    remains: tuple[str, ...]
    left: tuple[RemoteVoice, ...] = ()


@dataclass(frozen=True, slots=True)
class _Traces:
    """What there is of a person: in the cast file, in each language of a project, and at services."""

    cast: Cast
    person: Person
    scripts: Mapping[Project, Script]
    clones: frozenset[str]
    recordings: tuple[Path, ...]
    remote: tuple[RemoteVoice, ...]


def plan_withdrawal(
    project: Project, path: Path, name: str, ledger: Ledger | None = None, *, face_only: bool = False
) -> Withdrawal:
    """Return what `withdraw_consent` would delete, and what would remain. Nothing is changed.

    Raises InputError for a person whom the cast file does not have, and ScriptError.
    """
    if face_only:
        return _plan_face(project, require_person(cast_file.load_cast(path), name))
    found = _find_traces(project, path, name, ledger or Ledger())
    deleted = [_describe_records(found.person)]
    deleted += [f"the recording {make_printable(file)}" for file in found.recordings]
    deleted += [f"the clone {voice.name} at {voice.engine}" for voice in found.remote]
    return Withdrawal(found.person.name, tuple(deleted), _list_remains(found, project))


def withdraw_consent(
    project: Project,
    path: Path,
    name: str,
    ledger: Ledger | None = None,
    *,
    locked: bool = False,
    face_only: bool = False,
) -> Withdrawal:
    """Delete a person's clones at services, references, voice vectors and consent records.

    `face_only` deletes the records for the face, and nothing else. `locked` says that the caller holds the
    project's lock. Raises InputError for a person whom the cast file
    does not have, OutputError, and ScriptError.
    """
    ledger = ledger or Ledger()
    with nullcontext() if locked else project.hold_lock():
        if face_only:
            cast = cast_file.load_cast(path)
            person = require_person(cast, name)
            cast_file.save_cast(cast.with_person(replace(person, face_consents=())), path)
            return _plan_face(project, person)
        found = _find_traces(project, path, name, ledger)
        # The records go first: whatever fails after that, nobody is cloned again.
        cast_file.save_cast(found.cast.with_person(_bare(found.person)), path)
        deleted = [_describe_records(found.person)]
        deleted += [_delete_recording(file) for file in found.recordings]
        done = clean_voices(ledger, found.remote.__contains__)
        deleted += [f"the clone {voice.name} at {voice.engine}" for voice in done.deleted]
        for home, script in found.scripts.items():
            home.save(_without_clone(script, found.person.name))
    return Withdrawal(found.person.name, tuple(deleted), _list_remains(found, project), done.left)


def _plan_face(project: Project, person: Person) -> Withdrawal:
    deleted = f"{format_count(len(person.face_consents), 'consent record')} for the face in the cast file"
    return Withdrawal(person.name, (deleted,), (*_list_lips(project), _OTHER_LIPS))


def _find_traces(project: Project, path: Path, name: str, ledger: Ledger) -> _Traces:
    cast = cast_file.load_cast(path)
    person = require_person(cast, name)
    homes = [Project(folder.root) for folder in project.languages] or [project]
    scripts = {home: home.load() for home in homes}
    clones = frozenset(clone for script in scripts.values() for clone in _find_clones(script, person.name))
    files = [project.home / REFERENCES / f"{clone.removeprefix(PREFIX)}.wav" for clone in sorted(clones)]
    if person.reference is not None:
        files.append(cast.folder / person.reference.file)
    recordings = tuple(file for file in files if file.is_file() and not file.is_symlink())
    jobs = {str(project.home.resolve()), str(path.resolve())}
    remote = [one for one in ledger.live() if one.job in jobs or PREFIX + one.reference in clones]
    return _Traces(cast, person, scripts, clones, recordings, tuple(remote))


def _describe_records(person: Person) -> str:
    records = format_count(len(person.consents) + len(person.face_consents), "consent record")
    return f"{records}, the voice vectors and the reference in the cast file"


def _bare(person: Person) -> Person:
    return replace(person, consents=(), face_consents=(), reference=None, vectors=())


def _find_clones(script: Script, name: str) -> set[str]:
    """Return the ids of the clones of that person in a script: their voice, and those of their takes."""
    people = {one.id: one for one in script.speakers if one.name.casefold() == name.casefold()}
    voices = {one.voice.id for one in people.values() if one.voice is not None}
    voices |= {take.voice.id for line in script.lines if line.speaker in people for take in line.takes}
    return {voice for voice in voices if voice.startswith(PREFIX)}


def _delete_recording(file: Path) -> str:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise make_output_error(file, error) from error
    return f"the recording {make_printable(file)}"


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


def _list_remains(found: _Traces, project: Project) -> tuple[str, ...]:
    takes = sum(_count_takes(script, set(found.clones)) for script in found.scripts.values())
    remains = []
    if takes:
        remains.append(
            f"{format_count(takes, 'take')} with the cloned voice in {make_printable(project.home.name)}, in "
            "its cache, its undo, and the stems and films made of them. Dub it again: the lines get a stock "
            "voice. Then delete what was delivered before."
        )
    remains += _list_lips(project)
    remains.append(
        "Other projects with this cast file keep what was dubbed in them. They get a stock voice when they "
        "are dubbed again."
    )
    return tuple(remains)


def _list_lips(project: Project) -> list[str]:
    homes = [folder.root for folder in project.languages] or [project.root]
    if not any((root / "lips.json").is_file() for root in homes):
        return []
    return ["Lips that were made of faces. Make them again (rythmo lips): the face keeps its own."]
