"""Keep the numbers of a project's recording loops in its folder, once they were handed out.

The file is `loops.json` in the folder of each language, because how many lines a loop holds depends on it.
"""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from rythmo.errors import InputError, UsageError
from rythmo.files import make_printable, write_atomically
from rythmo.script import store
from rythmo.script.loop_numbers import LoopPlan, plan_loops, update_loops
from rythmo.script.loops import LoopSettings
from rythmo.script.model import Script

FILE = "loops.json"
_MOST_BYTES = 16 << 20
_NUMBER = re.compile(r"\d{1,6}[A-Z]{0,6}\Z")
_HINT = "Delete it: the loops are numbered again from 1."


def find_loops(root: Path, script: Script, settings: LoopSettings) -> LoopPlan:
    """Return the loops of a script: those that were handed out, brought up to date, else new ones.

    Other settings than those of the loops handed out begin again from 1. `root` is the language's folder.
    Raises InputError when the file is damaged.
    """
    kept = _read_plan(root / FILE)
    rate = script.programme.sample_rate
    if kept is None or kept.settings != settings:
        return plan_loops(script.lines, settings, rate)
    return update_loops(kept, script.lines, rate)


def keep_loops(root: Path, plan: LoopPlan) -> None:
    """Save the plan as handed out. Raises OutputError."""
    data = store.encode_json(plan)
    path = root / FILE
    if not path.is_file() or path.read_bytes() != data:
        write_atomically(path, data)


def _read_plan(path: Path) -> LoopPlan | None:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"{make_printable(path)} is too large.", hint=_HINT)
        plan = store.decode_json(path.read_bytes(), LoopPlan)
    except FileNotFoundError:
        return None
    except (msgspec.MsgspecError, UsageError, OSError) as error:
        raise InputError(f"{make_printable(path)} cannot be read: {error}.", hint=_HINT) from error
    if not all(_NUMBER.match(number) for number in (*plan.used, *(loop.number for loop in plan.loops))):
        raise InputError(f"{make_printable(path)} is damaged: a loop has no number.", hint=_HINT)
    return plan
