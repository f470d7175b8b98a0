"""Read the settings from files, environment and flags, and write them to a project's settings.toml.

Later sources override earlier ones: the defaults, the user's `settings.toml` in RYTHMO_HOME, the project's,
RYTHMO_<STAGE>_<FIELD> from the environment, then flags. A wrong name or type in any of them is a UsageError.
Some settings in a project's file take effect only with the user's permission; see settings_policy.py.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Literal, get_type_hints

import msgspec
import tomli_w

from rythmo import trust
from rythmo.engines.base import without_password
from rythmo.errors import UsageError
from rythmo.files import make_printable, write_atomically
from rythmo.settings import Changes, Settings
from rythmo.settings_policy import RestrictedSetting, hash_restricted, split_restricted
from rythmo.user_folder import find_user_settings

PREFIX = "RYTHMO_"
_TYPES: dict[type[Any], Mapping[str, Any]] = {}

UndecidedPolicy = Literal["refuse", "leave out", "keep"]
"""What to do with restricted settings the user has not decided on: raise an error, ignore them, or keep them
(only for writing the file again)."""


def resolve_settings(
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    flags: Changes | None = None,
    undecided: UndecidedPolicy = "refuse",
) -> Settings:
    """Return the settings in force. `file` is the project's settings.toml.

    Raises UsageError for an unknown name or a wrong value, and UntrustedError for a restricted setting that
    the user has not allowed. One that a flag or the environment overrides needs no permission.
    """
    own = find_user_settings(environment) if environment is not None else None
    above = (("the environment", _read_environment(environment or {})), ("the command line", flags or {}))
    project = _read_project(file, [changes for _, changes in above], undecided)
    settings = Settings()
    for where, changes in ((str(own), _read_toml(own)), (str(file), project), *above):
        settings = _apply_changes(settings, changes, where)
    return settings


def find_restricted_in_file(file: Path | None) -> tuple[RestrictedSetting, ...]:
    """Return the restricted settings in a project's file. Raises UsageError when the file is damaged."""
    return split_restricted(_read_toml(file))[1]


def find_restricted(settings: Settings) -> tuple[RestrictedSetting, ...]:
    """Return the restricted settings that these will contain when written to a project."""
    return split_restricted(_drop_machine(settings))[1]


def _drop_machine(settings: Settings) -> dict[str, Any]:
    """Return what a project keeps: on another machine it runs, and is signed, in another way."""
    values: dict[str, Any] = msgspec.to_builtins(settings)
    del values["execution"]
    for name in ("certificate", "key"):
        del values["provenance"][name]
    return values


def _read_project(file: Path | None, above: Sequence[Changes], undecided: UndecidedPolicy) -> Changes:
    """Return the settings of a project's file that take effect."""
    whole = _read_toml(file)
    free, restricted = split_restricted(whole)
    if file is None or not restricted or undecided == "keep":
        return whole
    known, mark = trust.read_permissions(file.parent), hash_restricted(restricted)
    if known.settings == mark:
        return whole
    open_ = [entry for entry in restricted if not any(_overrides(changes, entry.path) for changes in above)]
    if open_ and undecided == "refuse" and known.left_out != mark:
        trust.refuse_settings(file.parent, open_)
    return free


def _overrides(changes: Changes, path: Sequence[str]) -> bool:
    """Tell whether these changes override the setting at `path`."""
    value: Any = changes
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return value is not None


def save_settings(settings: Settings, path: Path) -> None:
    """Write `settings.toml`, without the settings of this machine and the key to sign with."""
    write_atomically(path, tomli_w.dumps(_drop_machine(settings)).encode())


def _read_toml(path: Path | None) -> Changes:
    if path is None or not path.is_file():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise UsageError(
            f"{make_printable(path)} is not valid TOML: {make_printable(str(error)[:200])}.",
            hint="Correct it, or delete it to use the defaults.",
        ) from error
    except OSError as error:
        raise UsageError(
            f"{make_printable(path)} cannot be read: {error.strerror or error}.",
            hint="Check its permissions.",
        ) from error


def _read_environment(environment: Mapping[str, str]) -> Changes:
    changes: dict[str, dict[str, Any]] = {}
    stages = {stage.name for stage in fields(Settings)}
    for name, value in environment.items():
        stage, _, setting = name.removeprefix(PREFIX).lower().partition("_")
        if name.startswith(PREFIX) and stage in stages and setting:
            changes.setdefault(stage, {})[setting] = value
    return changes


def _apply_changes(settings: Settings, changes: Changes, where: str) -> Settings:
    for stage, values in changes.items():
        if not isinstance(values, Mapping):
            raise UsageError(
                f"{where} sets {stage}, which is a table of settings.",
                hint=f"Write [{stage}] and the settings below it.",
            )
        if stage == "options":
            settings = replace(settings, options=_merge_options(settings.options, values, where))
            continue
        part: Any = getattr(settings, stage, None)
        known = [f.name for f in fields(part)] if part is not None else []
        for name, value in values.items():
            if name not in known:
                hint = f"[{stage}] has: {', '.join(known)}." if known else "See the settings in the README."
                raise UsageError(f"{where} sets {stage}.{name}, which does not exist.", hint=hint)
            if value is not None:
                part = replace(part, **{name: _convert_value(type(part), name, value, where)})
        settings = replace(settings, **{stage: part}) if known else settings
    return settings


def _merge_options(
    options: Mapping[str, Mapping[str, Any]], changes: Mapping[str, Any], where: str
) -> Mapping[str, Mapping[str, Any]]:
    """Merge changes into the options of the engines; each engine has a table of its own."""
    merged = {name: dict(values) for name, values in options.items()}
    for engine, values in changes.items():
        if not isinstance(values, Mapping):
            raise UsageError(
                f"{where} sets options.{engine}, which is a table of settings.",
                hint=f"Write [options.{engine}] and the options below it.",
            )
        for name, value in values.items():
            if isinstance(value, str) and without_password(value) != value:
                raise UsageError(
                    f"{where} has a password in {engine}.{name}, but settings are saved in files.",
                    hint="Write the address without it. Keys come from the environment or the keyring.",
                )
        merged.setdefault(engine, {}).update(values)
    return merged


def _find_types(owner: type[Any]) -> Mapping[str, Any]:
    """Return the types of a class's fields; working them out takes as long as all the rest."""
    if owner not in _TYPES:
        _TYPES[owner] = get_type_hints(owner)
    return _TYPES[owner]


def _convert_value(owner: type[Any], name: str, value: Any, where: str) -> Any:
    wanted = _find_types(owner)[name]
    try:
        return msgspec.convert(value, wanted, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(
            f"{where} sets {name} to {value!r}.", hint=f"It takes a {wanted.__name__}."
        ) from error
