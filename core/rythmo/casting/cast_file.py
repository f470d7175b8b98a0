"""The cast file: the people of a production, with what their voices are known by and spoken with.

version = 1
[[people]]
name = "Anna"
[people.reference]                     # clean speech of hers, beside the cast file
file = "references/anna.wav"
sha256 = "..."
[[people.vectors]]                     # what she is known by in the next episode
embedder = "resemblyzer 0.1.4-numpy2"
values = "..."                         # little-endian 32-bit floats in base64
[[people.voices]]                      # the voice that she has in an engine and a language
engine = "espeak"
language = "es"
id = "f2-1.00-210Hz"
locked = true                          # nothing but unlocking gives her another one
settings = {pace = 1.1}                # what a person set on the voice, and what the engine keeps with it
[[people.consents]]                    # leave to clone her voice; see casting/consent.py
voice_of = "Anna Example"
...
[[people.face_consents]]               # leave to change the lips of her face; see casting/face_consent.py
face_of = "Anna Example"
...
"""

from __future__ import annotations

import base64
import binascii
import errno
import hashlib
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import msgspec
import numpy as np
import tomli_w

from rythmo.casting.consent import Consent
from rythmo.casting.face_consent import FaceConsent
from rythmo.casting.speaker_matching import Vector
from rythmo.errors import InputError, MediaError
from rythmo.files import make_printable, write_atomically
from rythmo.media.audio import Audio
from rythmo.media.wav import read_audio
from rythmo.project_paths import path_in
from rythmo.script.checks import is_colour
from rythmo.script.takes import VoiceRef

VERSION = 1
_MOST_BYTES = 16 << 20
_MOST_REFERENCE_BYTES = 1 << 30
_MOST_DIMENSIONS = 8192
_LARGEST = 1e6
_LONGEST = 1000
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_SHOWN = 300
FOLDER = "references"


@dataclass(frozen=True, slots=True)
class Reference:
    """Clean speech of a person: a WAV beside the cast file, and its SHA-256."""

    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class StoredVector:
    """What an embedder makes of the reference. Vectors of different embedders do not compare."""

    embedder: str
    values: str

    @classmethod
    def pack(cls, embedder: str, vector: Vector) -> StoredVector:
        """Pack a vector as text."""
        return cls(embedder, base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii"))

    def unpack(self) -> Vector:
        """Unpack the vector. Raises InputError when the text is not that of a vector."""
        try:
            return np.frombuffer(base64.b64decode(self.values, validate=True), "<f4").astype(np.float32)
        except (binascii.Error, ValueError) as error:
            raise InputError(
                f"A vector of {self.embedder} in the cast file is damaged.",
                hint="Delete it: it is made again from the reference.",
            ) from error


@dataclass(frozen=True, slots=True)
class StoredVoice:
    """The voice of a person in one engine and one language. Clones are not stored: they are made from the
    reference each time, and only while there is consent."""

    engine: str
    language: str
    id: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    locked: bool = False
    """Whether the voice comes locked into the next project."""

    @property
    def ref(self) -> VoiceRef:
        """As a script holds it."""
        return VoiceRef(self.engine, self.id, dict(self.settings))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of the cast; the name is how people and scripts know them."""

    name: str
    colour: str = ""
    reference: Reference | None = None
    vectors: tuple[StoredVector, ...] = ()
    voices: tuple[StoredVoice, ...] = ()
    consents: tuple[Consent, ...] = ()
    face_consents: tuple[FaceConsent, ...] = ()

    def find_voice(self, engine: str, language: str) -> VoiceRef | None:
        """Return the person's voice in that engine and language."""
        stored = self.find_stored_voice(engine, language)
        return stored.ref if stored else None

    def find_stored_voice(self, engine: str, language: str) -> StoredVoice | None:
        """Return the person's voice in that engine and language, as the file holds it."""
        found = (one for one in self.voices if (one.engine, one.language) == (engine, language))
        return next(found, None)

    def find_vector(self, embedder: str) -> StoredVector | None:
        """Return what that embedder, in that version, made of the reference."""
        return next((one for one in self.vectors if one.embedder == embedder), None)


@dataclass(frozen=True, slots=True)
class Cast:
    """All of them, and the folder that the files of references are relative to."""

    people: tuple[Person, ...] = ()
    folder: Path = Path()

    def find_person(self, name: str) -> Person | None:
        """Whoever has that name, in small letters or large."""
        return next((one for one in self.people if one.name.casefold() == name.casefold()), None)

    def with_person(self, person: Person) -> Cast:
        """Return the cast with that person in place of whoever has the name, or at the end."""
        if self.find_person(person.name) is None:
            return replace(self, people=(*self.people, person))
        same = person.name.casefold()
        return replace(
            self, people=tuple(person if one.name.casefold() == same else one for one in self.people)
        )

    def read_reference(self, person: Person) -> Audio:
        """Read the person's reference.

        Raises InputError when it is missing or was changed, and ScriptError when a link leads out of the cast
        file's folder.
        """
        if person.reference is None:
            raise InputError(
                f"The cast file has no reference of {person.name}.",
                hint="Save the cast again from a project in which they speak.",
            )
        path = path_in(self.folder, person.reference.file)
        if hash_reference(path) != person.reference.sha256:
            raise InputError(
                f"{make_printable(path)} is not the recording that the cast file names.",
                hint="Put the original file back; consent was given for that one.",
            )
        return read_audio(path)


def hash_reference(path: Path) -> str:
    """SHA-256 of a reference. Raises MediaError when it cannot be read, or is not a file of fitting size."""
    try:
        _require_file(path, _MOST_REFERENCE_BYTES)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise MediaError(
            f"The reference {make_printable(path)} cannot be read: {error.strerror}.",
            hint="The folder of references belongs beside the cast file.",
        ) from error


def _require_file(path: Path, most_bytes: int) -> None:
    """Raise OSError unless it is a plain file of at most so many bytes: reading a pipe would never end."""
    facts = path.stat()
    if not stat.S_ISREG(facts.st_mode):
        raise OSError(errno.EINVAL, "it is not a file")
    if facts.st_size > most_bytes:
        raise OSError(errno.EFBIG, "it is far too large")


class _File(msgspec.Struct, forbid_unknown_fields=True):
    version: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
    people: tuple[Person, ...] = ()


def load_cast(path: Path) -> Cast:
    """Read a cast file. Raises InputError when it is missing, damaged, of a newer Rythmo, or ambiguous."""
    try:
        _require_file(path, _MOST_BYTES)
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        found = msgspec.convert(data, _File, builtin_types=(date,))
        _require_known(data)
    except FileNotFoundError as error:
        raise InputError(
            f"There is no cast file {make_printable(path)}.",
            hint="`rythmo cast PROJECT --save FILE` makes one.",
        ) from error
    except (OSError, RecursionError, ValueError, msgspec.ValidationError) as error:
        raise InputError(
            f"{make_printable(path)} is not a cast file: {make_printable(str(error)[:_SHOWN])}.",
            hint="Mend it, or take back an older copy.",
        ) from error
    if found.version > VERSION:
        raise InputError(
            f"{make_printable(path)} was written by a newer Rythmo (version {found.version}).",
            hint="Update Rythmo.",
        )
    _check_people(found.people, path)
    return Cast(found.people, path.parent)


def _require_known(data: dict[str, Any]) -> None:
    """Nothing in the file that we would not keep: msgspec passes over what a dataclass does not have."""
    parts = {
        "vectors": StoredVector,
        "voices": StoredVoice,
        "consents": Consent,
        "face_consents": FaceConsent,
    }
    for person in data.get("people", ()):
        pieces = [
            (person, Person),
            *((one, kind) for name, kind in parts.items() for one in person.get(name, ())),
        ]
        pieces += [(person["reference"], Reference)] if "reference" in person else []
        for piece, kind in pieces:
            if strange := sorted(set(piece) - {field.name for field in fields(kind)}):
                raise msgspec.ValidationError(f"it has {strange[0]!r}, which nothing is called")


def _check_people(people: tuple[Person, ...], path: Path) -> None:
    names = [person.name.casefold() for person in people]
    for person in people:
        if not person.name.strip() or names.count(person.name.casefold()) > 1:
            raise InputError(
                f"{make_printable(path)} has {person.name!r} as a name, which must say one person.",
                hint="Give everybody a name of their own.",
            )
        if fault := _fault(person):
            raise InputError(
                f"{make_printable(path)} cannot be used: {make_printable(fault[:_SHOWN])}.",
                hint="Mend it, or take back an older copy.",
            )
        if person.reference and not _is_inside(person.reference.file):
            raise InputError(
                f"The reference of {person.name} lies outside the folder of {make_printable(path)}.",
                hint=f"Put it into {FOLDER}/ and name it from there.",
            )


def _fault(person: Person) -> str:
    """Say what of a person cannot be; "" for nothing."""
    if not is_colour(person.colour):
        return f"{person.colour!r} is no colour"
    texts = (person.name, *(voice.id for voice in person.voices), *(v.embedder for v in person.vectors))
    if strange := next((text for text in texts if len(text) > _LONGEST or _CONTROL.search(text)), None):
        return f"{strange!r} is too long, or holds a control character"
    for stored in person.vectors:
        vector = stored.unpack()
        # Of larger values the length overflows, and no cosine is a number any more.
        if vector.size > _MOST_DIMENSIONS or not (np.abs(vector) < _LARGEST).all():
            return f"a vector of {stored.embedder} is none"
    return ""


def _is_inside(file: str) -> bool:
    path = PurePosixPath(file)
    return not (path.is_absolute() or ".." in path.parts or ":" in file or "\\" in file)


def save_cast(cast: Cast, path: Path) -> None:
    """Write the cast file; on a failure the one that was there stays."""
    plain = msgspec.to_builtins({"version": VERSION, "people": cast.people}, builtin_types=(date,))
    write_atomically(path, tomli_w.dumps(_drop_empty_values(plain)).encode())


def _drop_empty_values(value: Any) -> Any:
    """TOML has no null; and what is empty is left out."""
    if isinstance(value, dict):
        kept = {name: _drop_empty_values(one) for name, one in value.items()}
        return {name: one for name, one in kept.items() if not _is_empty(one)}
    if isinstance(value, list | tuple):
        return [_drop_empty_values(one) for one in value]
    return value


def _is_empty(value: Any) -> bool:
    # A lock that is off is left out too; a pitch of 0.0 would be kept.
    return value is False or value in (None, "", [], {}, ())
