"""The numbers of loops that were handed out, in the project's folder."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from rythmo.errors import InputError
from rythmo.project.kept_loops import FILE, find_loops, keep_loops
from rythmo.script.loops import LoopSettings
from rythmo.script.model import Line, Programme, Script

SECOND = 48_000


def _script(*starts: float) -> Script:
    lines = tuple(
        Line(f"S1_{n:04}", "S1", round(at * SECOND), round((at + 2) * SECOND), "Hello.")
        for n, at in enumerate(starts)
    )
    return Script(
        Programme("Film", "film.mov", 100 * SECOND, SECOND, 2, Fraction(25)), "en", "es", lines=lines
    )


def test_numbers_stay_once_they_were_handed_out(tmp_path):
    plan = find_loops(tmp_path, _script(0, 30, 60), LoopSettings())
    keep_loops(tmp_path, plan)
    script = _script(0, 30, 60)
    shorter = replace(script, lines=script.lines[1:])
    assert [loop.number for loop in find_loops(tmp_path, shorter, LoopSettings()).loops] == ["2", "3"]


def test_other_limits_begin_again(tmp_path):
    keep_loops(tmp_path, find_loops(tmp_path, _script(0, 10), LoopSettings()))
    plan = find_loops(tmp_path, _script(0, 10), LoopSettings(pause_seconds=9))
    assert [loop.number for loop in plan.loops] == ["1"]


@pytest.mark.parametrize(
    "damage",
    [b"[]", b"{", b'{"loops":[],"settings":{},"used":["x"]}', b'{"settings":{"pause_seconds":-1}}', b"\xff"],
)
def test_a_damaged_file_is_named(tmp_path, damage):
    (tmp_path / FILE).write_bytes(damage)
    with pytest.raises(InputError, match=r"loops\.json") as caught:
        find_loops(tmp_path, _script(0), LoopSettings())
    assert "Delete it" in caught.value.hint
