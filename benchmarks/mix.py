"""Compares ways to mix, side by side in one go, and writes a table into the docs.

    python benchmarks/mix.py                      everything (about a quarter of an hour)
    python benchmarks/mix.py --minutes 10 --lines 50

Needs the dependency group `benchmark`, and ffmpeg. Files go to --scratch (about 12 GB for 60 minutes).
Every method runs in a process of its own; its CPU time and peak memory are those of that process and
its children. What was measured stays in --scratch until --again: a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from mix_methods import METHODS, same
from mix_project import make

Row = dict[str, object]
DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"
_FASTER, _DISK, _MEMORY = 200, 6, 300
_ASKED = (60, 2000)
"""What must hold at 60 minutes and 2000 lines: times pydub's speed, times the disk's time, MB."""


def main() -> None:
    options = _options()
    if options.one:
        print(json.dumps(_measure(options.one, options.minutes[0], options.lines[0], options.scratch)))
        return
    kept = options.scratch / "mix.json"
    rows: list[Row] = json.loads(kept.read_text()) if kept.is_file() and not options.again else []
    for minutes in options.minutes:
        for lines in options.lines:
            if any((row["minutes"], row["lines"]) == (minutes, lines) for row in rows):
                continue
            rows += _compare(minutes, lines, options.scratch)
            kept.write_text(json.dumps(rows))
            print(_table(rows), flush=True)
    rows.sort(key=lambda row: (row["minutes"], row["lines"]))
    options.write.parent.mkdir(parents=True, exist_ok=True)
    options.write.write_text(_page(rows))
    print(_verdicts(rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=int, nargs="+", default=[10, 60])
    parser.add_argument("--lines", type=int, nargs="+", default=[50, 500, 2000])
    parser.add_argument("--again", action="store_true", help="measure anew what was measured before")
    parser.add_argument("--scratch", type=Path, default=Path(tempfile.gettempdir(), "rythmo-benchmark"))
    parser.add_argument("--write", type=Path, default=DOCS / "mix.md")
    parser.add_argument("--one", choices=list(METHODS), help=argparse.SUPPRESS)
    return parser.parse_args()


def _measure(method: str, minutes: int, lines: int, scratch: Path) -> Row:
    """In the child: run one method."""
    root = scratch / f"{minutes}min-{lines}"
    plan = make(root, minutes, lines)
    before = _cpu()
    begun = time.perf_counter()
    found: Row = dict(METHODS[method](plan, root))
    found["wall"] = time.perf_counter() - begun
    found["cpu"] = _cpu() - before
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    found["memory"] = max(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1024
    found["load"] = os.getloadavg()[0]
    return found


def _cpu() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _compare(minutes: int, lines: int, scratch: Path) -> list[Row]:
    root = scratch / f"{minutes}min-{lines}"
    plan = make(root, minutes, lines)
    rows = []
    for method in METHODS:
        command = [sys.executable, __file__, "--one", method, "--minutes", str(minutes)]
        command += ["--lines", str(lines), "--scratch", str(scratch)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found = json.loads(done.stdout) if done.returncode == 0 else {"note": done.stderr.strip()[-80:]}
        if method == "whole buffer":
            found["same"] = same(plan, root)
        rows.append({"minutes": minutes, "lines": lines, "method": method, **found})
    for name in ("reference.raw", "pydub.wav", "amix.wav"):
        (root / name).unlink(missing_ok=True)
    return rows


def _table(rows: list[Row]) -> str:
    head = (
        "| Programme, lines | Method | Time | CPU time | Peak memory | Load | Against ours "
        "| in CPU time | |\n"
    )
    ours = {(r["minutes"], r["lines"]): r for r in rows if r["method"] == "rythmo"}
    lines = [_row(row, ours.get((row["minutes"], row["lines"]), {})) for row in rows]
    return head + "\n".join(["|---" * 9 + "|", *lines])


def _number(row: Row, name: str) -> float:
    return float(str(row.get(name, "nan")))


def _seconds(row: Row, kind: str = "wall") -> float:
    """Measured, or extrapolated where there is a total."""
    total = {"wall": "total", "cpu": "total_cpu"}[kind]
    return float(str(row.get(total, row.get(kind, "nan"))))


def _row(row: Row, ours: Row) -> str:
    notes = [str(row["note"])] if "note" in row else []
    if row.get("extrapolated") == "True":
        count = f"{_number(row, 'overlays'):.0f}"
        notes.append(f"extrapolated from {count} overlay{'s' * (count != '1')}")
    if "same" in row:
        notes.append("its samples and ours are the same" if row["same"] else "ITS SAMPLES AND OURS DIFFER")
    cells = [
        f"{row['minutes']} min, {row['lines']}",
        str(row["method"]),
        f"{_seconds(row):.1f} s",
        f"{_seconds(row, 'cpu'):.1f} s",
        f"{_number(row, 'memory'):.0f} MB",
        f"{_number(row, 'load'):.1f}",
        *(f"{_seconds(row, kind) / _seconds(ours, kind):.1f}x" for kind in ("wall", "cpu")),
        "; ".join(notes),
    ]
    return "| " + " | ".join(cells) + " |"


def _verdicts(rows: list[Row]) -> str:
    """The largest programme against what must hold of 60 minutes and 2000 lines."""
    largest = max((row["minutes"], row["lines"]) for row in rows)
    found = {str(row["method"]): row for row in rows if (row["minutes"], row["lines"]) == largest}
    ours, pydub, disk = found["rythmo"], found["pydub overlay"], found["disk"]
    faster, faster_cpu = (_seconds(pydub, kind) / _seconds(ours, kind) for kind in ("wall", "cpu"))
    slower, memory = _seconds(ours) / _seconds(disk), _number(ours, "memory")
    same_samples = bool(found["whole buffer"].get("same"))
    how = "extrapolated" if pydub.get("extrapolated") == "True" else "measured"
    rest = [
        (
            f"at least {_FASTER} times faster than pydub overlay",
            f"{faster:.0f}x ({faster_cpu:.0f}x in CPU time), {how}",
            faster >= _FASTER,
        ),
        (f"within {_DISK}x of writing the same bytes", f"{slower:.1f}x", slower <= _DISK),
        (f"under {_MEMORY} MB", f"{memory:.0f} MB", memory < _MEMORY),
        ("identical to a whole buffer", "to the sample" if same_samples else "no", same_samples),
    ]
    asked = largest >= _ASKED
    lines = "\n".join(
        f"| {what} | {figure} | {('holds' if holds else 'DOES NOT HOLD') if asked else 'not asked'} |"
        for what, figure, holds in rest
    )
    return f"| {largest[0]} min, {largest[1]} lines | | |\n|---|---|---|\n{lines}"


def _page(rows: list[Row]) -> str:
    return f"""# Mixing: measured

Written by `python benchmarks/mix.py` on {os.cpu_count()} cores. Single runs of every method one after
another: use the ratios, and those in CPU time where other work ran on the machine ("Load" is its average
over the minute before the end of each). Stereo, 48 kHz, 24 bit, lines of 1 to 3 s from disk.

"rythmo" writes nine files (six speakers' stems, DX, M&E, print master); "disk" writes as many bytes to as
many files and nothing else; the others write one file, the print master.

What must hold:

{_verdicts(rows)}

{_table(rows)}
"""


if __name__ == "__main__":
    main()
