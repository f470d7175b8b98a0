"""Bring stems up to date: only the spans that an edit touches are mixed again, in place.

The result is byte for byte that of a whole render.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from rythmo.errors import MediaError
from rythmo.files import write_atomically
from rythmo.media.pcm24 import pack
from rythmo.media.riff import read_header
from rythmo.mix import journal
from rythmo.mix.journal import RECORD
from rythmo.mix.mix_plan import MixPlan
from rythmo.mix.mixer import UNTOUCHED, Master, MeBlock, Mixer, stem_channels
from rythmo.mix.render import BLOCK_SECONDS, FOLDER, RenderedStems
from rythmo.mix.stem_records import find_changed_spans, make_record
from rythmo.mix.stem_sums import has_sums, match_sums, record_sums, record_written_sums, take_sums
from rythmo.mix.stems_in_making import StemsInMaking
from rythmo.progress import NEVER, CancelToken, Fraction01, ignore_progress
from rythmo.project_paths import path_in
from rythmo.script.phrases import Span


class _Record(msgspec.Struct):
    """The content of the record file."""

    head: str
    """The hash of what must be the same for a patch; "" while everything is being mixed anew."""
    items: dict[str, tuple[str, int, int, str]]
    regions: list[tuple[int, int]]
    limited: list[str]
    master: Master
    names: list[str] = []


_UNKNOWN: Mapping[Path, str] = {}
# More than this is rendered whole: the new bytes pass through memory and, twice, through the disk.
_MOST_SECONDS = 60


def update_stems(
    plan: MixPlan,
    project: Path,
    me: MeBlock,
    *,
    me_key: str,
    keys: Mapping[Path, str] = _UNKNOWN,
    master: Master = UNTOUCHED,
    thorough: bool = False,
    started: StemsInMaking | None = None,
    report: Fraction01 = ignore_progress,
    cancel: CancelToken = NEVER,
) -> RenderedStems:
    """Make the project's stems those of `plan`, with as little work as possible.

    Crash-safe: after a stop at any moment the next call finishes the work. Stems that somebody else changed
    are mixed anew.

    Args:
        plan: the mix to make.
        project: the project's folder.
        me: reads the M&E.
        me_key: names the content of the M&E, apart from the plan's regions.
        keys: keys of placed sounds that the caller knows already; the others are read from the files.
        master: gain and ceiling of the whole mix.
        thorough: read all stems and compare them with their checksums, not only those with a new time of
            change.
        started: stems that were begun while lines were still being spoken; used where all are mixed.
        report: called with the share that is done.
        cancel: stops the work.

    `RenderedStems.spans` says what was mixed again. Raises as `render_stems` does.
    """
    folder = project / FOLDER
    journal.finish_changes(folder)
    new = make_record(plan, project, me_key, keys, master)
    old = _load_record(folder / RECORD)
    names = stem_channels(plan)
    kept = _is_patchable(old, new, folder, plan) and match_sums(project, names, thorough=thorough)
    spans = find_changed_spans(old, new, plan) if kept else None
    if spans is None or sum(b - a for a, b in spans) > _MOST_SECONDS * plan.rate:
        return _render_whole(plan, project, me, new, master, started, report, cancel)
    limited = set(old["limited"])
    if spans:
        known = take_sums(project)
        limited = _patch_stems(Mixer(plan, project, me, master), folder, spans, new, limited, cancel)
        record_sums(project, names, known, spans)
    elif not has_sums(project):
        record_sums(project, names)
    report(1.0)
    files = {name: folder / f"{name}.wav" for name in stem_channels(plan)}
    return RenderedStems(files, clipped_lines=tuple(sorted(limited)), spans=tuple(spans))


def read_last_master(project: Path) -> Master | None:
    """Return the master of the existing stems; None when they were not mixed to the end.

    After an edit the gain of the last whole mix is used again. A new measurement would differ by a hundredth
    of a decibel and change every sample of every stem.
    """
    journal.finish_changes(project / FOLDER)
    found = _load_record(project / FOLDER / RECORD)
    return Master(**found["master"]) if found.get("head") else None


def _render_whole(
    plan: MixPlan,
    project: Path,
    me: MeBlock,
    record: dict[str, Any],
    master: Master,
    started: StemsInMaking | None,
    report: Fraction01,
    cancel: CancelToken,
) -> RenderedStems:
    folder, old = project / FOLDER, read_recorded_stems(project)
    with started or StemsInMaking(project) as making:
        making.mix(plan, me, record, master, plan.length, report=report, cancel=cancel)
        # From here on the stems may be a mixture of old and new. Without a head in the record no update
        # builds on them. The names stay, so that a stem whose speaker is gone is known as ours after a crash
        # too.
        blank = {**record, "head": "", "names": sorted({*old, *record["names"]})}
        write_atomically(folder / RECORD, _encode_record(blank))
        take_sums(project)
        done = making.finish()
    for name in old - set(record["names"]):
        path_in(folder, f"{name}.wav").unlink(missing_ok=True)
    write_atomically(folder / RECORD, _encode_record({**record, "limited": list(done.clipped_lines)}))
    record_written_sums(project, done.sums)
    return replace(done, spans=((0, plan.length),))


def _encode_record(record: dict[str, Any]) -> bytes:
    return json.dumps(record, sort_keys=True, separators=(",", ":")).encode()


def _load_record(path: Path) -> dict[str, Any]:
    """Return the record; empty where there is none, or one that this program would not have written."""
    if not path.is_file():
        return {}
    try:
        data = path.read_bytes()
        msgspec.json.decode(data, type=_Record)
        found: dict[str, Any] = {"names": [], **json.loads(data)}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return {}
    return found


def has_record(project: Path) -> bool:
    """Tell whether stems were mixed before, or another program's record lies there."""
    return (project / FOLDER / RECORD).exists()


def read_recorded_stems(project: Path) -> frozenset[str]:
    """Return the names of the stems that this program wrote, from the record of the last mix."""
    record = _load_record(project / FOLDER / RECORD)
    names = {*record.get("names", ()), *(item[0] for item in record.get("items", {}).values())}
    return frozenset(name for name in names if journal.is_stem(f"{name}.wav"))


def _is_patchable(old: dict[str, Any], new: dict[str, Any], folder: Path, plan: MixPlan) -> bool:
    """Tell whether the existing stems are whole and of the same shape and source."""
    if old.get("head") != new["head"] or set(old) != set(new):
        return False
    for name, channels in stem_channels(plan).items():
        path = folder / f"{name}.wav"
        if not path.is_file():
            return False
        try:
            header = read_header(path)
        except MediaError:  # Cut short, or no longer sound: mixed anew.
            return False
        if (header.length, header.channels) != (plan.length, channels):
            return False
    return True


def _patch_stems(
    mixer: Mixer,
    folder: Path,
    spans: list[Span],
    record: dict[str, Any],
    limited: set[str],
    cancel: CancelToken,
) -> set[str]:
    """Mix the spans again, write what differs, and return the lines under the limiter."""
    changes: list[journal.Change] = []
    readers = {name: _StemBytes(folder / f"{name}.wav") for name in stem_channels(mixer.plan)}
    for start, end in spans:
        limited -= set(mixer.lines_inside(start, end))
        for block in mixer.blocks(start, end, mixer.plan.rate * BLOCK_SECONDS):
            cancel.check()
            limited |= {line for a, b in block.limited for line in mixer.lines(a, b)}
            for name, old in readers.items():
                steps = block.stems.get(name)
                size = (block.end - block.start) * old.block
                data = bytes(size) if steps is None else bytes(pack(steps))
                offset, before = old.read(block.start, size)
                changes += journal.find_changes(before, data, offset, f"{name}.wav")
    journal.apply_changes(folder, changes, _encode_record({**record, "limited": sorted(limited)}))
    return limited


class _StemBytes:
    """The raw samples of an existing stem."""

    def __init__(self, path: Path) -> None:
        self._path = path
        header = read_header(path)
        self.block = header.block
        self._offset = header.data_offset

    def read(self, start: int, size: int) -> tuple[int, bytes]:
        """Return the offset in the file of sample `start`, and `size` bytes from there."""
        offset = self._offset + start * self.block
        with self._path.open("rb") as file:
            file.seek(offset)
            return offset, file.read(size)
