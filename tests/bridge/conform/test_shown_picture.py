"""Which picture lies where an editor moved a line to: the programme's, a shot that came along, or unknown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from dubbed_script import make_project

from rythmo.script.on_screen import OnScreen, PictureUnder, Presence
from rythmo.timebase import frames_to_samples
from rythmo_bridge.conform.questions import RECUT
from rythmo_bridge.conform.review import Edit, compare
from rythmo_bridge.formats.registry import read_timeline, writers
from rythmo_bridge.timeline import Item, Kind, Media, Role, Track

BEFORE = make_project()
FRAME = frames_to_samples(1, BEFORE.delivered.frame_rate)
SHIFT = 100 * FRAME
LINES = sorted((i for t in BEFORE.delivered.tracks for i in t.items if i.line), key=lambda item: item.start)
LINE = LINES[-1]
(PICTURE,) = BEFORE.delivered.tracks_of(Kind.VIDEO)
(FILM,) = PICTURE.items


def move_line(timeline, shift=SHIFT):
    """The last line, moved later: there is room behind it."""
    return replace(
        timeline,
        tracks=tuple(
            replace(
                track,
                items=tuple(
                    replace(item, start=item.start + shift) if item.line == LINE.line else item
                    for item in track.items
                ),
            )
            for track in timeline.tracks
        ),
    )


def lay_over(timeline, *items, media=(), name="V2", enabled=True):
    track = Track(name, Kind.VIDEO, items=items, enabled=enabled)
    return replace(
        timeline, tracks=(*timeline.tracks, track), media={**timeline.media, **{one.id: one for one in media}}
    )


def shot(start, source, length=LINE.length):
    """A piece of the film, laid at `start`."""
    return replace(FILM, start=start, source=source, length=length, link=None)


def review(edited, script=BEFORE.script):
    found = compare(script, BEFORE.delivered, Edit(edited, "cut.otio"))
    return found, next(change for change in found.changes if change.line == LINE.line)


NEW = LINE.start + SHIFT
INSERT = Media("insert", "insert.mov", Path("/nowhere/insert.mov"), LINE.length)
OVER = Item("insert", NEW, LINE.length, "insert")


def test_a_line_that_moved_alone_lies_over_the_picture_that_stayed() -> None:
    seen = OnScreen(Presence.ON, 1.0, "F1")
    script = BEFORE.script.map_lines(lambda line: replace(line, on_screen=seen))
    found, change = review(move_line(BEFORE.delivered), script)
    assert change.under is PictureUnder.STAYED
    line, before = found.plan.script.line(LINE.line), script.line(LINE.line)
    assert line.is_moved
    assert line.said_at == (before.start, before.end)
    assert line.picture_under is PictureUnder.STAYED
    assert line.on_screen is None, "what the old place showed is no longer known"
    other = found.plan.script.lines[0]
    assert (other.picture_under, other.on_screen, other.is_moved) == (None, seen, False)


@pytest.mark.parametrize(("shift", "kept"), [(2 * FRAME, True), (SHIFT, False)])
def test_a_persons_decision_holds_for_a_nudge_and_not_for_another_picture(shift, kept) -> None:
    seen = OnScreen(Presence.OFF)
    script = BEFORE.script.map_lines(lambda line: replace(line, on_screen=seen, edited=("on_screen",)))
    found, _ = review(move_line(BEFORE.delivered, shift), script)
    line = found.plan.script.line(LINE.line)
    assert ("on_screen" in line.edited, line.on_screen == seen) == (kept, kept)


def test_a_shot_that_moved_without_its_line_is_refused_as_before() -> None:
    tracks = tuple(
        replace(track, items=(shot(0, 0, LINE.start), shot(NEW, LINE.start)))
        if track.kind is Kind.VIDEO
        else track
        for track in BEFORE.delivered.tracks
    )
    found, change = review(replace(BEFORE.delivered, tracks=tracks))
    assert change.under is None
    assert "the picture under it moved" in change.conflict
    assert [question.code for question in found.questions] == [RECUT]
    assert found.plan.script.line(LINE.line) == BEFORE.script.line(LINE.line)


def test_a_shot_that_moved_with_its_line_belongs_to_it() -> None:
    # The shot goes to the line's new place, and what lay there goes to the shot's old one.
    rest = NEW + LINE.length
    items = (
        shot(0, 0, LINE.start),
        shot(LINE.start, NEW),
        shot(LINE.start + LINE.length, LINE.start + LINE.length, SHIFT - LINE.length),
        shot(NEW, LINE.start),
        shot(rest, rest, FILM.length - rest),
    )
    edited = move_line(BEFORE.delivered)
    edited = replace(
        edited,
        tracks=tuple(replace(t, items=items) if t.kind is Kind.VIDEO else t for t in edited.tracks),
    )
    found, change = review(edited)
    assert change.under is PictureUnder.FOLLOWED
    assert change.with_picture
    assert [question.code for question in found.questions] == [RECUT], (
        "the project's picture would not follow"
    )


def test_a_copy_of_the_shot_above_the_new_place_is_the_picture_that_is_seen() -> None:
    edited = lay_over(move_line(BEFORE.delivered), shot(NEW, LINE.start))
    found, change = review(edited)
    assert change.under is PictureUnder.FOLLOWED
    assert found.questions == ()
    assert found.plan.script.line(LINE.line).picture_under is PictureUnder.FOLLOWED


@pytest.mark.parametrize(
    ("over", "wanted"),
    [
        ({"items": (OVER,)}, None),
        ({"items": (replace(OVER, length=LINE.length // 2),)}, None),
        ({"items": (replace(OVER, media=None),)}, None),
        ({"items": (replace(OVER, enabled=False),)}, PictureUnder.STAYED),
        ({"items": (OVER,), "enabled": False}, PictureUnder.STAYED),
        ({"items": (OVER,), "name": "Lips"}, PictureUnder.STAYED),
        ({"items": (replace(OVER, media=None, kind="title"),)}, PictureUnder.STAYED),
        ({"items": (replace(OVER, start=NEW + LINE.length + FRAME),)}, PictureUnder.STAYED),
    ],
)
def test_what_lies_above_the_picture(over, wanted) -> None:
    items = over.pop("items")
    edited = lay_over(move_line(BEFORE.delivered), *items, media=(INSERT,), **over)
    assert review(edited)[1].under is wanted


def test_a_razor_cut_through_the_picture_changes_nothing_and_a_gap_does() -> None:
    middle = NEW + LINE.length // 2

    def cut(gap):
        after = middle + gap
        items = (shot(0, 0, middle), shot(after, after, FILM.length - after))
        edited = move_line(BEFORE.delivered)
        return replace(
            edited,
            tracks=tuple(replace(t, items=items) if t.kind is Kind.VIDEO else t for t in edited.tracks),
        )

    assert review(cut(0))[1].under is PictureUnder.STAYED
    assert review(cut(10 * FRAME))[1].under is None


def test_without_a_picture_the_programmes_own_sound_tells() -> None:
    edited = move_line(BEFORE.delivered)
    sound = replace(edited, tracks=edited.tracks_of(Kind.AUDIO))
    assert review(sound)[1].under is PictureUnder.STAYED
    lines = replace(edited, tracks=tuple(t for t in edited.tracks if t.role is Role.DIALOGUE))
    assert review(lines)[1].under is None
    other = lay_over(lines, replace(OVER, start=0, length=edited.length), media=(INSERT,), name="V1")
    assert review(other)[1].under is None


def test_a_leader_before_picture_and_lines_moves_no_line() -> None:
    later = replace(
        BEFORE.delivered,
        tracks=tuple(
            replace(t, items=tuple(replace(i, start=i.start + SHIFT) for i in t.items))
            for t in BEFORE.delivered.tracks
        ),
    )
    found, change = review(later)
    assert change.same
    assert found.plan.script.lines == BEFORE.script.lines
    moved, change = review(move_line(later))
    assert change.under is PictureUnder.STAYED
    assert moved.plan.script.line(LINE.line).start == BEFORE.script.line(LINE.line).start + SHIFT


@pytest.mark.parametrize("name", ["otio", "fcp7", "fcpxml", "aaf"])
def test_each_format_that_holds_the_picture_tells(name, tmp_path) -> None:
    ((form, write),) = writers([name])
    path = tmp_path / f"cut{form.suffix}"
    write(move_line(BEFORE.delivered), path)
    assert review(read_timeline(path))[1].under is PictureUnder.STAYED
