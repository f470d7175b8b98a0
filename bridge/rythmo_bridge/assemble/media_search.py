"""Finds the files that a timeline names: at their stated paths, beside the timeline, and in `--media-dir`.

A file is used where the timeline says it is. If it has moved, it is found by its name anywhere below a
`--media-dir`. If several files have that name, the timecode and length that the timeline expects decide, then
the reel in the path. If two different files still fit equally well, the search refuses to guess.

Media belongs to the user and is opened through the core's restricted calls. Addresses (`http:`, `concat:`)
and relative paths that climb out of the timeline's folder are never followed.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from rythmo.errors import MediaError, TimelineError
from rythmo.files import make_printable
from rythmo.media.media_info import MediaInfo
from rythmo.media.probe import probe
from rythmo_bridge.formats.media_paths import name_of, path_of
from rythmo_bridge.timeline import Media

_MOST_FILES = 500_000
_MOST_PROBED = 40
_SAMPLE_BYTES = 1 << 20
_SUFFIXES = frozenset(
    {
        ".aac",
        ".ac3",
        ".aif",
        ".aifc",
        ".aiff",
        ".avi",
        ".caf",
        ".dv",
        ".flac",
        ".m2ts",
        ".m2v",
        ".m4a",
        ".m4v",
    }
    | {
        ".mkv",
        ".mov",
        ".mp3",
        ".mp4",
        ".mpg",
        ".mts",
        ".mxf",
        ".ogg",
        ".opus",
        ".ts",
        ".w64",
        ".wav",
        ".webm",
    }
)


@dataclass(frozen=True, slots=True)
class FoundMedia:
    """A file on disk. `moved` is set where the timeline gives another path."""

    path: Path
    info: MediaInfo
    moved: bool = False


@dataclass(frozen=True, slots=True)
class MissingMedia:
    """A file that was not found or could not be read, with every place that was tried and why it failed."""

    name: str
    tried: tuple[str, ...]
    why: str = ""

    def __str__(self) -> str:
        if self.why:
            return f"{self.name}: {self.why}"
        places = "; ".join(self.tried) or "the timeline names no file"
        return f"{self.name} is missing. Tried: {places}"


@dataclass(slots=True)
class MediaFinder:
    """A search for the media of one timeline. Each folder is listed once."""

    folder: Path
    """The timeline's folder."""
    dirs: Sequence[Path] = ()
    _index: dict[Path, Mapping[str, Sequence[Path]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for each in self.dirs:
            if not each.is_dir():
                raise TimelineError(
                    f"--media-dir {make_printable(each)} is not a folder.", hint="Check the path."
                )

    def find(self, media: Media, spans: Sequence[tuple[int, int]] = ()) -> FoundMedia | MissingMedia:
        """Find the file of `media`; `spans` are the (source, length) in samples that clips play of it."""
        tried: list[str] = []
        name = _shown_name(media)
        for path in self.named(media, tried):
            if _is_on_server(path) and not self.is_chosen(path):
                # Opening a share sends the user's name and password hash to any server that is named.
                tried.append(f"{make_printable(path)} (on a server; name its folder with --media-dir)")
            elif _is_file(path):
                return _probe_candidate(path, name, tried, moved=path != media.path)
        for folder in self.dirs:
            found = self.below(folder, media)
            tried.append(f"{make_printable(folder)}/**/{make_printable(_search_name(media))}")
            if len(found) == 1:
                return _probe_candidate(found[0], name, tried, moved=True)
            if found:
                return _choose_best(found, media, spans, name, tried)
        return MissingMedia(name, tuple(tried))

    def is_chosen(self, path: Path) -> bool:
        """Whether a path lies beside the timeline or below a media folder, where the user chose to look."""
        place = str(path).replace("/", "\\").casefold()
        folders = (str(each.absolute()).replace("/", "\\").casefold() for each in (self.folder, *self.dirs))
        return any(place.startswith(folder.rstrip("\\") + "\\") for folder in folders)

    def named(self, media: Media, tried: list[str]) -> Iterator[Path]:
        """Yield the stated paths, then the same name beside the timeline and below each media folder.

        Below a folder, as much of the old path as still exists is kept.
        """
        seen: set[Path] = set()
        for text in media.candidates or ((str(media.path),) if media.path else ()):
            path = path_of(text, self.folder)
            if path is None:
                tried.append(f"{make_printable(text)} ({_refusal(text)})")
            elif path not in seen:
                seen.add(path)
                tried.append(make_printable(path))
                yield path
        if media.path is not None and media.path not in seen:
            seen.add(media.path)
            tried.append(make_printable(media.path))
            yield media.path
        for folder in (self.folder, *self.dirs):
            beside = folder is self.folder
            for tail in _path_tails(media):
                path = folder.absolute() / tail
                if path not in seen and not (beside and len(tail.parts) > 2):
                    seen.add(path)
                    if beside:
                        tried.append(make_printable(path))
                    yield path

    def below(self, folder: Path, media: Media) -> list[Path]:
        """Find files anywhere below a folder by name, else by name or reel with another suffix.

        A transcode keeps the name and changes the suffix.
        """
        index = self.index(folder)
        for name in _names(media):
            if found := index.get(_folded(name)):
                return list(found)
        for stem in _stems(media):
            if found := index.get(_folded(stem)):
                return list(found)
        return []

    def index(self, folder: Path) -> Mapping[str, Sequence[Path]]:
        """List every media file below a folder, by its name and by its name without suffix."""
        if folder not in self._index:
            found: dict[str, list[Path]] = {}
            for path in _walk(folder):
                found.setdefault(_folded(path.name), []).append(path)
                if path.suffix.lower() in _SUFFIXES:
                    found.setdefault(_folded(path.stem), []).append(path)
            self._index[folder] = found
        return self._index[folder]


def _walk(folder: Path) -> Iterator[Path]:
    count = 0
    for root, folders, names in os.walk(folder.absolute()):
        folders[:] = sorted(name for name in folders if not name.endswith(".rythmo"))
        for name in sorted(names):
            count += 1
            if count > _MOST_FILES:
                return
            yield Path(root, name)


def _probe_candidate(
    path: Path, name: str, tried: Iterable[str], *, moved: bool
) -> FoundMedia | MissingMedia:
    try:
        return FoundMedia(path, probe(path, need_sound=False), moved)
    except MediaError as error:
        return MissingMedia(name, tuple(tried), f"{error.message} {error.hint}".strip())


def _choose_best(
    paths: Sequence[Path], media: Media, spans: Sequence[tuple[int, int]], name: str, tried: Sequence[str]
) -> FoundMedia | MissingMedia:
    """Choose the file that best fits the timeline; refuse when two fit equally well."""
    ranked: list[tuple[tuple[bool, ...], FoundMedia]] = []
    problem: MissingMedia | None = None
    for path in paths[:_MOST_PROBED]:
        found = _probe_candidate(path, name, tried, moved=True)
        if isinstance(found, MissingMedia):
            problem = found
            continue
        ranked.append((_fit(found, media, spans), found))
    if not ranked:
        assert problem is not None
        return problem
    top = max(rank for rank, _ in ranked)
    equal = [found for rank, found in ranked if rank == top]
    if len({_content(found.path) for found in equal}) > 1:
        places = ", ".join(make_printable(found.path) for found in equal)
        return MissingMedia(
            name,
            tuple(tried),
            f"several files fit equally well: {places}. Name a closer folder with --media-dir.",
        )
    return equal[0]


def _fit(found: FoundMedia, media: Media, spans: Sequence[tuple[int, int]]) -> tuple[bool, ...]:
    """Return what speaks for a file, the strongest evidence first."""
    info = found.info
    frame = 48_000 // 24
    reference = info.time_reference
    holds = reference is not None and all(
        media.start + source - reference >= -frame
        and media.start + source + length - reference <= info.duration + frame
        for source, length in spans
    )
    begins = reference is not None and abs(reference - media.start) <= frame
    long = media.length > 0 and abs(info.duration - media.length) <= frame
    enough = all(source + length <= info.duration + frame for source, length in spans)
    reel = bool(media.reel) and _folded(media.reel) in _folded(str(found.path))
    return holds, begins, long, reel, enough


def _content(path: Path) -> str:
    """Return the size, head and tail of a file, which is enough to recognise copies."""
    size = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(_SAMPLE_BYTES)
        file.seek(max(0, size - _SAMPLE_BYTES))
        return sha256(str(size).encode() + head + file.read(_SAMPLE_BYTES)).hexdigest()


def _is_on_server(path: Path) -> bool:
    """Whether a path is of a Windows share or device."""
    return str(path).startswith("\\\\") or (os.name == "nt" and str(path).startswith("//"))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or empty
        return False


def _names(media: Media) -> list[str]:
    """Return the file's names, as far as the timeline gives them."""
    stated = [name_of(text) for text in media.candidates]
    stated += [name_of(str(media.path))] if media.path else []
    return list(dict.fromkeys(name for name in (*stated, media.name) if _suffix(name) in _SUFFIXES))


def _stems(media: Media) -> list[str]:
    """Return the names without suffix, then the reel; an EDL often gives nothing else."""
    stems = [Path(name).stem for name in _names(media)]
    return list(dict.fromkeys(each for each in (*stems, media.name, media.reel) if each.strip()))


def _suffix(name: str) -> str:
    return Path(name).suffix.lower()


def _path_tails(media: Media) -> list[Path]:
    """Return the ends of the stated paths, the longest first, to match a tree that moved as a whole."""
    found: list[Path] = []
    for text in (*media.candidates, *([str(media.path)] if media.path else [])):
        parts = [part for part in re.split(r"[\\/]+", _path_text(text)) if part not in ("", ".")]
        if any(part == ".." for part in parts):
            parts = parts[-1:]
        found += [Path(*parts[at:]) for at in range(max(0, len(parts) - 8), len(parts))]
    if not found:
        found = [Path(name) for name in _names(media)]
    unique = dict.fromkeys(path for path in found if path.name not in ("", "..") and not path.is_absolute())
    return sorted(unique, key=lambda path: -len(path.parts))


def _path_text(text: str) -> str:
    """Return the path in a URL or of any system, without drive and host."""
    from urllib.parse import unquote, urlsplit

    if text.lower().startswith("file:"):
        try:
            text = unquote(urlsplit(text).path)
        except ValueError:
            return ""
    elif re.match(r"[A-Za-z][A-Za-z0-9+.\-]+:", text):
        return ""
    return re.sub(r"^/?[A-Za-z]:", "", text).replace("\0", "")


def _search_name(media: Media) -> str:
    names = _names(media) or _stems(media)
    return names[0] if names else "?"


def _shown_name(media: Media) -> str:
    return make_printable(media.name or _search_name(media))


def _refusal(text: str) -> str:
    if "\0" in text or "%00" in text:
        return "no system can hold such a file name"
    if re.match(r"[A-Za-z][A-Za-z0-9+.\-]+[:,]", text) and not text.lower().startswith("file:"):
        return "an address; Rythmo opens local files only"
    return "leads out of the timeline's folder, so it is not opened"


def _folded(text: str) -> str:
    """Return a name for comparison: lower case, composed (macOS stores names decomposed)."""
    return unicodedata.normalize("NFC", text).casefold()
