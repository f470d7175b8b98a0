"""What hosts and editors do to a delivered timeline as a whole: no part of a dub is ever lost to it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from dubbed_script import SECOND, make_project

from rythmo.errors import TimelineError
from rythmo.timebase import frames_to_samples
from rythmo_bridge.conform.changes import Fate
from rythmo_bridge.conform.conformed_script import plan_conform
from rythmo_bridge.conform.describe import change_table
from rythmo_bridge.conform.places import recount_at_rate
from rythmo_bridge.conform.questions import DELETIONS, MISSING, RECUT
from rythmo_bridge.conform.review import Edit, compare, decide_script
from rythmo_bridge.conform.rows import plan_rows
from rythmo_bridge.timeline import AUDIO_ROLE, Item, Kind, Role, Timeline, Track

FRAME = frames_to_samples(1, make_project().delivered.frame_rate)


@pytest.fixture
def project():
    return make_project()


def _review(project, edited: Timeline, **options):
    return compare(project.script, project.delivered, Edit(edited, "cut.otio"), **options)


def _told(found) -> dict[str, tuple[Fate, ...]]:
    return {change.line: change.fates for change in found.changes if not change.same or change.conflict}


def _each(delivery: Timeline, change) -> Timeline:
    tracks = tuple(
        replace(track, items=tuple(change(track, i) for i in track.items)) for track in delivery.tracks
    )
    return replace(delivery, tracks=tracks)


def _later(delivery: Timeline, shift: int) -> Timeline:
    return _each(delivery, lambda track, item: replace(item, start=item.start + shift))


def _dialogue(delivery: Timeline) -> tuple[Track, ...]:
    return tuple(track for track in delivery.tracks if track.role is Role.DIALOGUE)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: replace(d, tracks=(), media={}),
        lambda d: replace(d, tracks=tuple(replace(t, items=()) for t in d.tracks)),
        lambda d: _each(d, lambda t, i: replace(i, name="music", line=None, media=None, metadata={})),
    ],
    ids=["empty", "without clips", "another timeline"],
)
def test_a_timeline_without_our_lines_is_refused(project, change):
    with pytest.raises(TimelineError, match=r"not an edit of this dub.*Rythmo looked for") as error:
        _review(project, change(project.delivered))
    assert "--accept-missing" in error.value.hint
    found = _review(project, change(project.delivered), accept_missing=True)
    assert len(found.plan.deleted) == len(project.script.lines)
    with pytest.raises(TimelineError, match="would be deleted"):
        decide_script(found, project.script)


def test_another_project_with_the_same_line_ids_is_refused(project):
    other = make_project(seed=7, words="otra")
    with pytest.raises(TimelineError, match="another project"):
        _review(project, other.delivered)
    silent = _each(other.delivered, lambda t, i: replace(i, metadata={}))
    with pytest.raises(TimelineError, match="another project"):
        _review(project, silent)


def test_an_export_of_some_tracks_judges_those_alone(project):
    first, *others = _dialogue(project.delivered)
    kept = tuple(t for t in project.delivered.tracks if t not in others)
    moved = replace(
        first, items=(replace(first.items[0], start=first.items[0].start - 2 * FRAME), *first.items[1:])
    )
    edited = replace(project.delivered, tracks=tuple(moved if t is first else t for t in kept))
    found = _review(project, edited)
    assert [question.code for question in found.questions] == [MISSING]
    with pytest.raises(TimelineError, match="not judged"):
        decide_script(found, project.script)
    found = _review(project, edited, partial=True)
    assert _told(found) == {first.items[0].line: (Fate.MOVED,)}
    assert decide_script(found, project.script) is not None
    assert len(_review(project, edited, accept_missing=True).plan.deleted) == sum(
        len(t.items) for t in others
    )


def test_many_deletions_are_asked_about(project):
    gone = {item.line for track in _dialogue(project.delivered) for item in track.items[2:]}
    tracks = tuple(
        replace(track, items=tuple(i for i in track.items if i.line not in gone))
        for track in project.delivered.tracks
    )
    found = _review(project, replace(project.delivered, tracks=tracks))
    assert [question.code for question in found.questions] == [DELETIONS]
    with pytest.raises(TimelineError, match="would be deleted"):
        decide_script(found, project.script)
    script = decide_script(found, project.script, accept=[DELETIONS])
    assert {line.id for line in script.removed} == gone


@pytest.mark.parametrize("kind", ["on its sound track", "under the picture", "twice", "at another offset"])
def test_lines_inside_nests_are_found(project, kind):
    delivered = project.delivered
    lines = _dialogue(delivered)
    rest = tuple(track for track in delivered.tracks if track not in lines)
    early = 3 * SECOND if kind == "at another offset" else 0
    inner = replace(
        _later(replace(delivered, tracks=lines), early), name="DX nest", length=delivered.length + early
    )
    nest = Item("DX nest", 0, delivered.length, source=early, kind="nested", nested=inner)
    if kind == "twice":
        outer = replace(inner, tracks=(Track("A1", Kind.AUDIO, items=(nest,)),))
        nest = replace(nest, nested=outer)
    where = Kind.VIDEO if kind == "under the picture" else Kind.AUDIO
    found = _review(project, replace(delivered, tracks=(*rest, Track("nested", where, items=(nest,)))))
    assert not _told(found)


def test_a_muted_or_quieter_nest_mutes_what_is_in_it(project):
    first = _dialogue(project.delivered)[0]
    inner = replace(project.delivered, tracks=(first,))
    nest = Item("nest", 0, inner.length, kind="nested", nested=inner, gain_db=-3.0, enabled=False)
    rest = tuple(track for track in project.delivered.tracks if track is not first)
    found = _review(
        project, replace(project.delivered, tracks=(*rest, Track("n", Kind.AUDIO, items=(nest,))))
    )
    assert _told(found) == {item.line: (Fate.MUTED, Fate.LEVEL) for item in first.items}


def test_a_lane_says_nothing_and_a_role_says_who_speaks(project):
    lines = sorted((i for t in _dialogue(project.delivered) for i in t.items), key=lambda i: i.start)
    names = {i.line: t.name for t in _dialogue(project.delivered) for i in t.items}
    rest = tuple(t for t in project.delivered.tracks if t.role is not Role.DIALOGUE)
    one = replace(project.delivered, tracks=(*rest, Track("A1", Kind.AUDIO, items=tuple(lines))))
    assert not _told(_review(project, one))
    first, other = lines[0], next(i for i in lines if names[i.line] != names[lines[0].line])

    def roles(track, item):
        name = names[other.line] if item.line == first.line else names.get(item.line)
        return replace(item, metadata={AUDIO_ROLE: f"dialogue.{name}"}) if name else item

    found = _review(project, _each(one, roles))
    assert _told(found) == {first.line: (Fate.OTHER_TRACK,)}


@pytest.mark.parametrize("picture", [True, False])
@pytest.mark.parametrize("start", [0, 240])
def test_a_leader_moves_no_line(project, picture, start):
    edited = _later(project.delivered, frames_to_samples(240, project.delivered.frame_rate))
    edited = replace(edited, start_frame=edited.start_frame - start)
    if not picture:
        edited = replace(edited, tracks=edited.tracks_of(Kind.AUDIO))
    found = _review(project, edited)
    assert not _told(found)
    assert "leader" in found.notes[0]
    # With the start moved as far, every timecode is as it was; else the programme begins later.
    begins = project.script.programme.start_frame + (0 if start else 240)
    assert found.plan.script.programme.start_frame == begins
    assert found.plan.script.lines == project.script.lines


def test_another_start_timecode_moves_the_programme_and_a_lost_one_does_not(project):
    ten = replace(project.delivered, start_frame=36_000 * 24)
    found = _review(project, ten)
    assert not _told(found)
    script = decide_script(found, project.script)
    assert script.programme.start_frame == 36_000 * 24
    assert script.programme.media_start_frame == project.script.programme.start_frame
    found = _review(project, replace(project.delivered, start_frame=0))
    assert decide_script(found, project.script) is None
    assert "lost its start timecode" in found.notes[0]


def test_lines_beyond_the_end_are_conflicts_and_keep_their_length(project):
    far = project.delivered.length + 10 * SECOND
    first = next(i for t in _dialogue(project.delivered) for i in t.items)
    edited = _each(
        project.delivered, lambda t, i: replace(i, start=i.start + far) if i.line == first.line else i
    )
    found = _review(project, edited)
    assert _told(found) == {first.line: (Fate.MOVED,)}
    assert "after the programme's end" in found.plan.conflicts[0].conflict
    assert found.plan.script == project.script


@pytest.mark.parametrize("rate", [24, 30])
def test_a_lost_ntsc_flag_is_one_word(rate):
    exact = Fraction(rate * 1000, 1001)
    project = make_project(rate=exact)
    lost = recount_at_rate(project.delivered, Fraction(rate))
    found = _review(project, lost)
    assert not _told(found)
    assert len(found.notes) == 1
    assert "exact rate was lost" in found.notes[0]


def test_a_lost_file_timecode_and_another_folder_move_nothing(project):
    media = {
        key: replace(each, start=0, path=Path("/Volumes/Job/Audio Files") / each.name)
        for key, each in project.delivered.media.items()
    }
    assert not _told(_review(project, replace(project.delivered, media=media)))


def test_a_picture_that_was_cut_again_is_refused_with_the_way_to_do_it(project):
    cut, gap = 10 * SECOND, frames_to_samples(12, project.delivered.frame_rate)

    def ripple(track, item):
        return replace(item, start=item.start - gap) if item.line and item.start > cut else item

    def shots(track: Track) -> Track:
        if track.role is Role.DIALOGUE:
            return track
        (item,) = track.items
        late = replace(item, start=cut, source=item.source + cut + gap, length=item.length - cut - gap)
        return replace(track, items=(replace(item, length=cut), late))

    edited = _each(project.delivered, ripple)
    edited = replace(edited, tracks=tuple(shots(track) for track in edited.tracks))
    found = _review(project, edited)
    assert [question.code for question in found.questions] == [RECUT]
    with pytest.raises(TimelineError, match="re-edited") as error:
        decide_script(found, project.script, keep_conflicts=True, accept=[RECUT])
    assert "rythmo dub" in error.value.hint


def test_conflicts_are_told_of_lines_that_are_the_same(project):
    line = next(i for t in _dialogue(project.delivered) for i in t.items).line
    other = next(i.line for t in _dialogue(project.delivered) for i in t.items if i.line != line)

    def renamed(track, item):
        return replace(item, name=f"{other}_t01") if item.line == line else item

    found = _review(project, _each(project.delivered, renamed))
    (row,) = [row for row in plan_rows(found) if row.is_told]
    assert (row.line, row.conflict) == (line, True)
    assert "in its metadata" in change_table(found.changes, project.delivered)


def test_a_clip_that_lost_its_names_is_known_by_its_sound(project):
    line = next(i for t in _dialogue(project.delivered) for i in t.items)
    media = dict(project.delivered.media)
    media[line.media] = replace(media[line.media], name="Audio 7.wav", path=Path("/x/Audio 7.wav"))
    edited = _each(
        replace(project.delivered, media=media),
        lambda t, i: replace(i, name="Audio 7", line=None, metadata={}) if i.line == line.line else i,
    )
    assert not _told(_review(project, edited))


def test_the_same_edit_twice_changes_nothing(project):
    edited = _each(
        project.delivered,
        lambda t, i: replace(i, gain_db=-4.0, enabled=i.start < 20 * SECOND) if i.line else i,
    )
    script = decide_script(_review(project, edited), project.script)
    again = make_project(script=script)
    assert plan_conform(script, _review(again, edited).changes).changed == ()


@pytest.mark.parametrize("gain", [-144.0, float("-inf")])
def test_a_level_of_minus_infinity_is_mute(project, gain):
    line = next(i for t in _dialogue(project.delivered) for i in t.items).line

    def silent(track, item):
        return replace(item, gain_db=gain) if item.line == line else item

    assert _told(_review(project, _each(project.delivered, silent))) == {line: (Fate.MUTED,)}


def test_a_track_that_is_off_mutes_its_lines(project):
    first = _dialogue(project.delivered)[0]
    tracks = tuple(replace(t, enabled=t.enabled and t is not first) for t in project.delivered.tracks)
    found = _review(project, replace(project.delivered, tracks=tracks))
    assert _told(found) == {item.line: (Fate.MUTED,) for item in first.items}
