"""What a mixer does in Pro Tools, as its session text tells it: each line is classified correctly."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cutting import RATES, make_delivery
from session_text import text_of_timeline

from rythmo_bridge.alternates import alternate_name, is_alternate
from rythmo_bridge.conform.changes import Fate
from rythmo_bridge.conform.classify import classify
from rythmo_bridge.formats.registry import read_timeline
from rythmo_bridge.timeline import Item, Timeline

HANDLE = 4_800
# In samples: Pro Tools moves and trims between frames.
SHIFT, CUT = 30_011, 9_007


def _with_handles(delivery: Timeline) -> Timeline:
    """Each take's file holds sound before and after what plays."""
    media = {
        key: replace(each, start=each.start - HANDLE, length=each.length + 2 * HANDLE)
        if key != "source"
        else each
        for key, each in delivery.media.items()
    }
    tracks = tuple(
        replace(t, items=tuple(replace(i, source=HANDLE) if i.line else i for i in t.items))
        for t in delivery.tracks
    )
    return replace(delivery, media=media, tracks=tracks)


EDITS = {
    Fate.SAME: lambda item: item,
    Fate.MOVED: lambda item: replace(item, start=item.start + SHIFT),
    Fate.TRIMMED_HEAD: lambda i: replace(
        i, start=i.start + CUT, source=i.source + CUT, length=i.length - CUT, name=f"{i.name}-01"
    ),
    Fate.TRIMMED_TAIL: lambda item: replace(item, length=item.length - CUT, name=f"{item.name}-02"),
    Fate.MUTED: lambda item: replace(item, enabled=False),
    Fate.DELETED: lambda item: None,
}


def _edit(delivery: Timeline) -> tuple[Timeline, dict[str, Fate]]:
    """Give the lines one edit each, in turn."""
    wanted: dict[str, Fate] = {}
    tracks = []
    for track in delivery.tracks:
        items: list[Item] = []
        for item in track.items:
            fate = list(EDITS)[len(wanted) % len(EDITS)] if item.line else Fate.SAME
            edited = EDITS[fate](item)
            if item.line:
                wanted[item.line] = fate
            items += [edited] if edited else []
        tracks.append(replace(track, items=tuple(items)))
    return replace(delivery, tracks=tuple(tracks)), wanted


def _fates(delivered: Timeline, edited: Timeline) -> dict[str, set[Fate]]:
    return {each.line: set(each.fates) for each in classify(delivered, edited) if each.line}


@pytest.mark.parametrize("handles", [False, True], ids=["no handles", "handles"])
@pytest.mark.parametrize(("rate", "drop"), RATES)
def test_each_edit_is_told(rate, drop, handles, tmp_path):
    delivered = make_delivery(tmp_path, rate, drop=drop, seed=7)
    delivered = _with_handles(delivered) if handles else delivered
    edited, wanted = _edit(delivered)
    path = tmp_path / "session.txt"
    path.write_text(text_of_timeline(edited).write())
    found = _fates(delivered, read_timeline(path))
    assert found == {line: {fate} for line, fate in wanted.items()}


@pytest.mark.parametrize("handles", [False, True], ids=["no handles", "handles"])
def test_without_timestamps_only_a_trimmed_and_moved_clip_is_mistaken(handles, tmp_path):
    delivered = make_delivery(tmp_path, RATES[1][0], drop=False, seed=3)
    delivered = _with_handles(delivered) if handles else delivered
    edited, wanted = _edit(delivered)
    path = tmp_path / "session.txt"
    path.write_text(text_of_timeline(edited, stamped=False).write())
    assert _fates(delivered, read_timeline(path)) == {line: {fate} for line, fate in wanted.items()}
    both = EDITS[Fate.MOVED](EDITS[Fate.TRIMMED_HEAD](delivered.tracks[1].items[0]))
    edited = replace(delivered, tracks=(replace(delivered.tracks[1], items=(both,)),))
    path.write_text(text_of_timeline(edited, stamped=False).write())
    assert Fate.TRIMMED_TAIL in _fates(delivered, read_timeline(path))[both.line]


def test_takes_that_were_not_chosen_are_no_copies(tmp_path):
    delivered = make_delivery(tmp_path, RATES[1][0], drop=False, seed=5)
    spoken = delivered.tracks[1]
    name = alternate_name(spoken.name, 1)
    others = replace(spoken, name=name, enabled=False)
    edited = replace(delivered, tracks=(*delivered.tracks, others))
    path = tmp_path / "session.txt"
    path.write_text(text_of_timeline(edited).write())
    assert {fate for fates in _fates(delivered, read_timeline(path)).values() for fate in fates} == {
        Fate.SAME
    }
    assert is_alternate(name)
    assert is_alternate(f"{name} (2)")
    assert not is_alternate("DX Walter 1")
