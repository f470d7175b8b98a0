"""`--language`: which language of a project a command is about, and what is out of date in the others."""

from __future__ import annotations

import argparse
from pathlib import Path

from rythmo import languages
from rythmo.cli.output import Output
from rythmo.counts import format_count
from rythmo.dubbing.further_language import find_other_languages
from rythmo.errors import UsageError
from rythmo.files import make_printable
from rythmo.project.workspace import Project
from rythmo.script.shared_original import find_out_of_date, is_out_of_date


def add(parser: argparse.ArgumentParser) -> None:
    """Add the argument."""
    parser.add_argument(
        "--language",
        metavar="LANG",
        default="",
        help="which language of the project (the only one, or the last one worked on)",
    )


def open_project(arguments: argparse.Namespace, output: Output) -> Project:
    """Return the folder of the language that the arguments `project` and `language` mean.

    Of several languages the one that was worked on last is taken, and the user is told.
    Raises UsageError for a language that the project does not have.
    """
    return choose_language(arguments.project, arguments.language, output)


def choose_language(path: Path, language: str, output: Output) -> Project:
    """Return the folder of a language of the project at `path`; see `open_project`."""
    project = Project(path)
    folders = project.languages
    if language:
        wanted = languages.parse_language(language)
        found = next((folder for folder in folders if folder.language == wanted), None)
        if found is None and folders:
            known = ", ".join(folder.language for folder in folders)
            raise UsageError(
                f"{make_printable(project.home)} is not dubbed into {languages.language_name(wanted)}.",
                hint=f"It has: {known}. `rythmo dub` with --to {wanted} adds it.",
            )
        return Project(found.root) if found else project
    if len(folders) < 2 or project.root != project.home:
        return project
    last = max(folders, key=lambda folder: folder.changed)
    others = ", ".join(folder.language for folder in folders if folder is not last)
    output.warn(f"This is about {last.language}, worked on last. --language chooses another: {others}.")
    return Project(last.root)


def tell_out_of_date(project: Project, output: Output) -> None:
    """Tell the user which other languages of the project have to be made again, and how."""
    for root, script in find_other_languages(project):
        if not is_out_of_date(script):
            continue
        name, count = languages.language_name(script.target_language), len(find_out_of_date(script))
        lines = format_count(count, "line") if count else "the programme"
        output.warn(
            f"Out of date in {name}: {lines}. Bring it up to date with: rythmo deliver "
            f"{make_printable(Project(root).home)} --language {script.target_language}"
        )
