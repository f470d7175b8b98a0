"""`rythmo uninstall resolve|premiere`: remove Rythmo from an editing program."""

from __future__ import annotations

import argparse
from pathlib import Path

from rythmo.cli.output import Output
from rythmo.errors import OutputError
from rythmo_plugin.installer import parcel, programs


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments to the parser."""
    parser.add_argument("host", choices=programs.NAMES, help="the editing program")
    parser.add_argument("--dry-run", action="store_true", help="list the files without removing them")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Remove what `rythmo install` wrote, and nothing else."""
    removed = _would_remove(arguments.host) if arguments.dry_run else _uninstall(arguments.host)
    said = "Would remove" if arguments.dry_run else "Removed"
    for path in removed.gone:
        output.say(f"{said} {path}")
    for path in removed.kept:
        output.warn(f"{path} was changed after its installation, so it was not removed.")
    if arguments.host == "premiere":
        output.say("Now remove the panel: Creative Cloud > Plugins > Manage plugins > Rythmo > Uninstall.")
    output.data(
        "done",
        host=arguments.host,
        dry_run=arguments.dry_run,
        removed=[str(path) for path in removed.gone],
        kept=[str(path) for path in removed.kept],
    )
    return 0


def _uninstall(host: str) -> parcel.Removal:
    return parcel.remove_parcel(host, programs.home())


def _would_remove(host: str) -> parcel.Removal:
    record = parcel.read_record(host, programs.home())
    if record is None:
        raise OutputError(
            f"Rythmo is not installed in {host.capitalize()}.", hint=f"To install: rythmo install {host}"
        )
    kept = parcel.find_changed_files(record)
    paths = [Path(file.path) for file in record.files]
    return parcel.Removal(
        tuple(path for path in paths if path not in kept),
        tuple(path for path in kept if path.exists()),
    )
