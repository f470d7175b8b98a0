"""Seeded edits in every host, through its own rewriting: each line's change is right, what nobody touched
stays, and the same edit changes nothing a second time.

`RYTHMO_CONFORM_EDITS=60 pytest tests/bridge/conform/test_editing_hosts.py` runs sixty edits a host.
"""

from __future__ import annotations

import os
import random
from dataclasses import replace
from pathlib import Path

import pytest
from dubbed_script import NTSC, make_script, on_disk
from editing_hosts import HOSTS, Cut, Host, edited

from rythmo.project import rollback
from rythmo.project.workspace import Project
from rythmo.script.model import Script
from rythmo_bridge.conform.changes import Fate
from rythmo_bridge.conform.questions import DELETIONS
from rythmo_bridge.conform.review import compare, decide_script
from rythmo_bridge.frame_grid import on_frames

SEEDS = int(os.environ.get("RYTHMO_CONFORM_EDITS", "3"))
FOLLOWED = {Fate.SAME, Fate.SPLIT}


@pytest.mark.parametrize("host", HOSTS, ids=lambda host: host.name)
def test_an_edit_comes_back_as_it_was_made(host: Host, tmp_path):
    for seed in range(SEEDS):
        _round_trip(host, seed, tmp_path / str(seed))


def _round_trip(host: Host, seed: int, folder: Path) -> None:
    root = folder / "toy.rythmo"
    script = make_script(seed=seed, rate=NTSC)
    delivered = on_disk(script, root)
    imported = delivered if host.is_exact else on_frames(delivered, root / "deliver" / "es" / "media")
    cut = edited(imported, host, seed)
    edit = host.export(cut.timeline, folder, delivered)

    found = compare(script, delivered, edit)
    told = {change.line: set(change.fates) for change in found.changes}
    assert told == cut.wanted, seed
    assert not found.plan.conflicts, seed

    project = Project(root)
    project.save(script)
    before, state = _bytes(root), rollback.keep_state(project)
    after = decide_script(found, script, accept=[DELETIONS])
    if after is None:
        assert {fate for fates in cut.wanted.values() for fate in fates} <= FOLLOWED
        after = script
    _require_followed(script, after, cut)
    again = on_disk(after, root)
    project.save(after)
    rollback.finish_state(project, state)
    second = compare(after, again, edit, accept_missing=True)
    assert not second.plan.applies, (seed, [c for c in second.changes if not c.same])

    rollback.restore_state(project)
    assert _bytes(root) == before, seed


def _require_followed(script: Script, after: Script, cut: Cut) -> None:
    """Lines that nobody touched are the same; those that were taken out are gone."""
    old, new = ({line.id: line for line in each.lines} for each in (script, after))
    for line, fates in cut.wanted.items():
        if Fate.DELETED in fates:
            assert line not in new
        elif fates <= FOLLOWED:
            assert (new[line].placement, new[line].clip) == (old[line].placement, old[line].clip), line
        elif Fate.OTHER_TRACK not in fates:
            assert new[line].heard_range != old[line].heard_range or new[line].clip != old[line].clip, line


def _bytes(root: Path) -> dict[str, bytes]:
    kept = (p for p in root.rglob("*") if p.is_file() and rollback.FOLDER not in p.relative_to(root).parts)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in kept}


def test_hosts_that_lose_every_level_take_none_away(tmp_path):
    """A host without gain and fades cannot have reset them."""
    host = next(each for each in HOSTS if each.name == "kdenlive")
    script = make_script(seed=5)
    rng = random.Random(5)
    louder = tuple(
        replace(line, clip=replace(line.clip, gain_db=rng.choice([-6.0, 3.0]))) for line in script.lines
    )
    script = replace(script, lines=louder)
    delivered = on_disk(script, tmp_path / "toy.rythmo")
    edit = host.export(delivered, tmp_path, delivered)
    found = compare(script, delivered, edit)
    assert not found.plan.applies
    assert any("levels and fades" in note for note in found.notes)
