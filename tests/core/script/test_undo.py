"""Random edits, undone and done again: ids stay stable and unique, and undo leads back to what was."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rythmo.errors import ScriptError
from rythmo.script import edits, store
from rythmo.script.checks import find_fault
from rythmo.script.line_structure import delete_lines, join_lines, list_restorable, restore_line, split_line
from rythmo.script.locks import set_locked
from rythmo.script.model import Flag, Line, Programme, Script, Speaker, Word
from rythmo.script.takes import Placement, Take, VoiceRef
from rythmo.script.text_cuts import find_cuts
from rythmo.script.undo import UndoState, extend_state, find_difference, restore_state

VOICE = VoiceRef("toy", "v", {})
WORDS = ["Where", "were", "you", "last", "night", "I", "waited", "for", "hours", "and", "hours"]


def make_script(count=6):
    lines = []
    for number in range(1, count + 1):
        speaker, start = f"S{number % 3 + 1}", number * 20_000
        words = WORDS[: 2 + number % 5]
        timed = tuple(Word(word, start + n * 1500, start + n * 1500 + 1200) for n, word in enumerate(words))
        line_id = f"{speaker}_{number:04}"
        take = Take("t01", f"takes/{line_id}_t01.wav", 900, "hola", "toy 1", VOICE, f"k{number}")
        end = start + len(words) * 1500
        lines.append(
            Line(
                line_id,
                speaker,
                start,
                end,
                " ".join(words),
                timed,
                "hola. amigo",
                takes=(take,),
                chosen="t01",
            )
        )
    people = tuple(Speaker(f"S{n}", f"Person {n}", VOICE) for n in (1, 2, 3))
    return Script(Programme("x", "x.wav", 480_000, 48_000, 2), "en", "es", people, tuple(lines))


def pick(items, number):
    return items[number % len(items)]


def split(script, a, b):
    line = pick(script.lines, a)
    return split_line(script, line.id, pick(find_cuts(line), b))[0]


def join(script, a, b):
    first = a % (len(script.lines) - 1)
    return join_lines(
        script, [line.id for line in script.lines[first : first + 2]], across_speakers=bool(b % 2)
    )


def move(script, a, b):
    line = pick(script.lines, a)
    return edits.edit_line(script, line.id, start=line.start + b % 2000 - 1000, end=line.end + b % 777)


def say(script, a, b):
    return edits.edit_line(script, pick(script.lines, a).id, translation=f"palabra {b}")


def give(script, a, b):
    return edits.edit_line(script, pick(script.lines, a).id, speaker=pick(script.speakers, b).id)


ACTIONS = {
    "split": split,
    "join": join,
    "delete": lambda script, a, b: delete_lines(script, [pick(script.lines, a).id]),
    "restore": lambda script, a, b: restore_line(script, pick(list_restorable(script), a).id),
    "add": lambda script, a, b: edits.add_line(script, b, b + 900 + a, "Who is there", translation="Quién")[
        0
    ],
    "move": move,
    "say": say,
    "give": give,
    "lock": lambda script, a, b: set_locked(script, [pick(script.lines, a).id], locked=bool(b % 3)),
}
steps = st.lists(
    st.tuples(
        st.sampled_from([*ACTIONS, "undo", "undo", "redo", "voice"]),
        st.integers(0, 1000),
        st.integers(0, 400_000),
    ),
    max_size=30,
)


def voice(script, number):
    """What engines make of a script: a take for each line without one, and a flag here and there."""

    def spoken(line):
        if line.locked or line.chosen:
            return line.add_flags(Flag("fast", "")) if len(line.id) % (number % 3 + 2) == 0 else line
        take = Take(
            f"t{len(line.takes) + 1:02}",
            f"takes/{line.id}_t{len(line.takes) + 1:02}.wav",
            900,
            line.translation or "dicho",
            "toy 1",
            VOICE,
        )
        placed = Placement(line.start, line.end, line.end)
        return replace(
            line, takes=(*line.takes, take), chosen=take.id, placement=placed, translation=take.text
        )

    return script.map_lines(spoken)


def bare(script):
    """What undo restores: everything but the takes made since, the flags found since and the count of ids."""
    lines = script.map_lines(lambda line: replace(line, takes=(), flags=()))
    removed = tuple(replace(line, takes=(), flags=()) for line in script.removed)
    return replace(lines, removed=removed, last_number=0)


class Desk:
    """A script with its history, as `project.history` keeps it; states go through JSON as they do there."""

    def __init__(self):
        self.script = make_script()
        self.done: list[tuple[UndoState, Script]] = []
        self.undone: list[tuple[UndoState, Script]] = []
        self.given: dict[str, Script] = {}

    def do(self, name, a, b):
        if name in ("undo", "redo"):
            self.step(*((self.done, self.undone) if name == "undo" else (self.undone, self.done)))
        elif name == "voice":
            before, self.script = self.script, voice(self.script, a)
            if self.done:
                state, was = self.done[-1]
                self.done[-1] = (stored(extend_state(state, before, self.script)), was)
        else:
            self.edit(ACTIONS[name], a, b)

    def edit(self, action, a, b):
        before = self.script
        try:
            after = action(before, a, b)
        except (ScriptError, ZeroDivisionError):
            assert self.script == before
            return
        if after == before:
            return
        new = {line.id for line in after.lines} - {line.id for line in before.lines}
        new -= {line.id for line in before.removed}
        assert not new & self.given.keys(), "an id was given twice"
        self.given |= dict.fromkeys(new, after)
        for line in before.lines:
            assert not line.locked or line in after.lines or bare_lock(line) in map(bare_lock, after.lines)
        self.done.append((stored(find_difference(before, after)), before))
        self.undone.clear()
        self.script = after

    def step(self, source, target):
        if not source:
            return
        state, wanted = source.pop()
        now, self.script = self.script, restore_state(self.script, state)
        assert bare(self.script) == bare(wanted)
        target.append((stored(find_difference(now, self.script)), now))


def bare_lock(line):
    return replace(line, locked=False)


def stored(state):
    return store.decode_json(store.encode_json(state), UndoState)


def takes_of(script):
    return {(line.id, take.id) for line in (*script.lines, *script.removed) for take in line.takes}


@settings(max_examples=300, deadline=None)
@given(steps)
def test_random_edits_keep_ids_takes_and_words_and_can_be_undone(sequence):
    desk = Desk()
    first = desk.script
    words = sorted(word.text for line in first.lines for word in line.words)
    for name, a, b in sequence:
        takes = takes_of(desk.script)
        desk.do(name, a, b)
        script = desk.script
        assert not find_fault(script)
        ids = [line.id for line in script.lines]
        gone = [line.id for line in script.removed]
        assert len(set(ids + gone)) == len(ids) + len(gone)
        assert ids == [line.id for line in sorted(script.lines, key=lambda one: (one.start, one.id))]
        assert {line.speaker for line in script.lines} == {one.id for one in script.speakers}
        if name not in ("undo", "redo"):
            assert takes <= takes_of(script), "a take was lost"
        own = [line for line in (*script.lines, *script.removed) if not line.joined_into]
        assert sorted(word.text for line in own for word in line.words) == words
        for line in script.lines:
            assert all(a.start <= b.start for a, b in zip(line.words, line.words[1:], strict=False))
    while desk.done:
        desk.do("undo", 0, 0)
    assert bare(desk.script) == bare(first)
    while desk.undone:
        desk.do("redo", 0, 0)


def test_undo_also_takes_back_what_engines_made_of_a_neighbour():
    script = voice(make_script(), 1)
    edited = edits.edit_line(script, "S2_0001", translation="otra")
    placed = edited.with_line(
        replace(edited.line("S3_0002"), placement=Placement(0, 7, 9)).add_flags(Flag("short", ""))
    )
    state = extend_state(find_difference(script, edited), edited, placed)
    assert {line.id for line in state.lines} == {"S2_0001", "S3_0002"}
    assert restore_state(placed, state).lines == script.lines


@pytest.mark.parametrize("what", [b'{"lines": []}', b'{"lines": [], "speakers": null, "later": 1}'])
def test_states_of_other_versions_are_read(what):
    assert store.decode_json(what, UndoState) == UndoState()
