"""`rythmo models`: what models there are, and getting, checking and removing them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rythmo.cli.output import Output
from rythmo.errors import UsageError
from rythmo.models.catalog import RECOMMENDED, Catalog, Model, catalog
from rythmo.models.folders import find_installed, models_folder
from rythmo.models.install import install_models
from rythmo.models.recommend import choose_models, look_at_machine
from rythmo.models.sets import format_size, look_at_sets
from rythmo.models.verify import remove_model, verify_models

_ACTIONS = ("list", "get", "verify", "remove")
_NAME_WIDTH = 22


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("action", choices=_ACTIONS, nargs="?", default="list", help="list is the default")
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="models or sets: embedded, recommended, whisper-small ..."
    )
    parser.add_argument("--yes", action="store_true", help="accept conditions of use without being asked")
    parser.add_argument(
        "--from",
        dest="folders",
        action="append",
        type=Path,
        default=[],
        metavar="DIR",
        help="look first in this folder for packages or models that were brought from another machine",
    )


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do what was asked. Raises UsageError, UnknownModelError and what installing raises."""
    table = catalog()
    if arguments.action == "list":
        return _list_models(table, arguments.names, output)
    if arguments.action != "verify" and not arguments.names:
        raise UsageError(
            f"rythmo models {arguments.action}: which?",
            hint=f"For example: rythmo models {arguments.action} embedded. `rythmo models` lists them.",
        )
    models = _find_models(table, arguments.names)
    if arguments.action == "get":
        return _get_models(table, models, arguments, output)
    if arguments.action == "verify":
        return _verify_models(models, output)
    return _remove_models(models, output)


def _find_models(table: Catalog, names: Sequence[str]) -> tuple[Model, ...]:
    if not names:
        return tuple(model for model in table.models if (models_folder() / model.folder_name).is_dir())
    suited = choose_models(look_at_machine(), table) if RECOMMENDED in names else ()
    return table.expand(names, suited)


def _list_models(table: Catalog, names: Sequence[str], output: Output) -> int:
    models = _find_models(table, names) if names else table.models
    sets = look_at_sets(table)
    if names:
        for model in models:
            output.say("\n".join(_describe_model(table, model)) + "\n")
    else:
        for state in sets:
            output.say(f"Set {state.name}: {state.describe()}\n    {state.summary}")
        output.say("")
        for model in models:
            mark = "*" if find_installed(model) else " "
            output.say(
                f"{mark} {model.name:{_NAME_WIDTH}} {format_size(table.download_bytes(model)):>8}  "
                f"{model.kind:11} {model.licence}"
            )
        output.say(f"\n* is installed, in {models_folder()}\nGet one: rythmo models get NAME")
    output.data(
        "done",
        folder=str(models_folder()),
        sets=[
            {
                "name": state.name,
                "summary": state.summary,
                "models": [model.name for model in state.models],
                "lacking": [model.name for model in state.lacking],
                "download_bytes": state.download_bytes,
                "command": state.command,
            }
            for state in sets
        ],
        models=[as_data(model, table) for model in models],
    )
    return 0


def _describe_model(table: Catalog, model: Model) -> list[str]:
    folder = find_installed(model)
    rows = [
        ("state", f"installed in {folder}" if folder else "not installed"),
        ("for", f"{model.kind}, engine {model.engine}"),
        ("languages", model.languages),
        ("licence", model.licence),
        ("conditions", model.accept),
        ("download", format_size(table.download_bytes(model))),
        ("memory", f"about {model.memory_mb} MB"),
        ("code", f"pip install 'rythmo[{model.extra}]'" if model.extra else ""),
        ("get it", "" if folder else f"rythmo models get {model.name}"),
    ]
    return [f"{model.name}: {model.summary}", *(f"  {label:12}{text}" for label, text in rows if text)]


def as_data(model: Model, table: Catalog) -> dict[str, Any]:
    """Return the facts about a model for --json."""
    folder = find_installed(model)
    return {
        "name": model.name,
        "kind": model.kind,
        "engine": model.engine,
        "summary": model.summary,
        "languages": model.languages,
        "licence": model.licence,
        "accept": model.accept,
        "token": model.token,
        "extra": model.extra,
        "download_bytes": table.download_bytes(model),
        "installed_bytes": table.installed_bytes(model),
        "memory_mb": model.memory_mb,
        "installed": folder is not None,
        "folder": str(folder) if folder else "",
    }


def _get_models(
    table: Catalog, models: Sequence[Model], arguments: argparse.Namespace, output: Output
) -> int:
    _accept_conditions(models, yes=arguments.yes)
    for folder in arguments.folders:
        if not folder.is_dir():
            raise UsageError(
                f"{folder} is not a folder.", hint="--from names a folder with packages or models."
            )
    lacking = [model for model in models if find_installed(model) is None]
    if lacking:
        size = format_size(sum(map(table.download_bytes, lacking)))
        output.say(f"Getting {', '.join(model.name for model in lacking)}: {size} into {models_folder()}")
    installed = install_models(models, folders=arguments.folders, report=output.progress, table=table)
    for entry in installed:
        output.say(
            f"  {'got  ' if entry.fetched else 'there'}  {entry.model.name:{_NAME_WIDTH}} {entry.folder}"
        )
    output.data(
        "done",
        models=[
            {"name": entry.model.name, "folder": str(entry.folder), "fetched": entry.fetched}
            for entry in installed
        ],
    )
    return 0


def _accept_conditions(models: Sequence[Model], *, yes: bool) -> None:
    """Ask for what has to be accepted. Raises UsageError when the answer is no, or nobody is there."""
    for model in models:
        if not model.accept or yes or find_installed(model) is not None:
            continue
        hint = f"Read {model.accept} and say: rythmo models get {model.name} --yes"
        if not sys.stdin.isatty():
            raise UsageError(f"{model.name} comes under conditions ({model.licence}).", hint=hint)
        sys.stderr.write(f"{model.name} comes under conditions ({model.licence}): {model.accept}\n")
        sys.stderr.write("Do you accept them? [y/N] ")
        sys.stderr.flush()
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise UsageError(f"The conditions of {model.name} were not accepted.", hint=hint)


def _verify_models(models: Sequence[Model], output: Output) -> int:
    results = verify_models(models, report=output.progress)
    for result in results:
        state = "ok" if result.installed and not result.bad else "BAD" if result.installed else "--"
        told = f"damaged files: {', '.join(result.bad)}" if result.bad else ""
        told = told if result.installed else "not installed"
        output.say(f"  {state:4} {result.model.name:{_NAME_WIDTH}} {told}".rstrip())
    damaged = [result.model.name for result in results if result.bad]
    if damaged:
        output.say(f"Download again with: rythmo models get {' '.join(damaged)}")
    output.data(
        "done",
        models=[
            {"name": result.model.name, "installed": result.installed, "bad": list(result.bad)}
            for result in results
        ],
    )
    return 1 if damaged else 0


def _remove_models(models: Sequence[Model], output: Output) -> int:
    removed = [model.name for model in models if remove_model(model)]
    output.say(f"Removed {', '.join(removed)}." if removed else "None of them is installed.")
    output.data("done", removed=removed)
    return 0
