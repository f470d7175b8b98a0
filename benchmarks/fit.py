"""How takes fit their lines, over the example scene and real recordings, and writes a table into the docs.

    python benchmarks/fit.py FILE ...        e.g. examples/scene.mp4 and recordings of your own

Each file is dubbed from English to Spanish with the engines of this machine, into --scratch (a file that
is there already is not dubbed again). The band is -10% to +20% of the original line's time.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from rythmo.dubbing.pipeline import Job, dub
from rythmo.errors import RythmoError
from rythmo.settings import DeliverSettings, Settings

DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"
_BAND = (0.9, 1.2)
_EDGES = (0.5, 0.7, 0.9, 1.0, 1.1, 1.2, 1.5)


@dataclass(frozen=True, slots=True)
class Found:
    """One file: fits (placed over original length) and speeds of its placed lines; `steps` counts reasons."""

    name: str
    seconds: float
    fits: tuple[float, ...]
    speeds: tuple[float, ...]
    slots: tuple[float, ...]
    codes: Counter[str]
    engines: str


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir(), "rythmo-benchmark-fit"))
    parser.add_argument("--write", type=Path, default=DOCS / "fit.md")
    options = parser.parse_args()
    found = []
    for path in options.files:
        try:
            found.append(_measure(path, options.scratch))
        except RythmoError as error:
            print(f"{path.name}: {error.message}")
            continue
        print(_row(found[-1]), flush=True)
    options.write.parent.mkdir(parents=True, exist_ok=True)
    options.write.write_text(_page(found))


def _measure(path: Path, scratch: Path) -> Found:
    project = scratch / f"{path.stem}.rythmo"
    if not (project / "qc" / "report.json").is_file():
        settings = Settings(deliver=DeliverSettings("srt"))
        dub(Job(path, "es", "en", scratch), settings)
    report = json.loads((project / "qc" / "report.json").read_text())
    placed = [line for line in report["lines"] if line["fit"] is not None]
    return Found(
        path.name,
        report["length"] / report["sample_rate"],
        tuple(line["fit"] for line in placed),
        tuple(line["speed"] for line in placed),
        tuple(line["slot_fill"] for line in placed),
        Counter(finding["code"] for finding in report["findings"] if finding["line"]),
        ", ".join(f"{kind} {name}" for kind, name in report["engines"]),
    )


def _row(found: Found) -> str:
    count = len(found.fits)
    if not count:
        return f"| {found.name} | {found.seconds:.0f} s | 0 | | | | | | |"
    inside = sum(_BAND[0] <= fit <= _BAND[1] for fit in found.fits)
    in_slot = sum(share <= 1 for share in found.slots)
    short = sum(fit < _BAND[0] for fit in found.fits)
    fast = found.codes["fast"] + found.codes["overrun"]
    cells = [
        found.name,
        f"{found.seconds:.0f} s",
        str(count),
        f"{inside / count:.0%}",
        f"{short / count:.0%}",
        f"{in_slot / count:.0%}",
        f"{fast / count:.0%}",
        f"{max(found.speeds):.2f}x",
        f"{min(found.speeds):.2f}x",
    ]
    return "| " + " | ".join(cells) + " |"


def _page(found: list[Found]) -> str:
    head = (
        "| File | Length | Lines | In the band | Below it | End within their slot | Hurried "
        "| Fastest | Slowest |\n" + "|---" * 9 + "|"
    )
    whole = Found(
        "**all**",
        sum(one.seconds for one in found),
        tuple(fit for one in found for fit in one.fits),
        tuple(speed for one in found for speed in one.speeds),
        tuple(share for one in found for share in one.slots),
        sum((one.codes for one in found), Counter()),
        "",
    )
    codes = "\n".join(f"| {code} | {count} |" for code, count in whole.codes.most_common())
    return f"""# Fit: measured

Written by `python benchmarks/fit.py`. English to Spanish with {found[0].engines}.
The translation knows nothing of lengths and cannot be asked for another wording; the voice can be asked for
a length, up to half as fast again as its own pace ("Hurried": lines for which that or a stretch came to more
than 1.2x). A translator that takes word budgets moves more lines into the band. The files but the first are
recordings of real speech: distant microphones in meetings, a speech of 1961, readers in many languages.

The band is -10% to +20% of the original line's time; the slot is that time and the silence after it, to
50 ms before the next onset.

{head}
{chr(10).join(_row(one) for one in (*found, whole))}

How the lines fill the original's time:

| Placed length over original length | Lines |
|---|---|
{_histogram(whole.fits)}

Flags on lines, all files together:

| Code | Lines |
|---|---|
{codes}
"""


def _histogram(fits: tuple[float, ...]) -> str:
    edges = (0.0, *_EDGES, float("inf"))
    names = [f"below {_EDGES[0]}", *(f"{a} to {b}" for a, b in itertools.pairwise(_EDGES))]
    names.append(f"{_EDGES[-1]} and above")
    counts = [sum(a <= fit < b for fit in fits) for a, b in itertools.pairwise(edges)]
    return "\n".join(f"| {name} | {count} |" for name, count in zip(names, counts, strict=True))


if __name__ == "__main__":
    main()
