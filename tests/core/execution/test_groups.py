"""Which engines share workers, and how many workers fit the machines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.errors import UsageError
from rythmo.execution.groups import CALLS, SHARED, Needs, check_execution, count_workers, group_of, needs_of
from rythmo.settings import ExecutionSettings

GPU_NODE = {"CPU": 16.0, "GPU": 2.0, "memory": 64e9}
CPU_NODE = {"CPU": 8.0, "memory": 32e9}
TOY = fakes.specs()[Kind.VOICE].info


def test_engines_share_workers_unless_they_have_needs_of_their_own():
    own = ExecutionSettings(gpus=0.5, engines={"toy-voice": {"gpus": 1, "runtime_env": {"pip": ["x"]}}})
    assert group_of(TOY, ExecutionSettings()) == SHARED
    assert group_of(TOY, own) == "toy-voice"
    assert group_of(replace(TOY, local=False), own) == CALLS
    assert needs_of("toy-voice", own) == Needs(1.0, 1.0, runtime_env={"pip": ["x"]})
    assert needs_of(SHARED, own) == Needs(1.0, 0.5)


@pytest.mark.parametrize(
    ("needs", "machines", "groups", "count"),
    [
        (Needs(), [CPU_NODE, CPU_NODE], 1, 16),
        (Needs(cpus=2, gpus=0.5), [GPU_NODE, CPU_NODE], 1, 4),
        (Needs(cpus=1, memory=10 * 10**9), [CPU_NODE], 1, 3),
        (Needs(cpus=2, gpus=0.5), [GPU_NODE, GPU_NODE], 2, 4),
        (Needs(gpus=1), [CPU_NODE], 1, 1),
        (Needs(workers=7), [CPU_NODE], 3, 7),
        (Needs(cpus=0.1), [{"CPU": 0.3}], 1, 3),
    ],
)
def test_workers_that_fit(needs, machines, groups, count):
    assert count_workers(needs, machines, groups) == count


@pytest.mark.parametrize(
    "settings",
    [
        ExecutionSettings("slurm"),
        ExecutionSettings(workers=-1),
        ExecutionSettings(engines={"no-such-engine": {}}),
        ExecutionSettings(engines={"kokoro": {"gpu": 1}}),
        ExecutionSettings(engines={"kokoro": {"gpus": "one"}}),
    ],
)
def test_wrong_settings_are_told_before_any_work(settings):
    with pytest.raises(UsageError) as caught:
        check_execution(settings)
    assert caught.value.hint
