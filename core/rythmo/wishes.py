"""Tell apart what a project's own settings may say, and what only the user may decide.

A project may come from somebody else. Its settings shape the dub: lines, fit, mix, subtitles, formats. They
do not name a program, an address, a model's folder, a file elsewhere, or an engine that sends anything: such
an entry is a wish, and counts once the user has allowed it. The list is of what is free; all else is a wish.
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
    {"scenes", "script", "speakers", "lines", "translate", "fit", "mix", "deliver", "subtitles", "turnover"}
)
"""Stages whose settings are numbers, switches and words of ours, without exception."""

JUDGED = frozenset({"engines", "tracks", "timeline", "cast", "prices", "options"})
"""Stages of which each entry is judged. A test sees to it that every stage is in one of the two."""

_FREE_OPTIONS = frozenset(
    {
        "batch", "beam", "concurrency", "formants", "max_new_tokens", "output_rate", "piece_seconds",
        "rounds", "similarity", "stability", "style", "temperature", "threads", "workers",
    }
)  # fmt: skip
"""Options of engines that are free as long as they are numbers."""

_OWN_TRACK = re.compile(r"(#[1-9]\d?)?\Z")
_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """One entry of a project's settings that only the user may decide: where it stands, its value, what it
    would do."""

    path: tuple[str, ...]
    value: Any
    why: str

    @property
    def name(self) -> str:
        """Where it stands, as one word."""
        return ".".join(self.path)

    @property
    def shown(self) -> str:
        """The entry as one short line."""
        return f"{self.name} = {self.shown_value}"

    @property
    def shown_value(self) -> str:
        """Its value, short and printable."""
        text = json.dumps(self.value, ensure_ascii=True, default=str)
        return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def split(changes: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Wish, ...]]:
    """Split a project's settings into what counts by itself, and wishes."""
    free: dict[str, Any] = {}
    wishes: list[Wish] = []
    for stage, values in changes.items():
        if not isinstance(values, Mapping):
            free[stage] = values  # refused later, as what it is
            continue
        for name, value in values.items():
            if stage == "options" and not isinstance(value, Mapping):
                free.setdefault(stage, {})[name] = value  # refused later
            elif stage == "options":
                numbers, others = _split_options(name, value)
                free.setdefault(stage, {}).setdefault(name, {}).update(numbers)
                wishes += others
            elif why := _why(stage, name, value):
                wishes.append(Wish((stage, name), value, why))
            else:
                free.setdefault(stage, {})[name] = value
    return free, tuple(wishes)


def fingerprint(wishes: Iterable[Wish]) -> str:
    """Hash what is wished for; "" for nothing."""
    entries = sorted((wish.name, wish.value) for wish in wishes)
    if not entries:
        return ""
    return hashlib.sha256(json.dumps(entries, sort_keys=True, default=str).encode()).hexdigest()


def _split_options(engine: str, options: Mapping[str, Any]) -> tuple[dict[str, Any], list[Wish]]:
    numbers, wishes = {}, []
    for name, value in options.items():
        if name in _FREE_OPTIONS and isinstance(value, int | float):
            numbers[name] = value
        else:
            why = "is handed to the engine: an address, a program, a model's folder or the like"
            wishes.append(Wish(("options", engine, name), value, why))
    return numbers, wishes


def _why(stage: str, name: str, value: Any) -> str:
    """Why only the user may decide this; "" for what is free."""
    if stage not in JUDGED or value in ("", None, [], ()):
        return ""
    if stage == "engines":
        return _why_engine(name, value)
    if (stage, name) == ("tracks", "audio"):
        return ""
    if stage == "tracks":
        return "" if isinstance(value, str) and _OWN_TRACK.match(value) else "reads a sound file elsewhere"
    if (stage, name) == ("timeline", "media_dirs"):
        return "looks for media in folders elsewhere"
    if stage == "timeline":
        return ""
    if (stage, name, value) == ("cast", "keep_clones", False):
        return ""
    return "reads or keeps something outside the project"


def _why_engine(name: str, value: Any) -> str:
    if value == registry.AUTO:
        return ""
    try:
        info = registry.find(Kind(name), str(value)).info
    except (UnknownEngineError, ValueError):
        return ""  # refused later, with the names that there are
    return "" if info.local else f"sends what it works on: {info.sends}"
