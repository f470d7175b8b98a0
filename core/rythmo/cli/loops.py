"""`rythmo loops PROJECT`: show the recording loops and who is in them, or number them again."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from rythmo import settings_file
from rythmo.cli import language_flag, loop_flags
from rythmo.cli.output import Output
from rythmo.counts import format_count
from rythmo.dubbing.kept_settings import keep_settings
from rythmo.project.kept_loops import find_loops, keep_loops
from rythmo.script.loop_numbers import LoopPlan, plan_loops
from rythmo.script.model import Script
from rythmo.timebase import find_frame, format_timecode


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("project", type=Path, help="the .rythmo folder")
    language_flag.add(parser)
    loop_flags.add_flags(parser)
    parser.add_argument(
        "--again",
        action="store_true",
        help="group and number all lines again from 1, also where numbers were handed out",
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Show the loops; with --again, keep new ones. Settings that are given stay with the project."""
    project = language_flag.open_project(arguments, output)
    script, flags = project.load(), {"loops": loop_flags.read_flags(arguments)}
    chosen = settings_file.resolve_settings(
        file=project.root / "settings.toml", environment=os.environ, flags=flags, undecided="leave out"
    ).loops
    keep_settings(project, flags)
    if arguments.again:
        plan = plan_loops(script.lines, chosen, script.programme.sample_rate)
        keep_loops(project.root, plan)
    else:
        plan = find_loops(project.root, script, chosen)
    output.say("\n".join(_describe_loops(plan, script)))
    loops = [
        {
            "number": loop.number,
            "start": loop.start,
            "end": loop.end,
            "lines": list(loop.lines),
            "speakers": list(loop.speakers),
        }
        for loop in plan.loops
    ]
    output.data("done", project=str(project.root), loops=loops)
    return 0


def _describe_loops(plan: LoopPlan, script: Script) -> Iterator[str]:
    names = {speaker.id: speaker.name for speaker in script.speakers}
    programme = script.programme
    if not plan.loops:
        yield "The script has no lines yet."
    for loop in plan.loops:
        frame = programme.start_frame + find_frame(loop.start, programme.rate, programme.sample_rate)
        start = format_timecode(frame, programme.rate, drop=programme.drop)
        seconds = (loop.end - loop.start) / programme.sample_rate
        people = ", ".join(names.get(speaker, speaker) for speaker in loop.speakers)
        lines = format_count(len(loop.lines), "line")
        yield f"{loop.number:>5}  {start}  {seconds:5.1f} s  {lines:>8}  {people}"
