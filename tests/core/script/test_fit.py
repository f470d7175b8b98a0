"""The fit planner: the order of its steps by example, its rules for any lines and takes."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from fit_scenes import fit_scenes
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.errors import UsageError
from rythmo.script.fit import RetakeKind, measure_strain, plan_fit
from rythmo.script.fit_reasons import FIT_CODES, FitStep
from rythmo.script.model import Line, Severity, Word
from rythmo.script.phrases import TakePhrases, make_single_phrase
from rythmo.script.slots import FitSettings, assign_lanes, find_slots, find_some_slots

S = 48_000
SETTINGS = FitSettings()


def line(
    start: float, end: float, speaker: str = "S1", ident: str = "", words: tuple[Word, ...] = ()
) -> Line:
    a, b = round(start * S), round(end * S)
    return Line(ident or f"{speaker}_{a}", speaker, a, b, "text", words=words)


def one(spoken: float, *others: Line, rewrites: int = 0, control: bool = False):
    """The plan of a line at [1 s, 2 s) whose take has `spoken` seconds of speech."""
    first = line(1, 2, ident="it")
    slot = find_slots([first, *others], 60 * S)["it"]
    return plan_fit(
        first, make_single_phrase(round(spoken * S)), slot, rewrites_left=rewrites, duration_control=control
    )


NEXT = line(2.25, 3, "S2")
"""Leaves the line a slot of 1.2 s: 1.25 less the guard."""


@pytest.mark.parametrize(
    ("spoken", "step", "speed", "codes"),
    [
        (1.0, FitStep.AS_SPOKEN, 1.0, []),
        (0.96, FitStep.AS_SPOKEN, 1.0, []),
        (0.9, FitStep.SLOWED, 0.9, []),
        (0.82, FitStep.SLOWED, 0.85, []),
        (0.5, FitStep.AS_SPOKEN, 1.0, ["short"]),
        (1.2, FitStep.SILENCE_AFTER, 1.0, []),
        (1.4, FitStep.STRETCHED, 1.4 / 1.2, []),
        (1.7, FitStep.STRETCHED, 1.7 / 1.2, ["fast"]),
        (2.4, FitStep.FLAGGED, 1.5, ["overrun"]),
    ],
)
def test_each_step_in_its_order(spoken, step, speed, codes):
    decision = one(spoken, NEXT)
    assert decision.step is step
    assert decision.placement.speed == pytest.approx(speed, abs=1e-4)
    assert [flag.code for flag in decision.flags] == codes
    assert decision.placement.reason


def test_a_slot_grows_to_the_next_onset_less_the_guard_or_to_the_end():
    lines = [line(1, 2), line(3, 4, "S2"), line(3.5, 5, "S3")]
    found = find_slots(lines, 10 * S)
    assert found["S1_48000"].end == 3 * S - SETTINGS.guard
    assert found["S2_144000"].end == 10 * S, "S3 began before S2 ended: they go on overlapping"
    assert found["S3_168000"].end == 10 * S


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.integers(1, 4), st.sampled_from(["S1", "S2"]), st.booleans()),
        max_size=8,
    )
)
def test_the_slots_of_some_lines_are_those_of_all(drawn):
    lines = [
        replace(line(start, start + length, who, f"L{number}"), until=(start + 1) * S if cut else None)
        for number, (start, length, who, cut) in enumerate(drawn)
    ]
    found = find_slots(lines, 10 * S)
    for one_line in lines:
        assert find_some_slots(lines, {one_line.id}, 10 * S) == {one_line.id: found[one_line.id]}


def test_a_close_reply_leaves_the_line_its_own_length():
    found = find_slots([line(1, 2, ident="a"), line(2.01, 3, "S2")], 10 * S)
    assert found["a"].end == 2 * S


def test_the_own_next_line_bounds_the_slot_even_when_they_overlapped():
    found = find_slots([line(1, 3, ident="a"), line(2, 4, ident="b")], 10 * S)
    assert found["a"].end == found["a"].own_next == 2 * S


def test_wordings_come_before_duration_control_and_both_before_stretch():
    assert one(1.7, NEXT, rewrites=1, control=True).retake.ask is RetakeKind.SHORTER
    assert one(1.7, NEXT, control=True).retake.ask is RetakeKind.DURATION
    assert one(1.7, NEXT).retake is None
    assert one(1.7, NEXT, rewrites=2).retake.length == round(1.2 * S)
    assert one(0.5, NEXT, rewrites=1).retake.ask is RetakeKind.LONGER
    assert one(1.22, NEXT, rewrites=2).retake is None, "two percent are stretched, not reworded"


def test_a_take_that_reaches_its_speakers_next_line_is_an_error_on_a_second_lane():
    first, second = line(1, 2, ident="a"), line(2.2, 3, ident="b")
    slot = find_slots([first, second], 60 * S)
    long, short = (
        plan_fit(first, make_single_phrase(4 * S), slot["a"]),
        plan_fit(second, make_single_phrase(S // 2), slot["b"]),
    )
    flag = next(flag for flag in long.flags if flag.code == "self-overlap")
    assert flag.severity is Severity.ERROR
    assert "1467 ms" in flag.message
    placed = [first.__class__(**{**_fields(first), "placement": long.placement})]
    placed.append(second.__class__(**{**_fields(second), "placement": short.placement}))
    assert assign_lanes(placed) == {"a": 0, "b": 1}


def _fields(value: Line) -> dict[str, object]:
    return {name: getattr(value, name) for name in value.__slots__}


def _word(a: float, b: float) -> Word:
    return Word("w", round(a * S), round(b * S))


def test_phrases_start_where_the_originals_do():
    original = line(1, 4, ident="it", words=(_word(1, 2), _word(2.8, 4)))
    take = TakePhrases(((100, S), (S + 4800, 2 * S + 4800)))
    decision = plan_fit(original, take, find_slots([original], 60 * S)["it"])
    assert [piece.start for piece in decision.placement.pieces] == [S, round(2.8 * S)]
    assert decision.placement.pieces[0].source_start == 100


def test_pauses_are_shortened_before_words_are_hurried():
    take = TakePhrases(((0, S // 2), (S, S + S // 2)))
    first = line(1, 2, ident="it")
    decision = plan_fit(first, take, find_slots([first, NEXT], 60 * S)["it"])
    assert decision.step is FitStep.PAUSES
    assert {piece.speed for piece in decision.placement.pieces} == {1.0}
    assert decision.placement.end == find_slots([first, NEXT], 60 * S)["it"].end


def test_limits_out_of_order_are_refused():
    with pytest.raises(UsageError, match="not in order"):
        FitSettings(preferred_speed=1.6)


def test_what_is_asked_of_an_engine_can_be_listened_to():
    assert one(1.7, NEXT, control=True).retake.length == pytest.approx(1.2 * S, abs=2)
    assert one(3.0, NEXT, control=True).retake.length == pytest.approx(3.0 / 1.5 * 1.03 * S, abs=2)
    assert one(0.5, NEXT, control=True).retake is None, "no pace that can be listened to would fill its time"


def test_an_engine_s_hurry_counts_towards_the_limits():
    first = line(1, 2, ident="it")
    slot = find_slots([first, NEXT], 60 * S)["it"]
    hurried = plan_fit(first, make_single_phrase(round(1.5 * S)), slot, pace=1.25)
    assert hurried.placement.speed == pytest.approx(1.2)
    assert hurried.step is FitStep.FLAGGED
    fits = plan_fit(first, make_single_phrase(round(1.2 * S)), slot, pace=1.4)
    assert (fits.placement.speed, [flag.code for flag in fits.flags]) == (1.0, ["fast"])
    assert "1.40x its own pace" in fits.placement.reason


def test_of_two_takes_the_one_nearer_to_speech_in_its_own_time_is_better():
    first = line(1, 2, ident="it")
    takes = [one(spoken, NEXT) for spoken in (1.0, 0.97, 1.25, 0.5, 1.7, 2.4)]
    assert sorted(takes, key=lambda take: measure_strain(take, first)) == takes


@settings(max_examples=300, deadline=None)
@given(fit_scenes(), st.sampled_from([1.0, 1.0, 0.7, 0.9, 1.3, 1.5, 2.0]))
def test_the_rules_hold_for_any_lines_and_takes(scene, pace):
    lines, takes, length = scene
    found = find_slots(lines, length)
    placed = []
    for item in lines:
        take, slot = takes[item.id], found[item.id]
        decision = plan_fit(item, take, slot, pace=pace)
        placement, pieces = decision.placement, decision.placement.pieces
        assert placement.start == pieces[0].start == item.start, "starts hold"
        assert placement.end == pieces[-1].end
        assert pieces[0].source_start == take.start
        assert pieces[-1].source_end == take.end
        kept = [(piece.source_start, piece.source_end) for piece in pieces]
        assert all(any(a <= x and y <= b for a, b in kept) for x, y in take.phrases), "no word is cut"
        assert all(x.end <= y.start and x.source_end <= y.source_start for x, y in pairwise(pieces))
        for piece in pieces:
            tiny = piece.end - piece.start == 1
            assert tiny or SETTINGS.slowest <= piece.speed <= SETTINGS.hard_speed, "limits hold"
            hurry = max(1, piece.speed) * pace
            assert tiny or pace >= SETTINGS.hard_speed or hurry <= SETTINGS.hard_speed + 1e-9, "together too"
        codes = {flag.code for flag in decision.flags}
        assert codes <= set(FIT_CODES)
        assert ("overrun" in codes) == (placement.end > slot.end), "what is reported is what is"
        assert ("self-overlap" in codes) == (placement.end > slot.own_next)
        assert ("past-end" in codes) == (placement.end > slot.programme_end)
        assert (decision.step is FitStep.FLAGGED) == bool(codes & {"overrun", "self-overlap", "past-end"})
        placed.append(item.__class__(**{**_fields(item), "placement": placement}))
    assigned = assign_lanes(placed)
    for a in placed:
        for b in placed:
            if a.id < b.id and a.speaker == b.speaker and assigned[a.id] == assigned[b.id]:
                apart = a.placement.end <= b.placement.start or b.placement.end <= a.placement.start
                assert apart, "nobody overlaps themselves on a track"


@settings(max_examples=100, deadline=None)
@given(fit_scenes(), st.integers(0, 3), st.booleans())
def test_a_wish_is_never_asked_for_without_means(scene, rewrites, control):
    lines, takes, length = scene
    for item in lines:
        slot = find_slots(lines, length)[item.id]
        wants = plan_fit(item, takes[item.id], slot, rewrites_left=rewrites, duration_control=control).retake
        if wants is None:
            continue
        assert control if wants.ask is RetakeKind.DURATION else rewrites > 0
        assert (wants.ratio > 1) == (
            wants.length > 0 and wants.ask is RetakeKind.LONGER
        ) or wants.ask is RetakeKind.DURATION
