"""Describe what stems are made from, and find where two such descriptions differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

from rythmo.mix import limiter
from rythmo.mix.mix_plan import MixItem, MixPlan
from rythmo.mix.mixer import Master, stem_channels
from rythmo.mix.placed_sound import read_placed_key
from rythmo.project_paths import path_in
from rythmo.script.phrases import Span
from rythmo.script.takes import UNEDITED

# Raise it when the same plan begins to sound different.
_VERSION = 1
# How far outside a dialogue region the bed's fades may reach, in samples, with room to spare.
_ME_REACH = 9600


def make_record(
    plan: MixPlan, project: Path, me_key: str, keys: Mapping[Path, str], master: Master
) -> dict[str, Any]:
    """Describe what the stems are made from: a `head` that must stay, items and regions that may change."""
    head = (_VERSION, plan.title, plan.rate, plan.length, plan.channels, plan.time_reference, me_key)
    names = tuple(stem_channels(plan))
    items = {
        item.line: [
            stem.name,
            item.start,
            item.end,
            _sound_key(item, keys.get(path) or read_placed_key(path)),
        ]
        for stem in plan.stems
        for item in stem.items
        if (path := path_in(project, item.file)) in keys or path.is_file()
    }
    return {
        "head": sha256(repr((head, names, sorted(asdict(master).items()))).encode()).hexdigest(),
        "names": list(names),
        "items": items,
        "regions": [list(region) for region in plan.regions],
        "limited": [],
        "master": asdict(master),
    }


def _sound_key(item: MixItem, key: str) -> str:
    """Return the key of an item's samples: its file, and an editor's changes to the clip."""
    return key if item.clip == UNEDITED else f"{key} {item.clip}"


def find_changed_spans(old: dict[str, Any], new: dict[str, Any], plan: MixPlan) -> list[Span]:
    """Return where two records differ, with the reach of the limiter and of the bed's fades; merged."""
    spans = []
    for line in old["items"].keys() | new["items"].keys():
        before, after = old["items"].get(line), new["items"].get(line)
        if before != after:
            spans += [(item[1], item[2]) for item in (before, after) if item]
    gone = {tuple(r) for r in old["regions"]} ^ {tuple(r) for r in new["regions"]}
    spans += [(a - _ME_REACH, b + _ME_REACH) for a, b in gone]
    return _merge_spans((max(0, a - limiter.REACH), min(plan.length, b + limiter.REACH)) for a, b in spans)


def _merge_spans(spans: Iterable[Span]) -> list[Span]:
    out: list[Span] = []
    for a, b in sorted(spans):
        if out and a <= out[-1][1]:
            out[-1] = (out[-1][0], max(b, out[-1][1]))
        elif a < b:
            out.append((a, b))
    return out
