"""`rythmo doctor`: check whether this machine is ready to dub, and say what is missing."""

from __future__ import annotations

import argparse
import platform
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import cast

from rythmo import files
from rythmo.cli.output import Output
from rythmo.engines import registry
from rythmo.engines.base import Kind
from rythmo.engines.remote.voice_ledger import Ledger, clean_voices
from rythmo.errors import RythmoError
from rythmo.media import ffmpeg
from rythmo.models.sets import look_at_sets
from rythmo.version import __version__

_NEEDED = (Kind.SEPARATOR, Kind.DIARIZER, Kind.EMBEDDER, Kind.TRANSCRIBER, Kind.TRANSLATOR, Kind.VOICE)
_LEAST_FREE_BYTES = 2 * 1024**3
_DRAFT = " (a draft)"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was found, and what to do when it is not `ok`."""

    name: str
    ok: bool
    found: str
    todo: str = ""


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--out", type=Path, default=Path(), metavar="DIR", help="the folder that projects will go to"
    )
    parser.add_argument(
        "--clean-voices",
        action="store_true",
        help="delete every clone that Rythmo made at a service (a job under way makes its own anew)",
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show every check; exit code 1 when one that dubbing needs fails."""
    if arguments.clean_voices:
        return _clean_voices(output)
    checks = check_machine(arguments.out)
    for check in checks:
        output.say(f"  {'ok' if check.ok else 'NO':2}  {check.name:12} {check.found}")
        if check.todo:
            output.say(f"      {'':12} -> {check.todo}")
    good = all(check.ok for check in checks)
    output.say("Ready to dub." if good else "Not ready: see the lines marked NO.")
    if any(check.found.endswith(_DRAFT) for check in checks):
        output.say("Drafts are for timing and layout: `rythmo engines` shows better ones.")
    data = [{"name": c.name, "ok": c.ok, "found": c.found, "todo": c.todo} for c in checks]
    output.data("done", ready=good, checks=data)
    return 0 if good else 1


def check_machine(out: Path) -> list[Check]:
    """Run all checks; `out` is the folder for projects."""
    return [
        _check_python(),
        _check_ffmpeg(),
        *map(_check_engine, _NEEDED),
        *_check_services(),
        *_check_models(),
        _check_folder(out),
        *_check_clones(),
        *_run_other_checks(),
    ]


def _check_clones() -> list[Check]:
    """Clones that are still at a service: not a fault, but somebody's voice."""
    live = Ledger().live()
    if not live:
        return []
    places = ", ".join(sorted({voice.engine for voice in live}))
    todo = "rythmo doctor --clean-voices deletes them (a job that is under way makes its own again)."
    return [Check("clones", ok=True, found=f"{len(live)} may still be at {places}", todo=todo)]


def _clean_voices(output: Output) -> int:
    """Delete what the ledger holds; exit code 1 when something is left."""
    done = clean_voices()
    for voice in done.deleted:
        output.say(f"  deleted  {voice.engine}: {voice.name}")
    for voice in done.left:
        output.say(f"  LEFT     {voice.engine}: {voice.name} (the log above says why)")
    if not (done.deleted or done.left):
        output.say("No clone is at any service.")
    names = {"deleted": done.deleted, "left": done.left}
    output.data("done", **{what: [voice.name for voice in found] for what, found in names.items()})
    return 1 if done.left else 0


def _check_python() -> Check:
    good = (3, 11) <= sys.version_info[:2] < (3, 14)
    machine = f"{platform.system()} {platform.machine()}"
    found = f"Rythmo {__version__}, Python {platform.python_version()} on {machine}"
    return Check("program", good, found, "" if good else "Use Python 3.11, 3.12 or 3.13.")


def _check_ffmpeg() -> Check:
    try:
        return Check("ffmpeg", ok=True, found=str(ffmpeg.find_executable()))
    except RythmoError as error:
        return Check("ffmpeg", ok=False, found=error.message, todo=error.hint)


def _check_engine(kind: Kind) -> Check:
    try:
        info = registry.choose(kind).info
    except RythmoError as error:
        return Check(str(kind), ok=False, found=error.message, todo=error.hint)
    return Check(str(kind), ok=True, found=f"{info.stamp}{_DRAFT if info.draft else ''}")


def _check_services() -> list[Check]:
    """Engines that send data away and could do so now: a key in the environment should surprise nobody."""
    every = [spec for kind in _NEEDED for spec in registry.installed()[kind]]
    ready = dict.fromkeys(spec.info.name for spec in every if not spec.info.local and not spec.missing())
    if not ready:
        return []
    return [Check("services", ok=True, found=f"{', '.join(ready)}: used only where they are named")]


def _check_models() -> list[Check]:
    """Describe the sets of models. None is required; each makes dubs better."""
    return [
        Check(state.name, ok=True, found=state.describe(), todo=f"`{state.command}`" if state.lacking else "")
        for state in look_at_sets()
    ]


def _check_folder(folder: Path) -> Check:
    try:
        files.require_writable(folder)
    except RythmoError as error:
        return Check("folder", ok=False, found=error.message, todo=error.hint)
    free = shutil.disk_usage(folder).free
    todo = "" if free > _LEAST_FREE_BYTES else "A film takes a few gigabytes: free some space."
    return Check("folder", not todo, f"{folder.resolve()} can be written, {free / 1e9:.0f} GB free", todo)


def _run_other_checks() -> list[Check]:
    """Checks of the upper packages: entry points of `rythmo.doctor` refer to functions without arguments."""
    checks: list[Check] = []
    for entry in entry_points(group="rythmo.doctor"):
        checks += cast(Callable[[], list[Check]], entry.load())()
    return checks
