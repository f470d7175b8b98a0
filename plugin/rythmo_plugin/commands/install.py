"""`rythmo install resolve|premiere`: put Rythmo into an editing program."""

from __future__ import annotations

import argparse

from rythmo.cli.output import Output
from rythmo_plugin.installer import parcel, programs


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to the parser."""
    parser.add_argument("host", choices=programs.NAMES, help="the editing program")
    parser.add_argument("--dry-run", action="store_true", help="list the files without writing them")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write the files, and say what to do next."""
    made = programs.make_parcel(arguments.host)
    if not arguments.dry_run:
        parcel.install_parcel(made, programs.home())
    for warning in made.warnings:
        output.warn(warning)
    said = "Would write" if arguments.dry_run else "Wrote"
    for path, _ in made.files:
        output.say(f"{said} {path}")
    if arguments.dry_run:
        output.say(f"\nNothing was written. To install: rythmo install {made.host}")
    else:
        output.say("\nNext:\n" + "\n".join(f"  {n}. {step}" for n, step in enumerate(made.next_steps, 1)))
    output.data(
        "done",
        host=made.host,
        dry_run=arguments.dry_run,
        files=[str(path) for path, _ in made.files],
        next=list(made.next_steps),
        warnings=list(made.warnings),
    )
    return 0
