"""Separate the settings a project may decide itself from those that need the user's permission.

A project may come from somebody else. Its settings may shape the dub: lines, fit, mix, subtitles, formats.
A setting that names a program, an address, a model's folder, a file elsewhere, or an engine that sends data
away is restricted: it takes effect only once the user has allowed it. The lists below say what is free;
everything else is restricted.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rythmo.engines import registry
from rythmo.engines.base import Kind
from rythmo.errors import UnknownEngineError

FREE = frozenset(
    {
        "scenes",
        "script",
        "speakers",
        "lines",
        "translate",
        "fit",
        "mix",
        "deliver",
        "subtitles",
        "faces",
        "lips",
        "turnover",
        "loops",
    }
)
"""Stages whose settings are all numbers, switches and fixed words."""

JUDGED = frozenset({"engines", "tracks", "timeline", "cast", "provenance", "prices", "execution", "options"})
"""Stages whose entries are judged one at a time. A test checks that every stage is in one of the two sets."""

_FREE_OPTIONS = frozenset(
    {
        "batch", "beam", "concurrency", "formants", "max_new_tokens", "output_rate", "piece_seconds",
        "rounds", "similarity", "stability", "style", "temperature", "threads", "workers",
    }
)  # fmt: skip
"""Options of engines that are free when their value is a number."""

_PROVENANCE = {
    "certificate": "names the certificate that deliveries are signed with",
    "key": "names the private key that deliveries are signed with",
    "timestamp": "sends a hash of each signature to a timestamp authority",
}

_EXECUTION_NUMBERS = frozenset({"workers", "cpus", "gpus", "memory_gb"})
_OWN_TRACK = re.compile(r"(#[1-9]\d?)?\Z")
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class RestrictedSetting:
    """One entry of a project's settings that needs permission: its path, its value, and what it would do."""

    path: tuple[str, ...]
    value: Any
    why: str

    @property
    def name(self) -> str:
        """The dotted name, such as `engines.voice`."""
        return ".".join(self.path)

    @property
    def summary(self) -> str:
        """The entry as one short line."""
        return f"{self.name} = {self.printable_value}"

    @property
    def printable_value(self) -> str:
        """Its value, short and printable."""
        text = json.dumps(self.value, ensure_ascii=True, default=str)
        return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def split_restricted(changes: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[RestrictedSetting, ...]]:
    """Split a project's settings into those in force at once and the restricted ones."""
    free: dict[str, Any] = {}
    restricted: list[RestrictedSetting] = []
    for stage, values in changes.items():
        if not isinstance(values, Mapping):
            free[stage] = values  # refused later, with an error about its type
            continue
        for name, value in values.items():
            if stage == "options" and not isinstance(value, Mapping):
                free.setdefault(stage, {})[name] = value  # refused later
            elif stage == "options":
                numbers, others = _split_options(name, value)
                free.setdefault(stage, {}).setdefault(name, {}).update(numbers)
                restricted += others
            elif why := _explain_setting(stage, name, value):
                restricted.append(RestrictedSetting((stage, name), value, why))
            else:
                free.setdefault(stage, {})[name] = value
    return free, tuple(restricted)


def hash_restricted(restricted: Iterable[RestrictedSetting]) -> str:
    """Hash the restricted settings; "" when there are none."""
    entries = sorted((entry.name, entry.value) for entry in restricted)
    if not entries:
        return ""
    return hashlib.sha256(json.dumps(entries, sort_keys=True, default=str).encode()).hexdigest()


def _split_options(engine: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[RestrictedSetting]]:
    numbers, restricted = {}, []
    for name, value in options.items():
        if name in _FREE_OPTIONS and isinstance(value, int | float):
            numbers[name] = value
        else:
            why = "is passed to the engine: an address, a program, a model's folder or the like"
            restricted.append(RestrictedSetting(("options", engine, name), value, why))
    return numbers, restricted


def _explain_setting(stage: str, name: str, value: Any) -> str:
    """Return why a setting needs permission; "" when it is free."""
    if stage not in JUDGED or value in ("", None, [], ()):
        return ""
    if stage == "engines":
        return _explain_engine(name, value)
    if (stage, name) == ("tracks", "audio"):
        return ""
    if stage == "tracks":
        return "" if isinstance(value, str) and _OWN_TRACK.match(value) else "reads a sound file elsewhere"
    if (stage, name) == ("timeline", "media_dirs"):
        return "looks for media in folders elsewhere"
    if stage == "timeline":
        return ""
    if (stage, name) == ("cast", "territories") or (stage, name, value) == ("cast", "keep_clones", False):
        return ""
    if stage == "provenance":
        return _PROVENANCE.get(name, "")
    if stage == "execution":
        return _explain_execution(name, value)
    return "reads or keeps something outside the project"


def _explain_execution(name: str, value: Any) -> str:
    if name in _EXECUTION_NUMBERS and isinstance(value, int | float):
        return ""
    if name == "executor" and value in {"local", "processes"}:
        return ""
    return "runs the work on other machines, or copies sound and words there"


def _explain_engine(name: str, value: Any) -> str:
    if value == registry.AUTO:
        return ""
    try:
        info = registry.find(Kind(name), str(value)).info
    except (UnknownEngineError, ValueError):
        return ""  # refused later, with a list of the known names
    return "" if info.local else f"sends data off this machine: {info.sends}"
