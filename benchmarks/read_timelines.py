"""Our readers and the public OpenTimelineIO adapters on the same files, side by side, and both on 5000 lines.

    python benchmarks/read_timelines.py FOLDER      who reads which of a folder, how fast
    python benchmarks/read_timelines.py --clips FOLDER    clip by clip: what both have at the same place
    python benchmarks/read_timelines.py --lines     written here: 500, 5000 and 20000 clips

Times are CPU seconds of this process. "Refused" is a clear error of ours, "failed" any exception of theirs.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from rythmo.errors import RythmoError
from rythmo_bridge.formats.registry import formats, read_timeline, timeline_suffixes
from rythmo_bridge.timeline import Item, Kind, Media, Timeline, Track

ADAPTERS = {"aaf": "AAF", "edl": "cmx_3600", "fcp7": "fcp_xml", "fcpxml": "fcpx_xml", "otio": "otio_json"}


def timed(call: Callable[[], Any]) -> tuple[float, str]:
    """CPU seconds, and what was wrong."""
    begun = time.process_time()
    try:
        call()
    except RythmoError as error:
        return time.process_time() - begun, f"refused: {error.message.partition(': ')[2]}"
    except Exception as error:  # noqa: BLE001 - any failure of the other reader is a result
        return time.process_time() - begun, f"failed: {type(error).__name__}: {str(error)[:60]}"
    return time.process_time() - begun, ""


def theirs(path: Path, kind: str) -> Any:
    """The public adapter's reading."""
    import opentimelineio as otio

    return otio.adapters.read_from_file(str(path), adapter_name=ADAPTERS[kind])


def corpus(folder: Path) -> None:
    """A row for each kind of file, then every file that one of the two did not read."""
    rows: dict[str, list[tuple[float, str, float, str]]] = defaultdict(list)
    bad = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix in timeline_suffixes()):
        kind = path.suffix.removeprefix(".")
        ours, our_fault = timed(lambda path=path: read_timeline(path))  # type: ignore[misc]  # a closure over this path
        other, their_fault = timed(lambda path=path, kind=kind: theirs(path, kind))  # type: ignore[misc]  # the same
        rows[kind].append((ours, our_fault, other, their_fault))
        if our_fault or their_fault:
            bad.append(f"{path.name}: ours {our_fault or 'read'}; adapter {their_fault or 'read'}")
    print(f"{'':8}{'files':>6}{'ours read':>11}{'slowest':>9}{'adapter read':>14}{'slowest':>9}")
    for kind, found in sorted(rows.items()):
        ours_read = sum(not fault for _, fault, _, _ in found)
        theirs_read = sum(not fault for _, _, _, fault in found)
        slow, their_slow = max(row[0] for row in found), max(row[2] for row in found)
        print(f"{kind:8}{len(found):6}{ours_read:11}{slow:8.2f}s{theirs_read:14}{their_slow:8.2f}s")
    print("\n".join(bad))


Clip = tuple[str, float, float]
"""Picture or sound, and its beginning and length in seconds of the record."""


def our_clips(timeline: Timeline) -> set[Clip]:
    """Clips as we read them; channels of one clip count once."""
    return {(t.kind.value, i.start / 48_000, i.length / 48_000) for t in timeline.tracks for i in t.items}


def their_clips(path: Path, kind: str, rate: float) -> set[Clip] | None:
    """Clips as the public adapter reads them; None where it gives no timeline."""
    import opentimelineio as otio

    given = {"rate": rate} if kind == "edl" else {}
    read = otio.adapters.read_from_file(str(path), adapter_name=ADAPTERS[kind], **given)
    if not isinstance(read, otio.schema.Timeline):
        read = next(iter(read.find_children(descended_from_type=otio.schema.Timeline)), None)
    if read is None:
        return None
    found = set()
    for track in (each for each in read.tracks if isinstance(each, otio.schema.Track)):
        for child in track:
            if not isinstance(child, otio.schema.Gap | otio.schema.Transition):
                place = track.range_of_child(child)
                found.add((track.kind.lower(), place.start_time.to_seconds(), place.duration.to_seconds()))
    return found


def shared(ours: set[Clip], others: set[Clip], frame: float, *, shift: bool) -> int:
    """How many of ours the others have, to half a frame. With `shift` (EDLs) both begin at their first."""
    off = min(s for _, s, _ in others) - min(s for _, s, _ in ours) if shift and ours and others else 0.0

    def near(clip: Clip) -> bool:
        kind, start, length = clip
        return any(
            kind == k and max(abs(start + off - s), abs(length - n)) < 0.6 * frame for k, s, n in others
        )

    return sum(near(clip) for clip in ours)


def clips(folder: Path) -> None:
    """A row for each kind of file, then every file on which the two differ."""
    rows: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    told = []
    for path in sorted(p for p in folder.rglob("*") if p.suffix in timeline_suffixes()):
        kind = path.suffix.removeprefix(".")
        try:
            timeline = read_timeline(path)
            other = their_clips(path, kind, float(timeline.frame_rate))
        except Exception as error:  # noqa: BLE001 - either reader may fail; both are shown by `corpus`
            told.append(f"{path.name}: {type(error).__name__}")
            continue
        if other is None:
            told.append(f"{path.name}: the adapter gives no timeline")
            continue
        ours = our_clips(timeline)
        both = shared(ours, other, float(1 / timeline.frame_rate), shift=kind == "edl")
        same = both == len(ours) == len(other)
        counts = (1, len(ours), len(other), both, int(same))
        rows[kind] = [a + b for a, b in zip(rows[kind], counts, strict=True)]
        if not same:
            told.append(f"{path.name}: ours {len(ours)}, adapter {len(other)}, at the same place {both}")
    print(f"{'':8}{'files':>6}{'our clips':>11}{'adapter':>9}{'same place':>12}{'files alike':>13}")
    for kind, (files, ours_count, others_count, both, alike) in sorted(rows.items()):
        print(f"{kind:8}{files:6}{ours_count:11}{others_count:9}{both:12}{alike:13}")
    print("\n".join(told))


def many(count: int) -> Timeline:
    """Lines of two seconds on two tracks."""
    media = {
        f"m{n}": Media(f"m{n}", f"S1_{n:05}_t01.wav", Path(f"/takes/S1_{n:05}_t01.wav"), 96_000, 0, 1, 48_000)
        for n in range(count)
    }
    rows: list[list[Item]] = [[], []]
    for n in range(count):
        rows[n % 2].append(Item(f"S1_{n:05}_t01", n * 48_000, 90_000, f"m{n}", line=f"S1_{n:05}"))
    tracks = tuple(Track(f"DX {n}", Kind.AUDIO, items=tuple(items)) for n, items in enumerate(rows))
    return Timeline("Many", Fraction(25), count * 48_000 + 96_000, tracks=tracks, media=media)


def lines() -> None:
    """Reading time of what we write, growing with the number of lines."""
    for name in ("otio", "fcp7", "fcpxml", "edl"):
        told = []
        for count in (500, 5000, 20000):
            with tempfile.TemporaryDirectory() as folder:
                delivery = many(count)
                paths = formats()[name].write(delivery, Path(folder) / f"many{formats()[name].suffix}")
                seconds = sum(timed(lambda path=path: read_timeline(path))[0] for path in paths)  # type: ignore[misc]  # as above
            told.append(f"{count}: {seconds:.2f} s")
        print(f"{name:8}{'   '.join(told)}")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if sys.argv[1:] == ["--lines"]:
        lines()
    elif len(sys.argv) == 3 and sys.argv[1] == "--clips":
        clips(Path(sys.argv[2]))
    elif len(sys.argv) == 2:
        corpus(Path(sys.argv[1]))
    else:
        sys.exit(__doc__)
