"""Checksums of the stems, by blocks of ten seconds, so that an edit reads only the blocks that it changed.

They stand in the cache, and are taken away while the stems change: after a crash there
are none, and what the journal made of the stems is trusted.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import msgspec

from rythmo.errors import MediaError
from rythmo.files import make_output_error, write_atomically
from rythmo.media.riff import read_header
from rythmo.mix.stem_writer import SUM_SECONDS
from rythmo.project.sealed import seal, unseal
from rythmo.project_paths import find_home

FOLDER = Path("stems")

Span = tuple[int, int]


class _Stem(msgspec.Struct, array_like=True):
    size: int
    mtime_ns: int
    head: int
    """The checksum of what stands before the samples."""
    blocks: list[int]


Sums = Mapping[str, _Stem]
_NONE: Sums = {}


def _file(project: Path) -> Path:
    """Return the file of checksums: in the project's cache, which its languages share."""
    home = find_home(project)
    return home / "cache" / ("stems.json" if project == home else f"stems.{project.name}.json")


def has_sums(project: Path) -> bool:
    """Tell whether the project's stems have been recorded."""
    return (_file(project)).is_file()


def take_sums(project: Path) -> Sums:
    """Return the checksums and delete them, before the stems change. Raises OutputError."""
    known = _load(project)
    try:
        (_file(project)).unlink(missing_ok=True)
    except OSError as error:
        raise make_output_error(_file(project), error) from error
    return known


def record_sums(project: Path, names: Iterable[str], known: Sums = _NONE, spans: Sequence[Span] = ()) -> None:
    """Record the stems as they are. Of the stems in `known`, only blocks that the spans touch are read.

    `spans` are in samples. Raises OutputError, and MediaError for a stem that cannot be read.
    """
    found = {}
    for name in names:
        old, path = known.get(name), project / FOLDER / f"{name}.wav"
        facts = path.stat()
        head, blocks = _sums(path, old if old is not None and old.size == facts.st_size else None, spans)
        found[name] = _Stem(facts.st_size, facts.st_mtime_ns, head, blocks)
    write_atomically(_file(project), seal(msgspec.json.encode(found, order="sorted")))


def record_written_sums(project: Path, written: Mapping[str, tuple[int, list[int]]]) -> None:
    """Record the checksums of the header and the blocks of stems as they were written. Raises OutputError."""
    found = {}
    for name, (head, blocks) in written.items():
        facts = (project / FOLDER / f"{name}.wav").stat()
        found[name] = _Stem(facts.st_size, facts.st_mtime_ns, head, blocks)
    write_atomically(_file(project), seal(msgspec.json.encode(found, order="sorted")))


def find_sums(project: Path) -> list[tuple[str, int, list[int]]] | None:
    """Return the recorded checksums: the name of each stem, of its header and of its blocks.

    None where a stem has another size or time of change than the recorded ones, or there is no record.
    """
    known, found = _load(project), []
    for name, stem in sorted(known.items()):
        try:
            facts = (project / FOLDER / f"{name}.wav").stat()
        except OSError:
            return None
        if (facts.st_size, facts.st_mtime_ns) != (stem.size, stem.mtime_ns):
            return None
        found.append((name, stem.head, stem.blocks))
    return found or None


def match_sums(project: Path, names: Iterable[str], *, thorough: bool) -> bool:
    """Tell whether the stems are those that were recorded.

    Without `thorough`, a stem of the recorded size and time of change is not read. Stems without a record (of
    an older version, or after a crash) match.
    """
    if not has_sums(project):
        return True
    known = _load(project)
    return all(
        _matches(project / FOLDER / f"{name}.wav", known.get(name), thorough=thorough) for name in names
    )


def _matches(path: Path, known: _Stem | None, *, thorough: bool) -> bool:
    try:
        facts = path.stat()
        if known is None or known.size != facts.st_size:
            return False
        if not thorough and known.mtime_ns == facts.st_mtime_ns:
            return True
        return _sums(path, None, ()) == (known.head, known.blocks)
    except (OSError, MediaError):
        return False


def _sums(path: Path, reuse: _Stem | None, spans: Sequence[Span]) -> tuple[int, list[int]]:
    """Return the checksums of the head and of each block; those outside the spans as `reuse` has them."""
    header = read_header(path)
    size = header.rate * SUM_SECONDS * header.block
    with path.open("rb", buffering=0) as file:
        head = zlib.crc32(file.read(header.data_offset))
        count = -(-header.data_size // size)
        if reuse is not None and len(reuse.blocks) == count:
            blocks = list(reuse.blocks)
            per_block = header.rate * SUM_SECONDS
            touched = {n for a, b in spans for n in range(a // per_block, -(-b // per_block)) if n < count}
        else:
            blocks, touched = [0] * count, set(range(count))
        for number in sorted(touched):
            file.seek(header.data_offset + number * size)
            blocks[number] = zlib.crc32(file.read(min(size, header.data_size - number * size)))
    return head, blocks


def _load(project: Path) -> Sums:
    with suppress(OSError, msgspec.MsgspecError):
        return msgspec.json.decode(unseal((_file(project)).read_bytes()), type=dict[str, _Stem])
    return {}
