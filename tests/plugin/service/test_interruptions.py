"""A few of the interruptions of tests/support/interruptions.py, which tries hundreds."""

from __future__ import annotations

import os
import sys

import pytest
from interruptions import may_mount, plan_of, try_interruptions

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not hasattr(os, "fork"), reason="needs fork, SIGKILL and /proc"
)


def test_stops_kills_and_full_disks_lose_nothing_and_leave_nothing(tmp_path):
    plan = plan_of(2, 2, 3 if may_mount() else 0, seed=3)
    tally = try_interruptions(tmp_path, plan, seed=3)
    assert tally.faults == {}, tally.table()
    assert sum(tally.rounds.values()) == len(plan)
