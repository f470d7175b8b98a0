"""A dub on a Ray cluster; needs Ray. Longer trials, with kills: benchmarks/cluster.py."""

from __future__ import annotations

import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

import faulty_engines
import pytest
import toy

from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.errors import CancelledError, EngineFailedError, EngineMissingError, RythmoError, UsageError
from rythmo.progress import CancelToken
from rythmo.settings import DeliverSettings, ExecutionSettings, SceneSettings, Settings

SETTINGS = Settings(deliver=DeliverSettings("otio,srt"), scenes=SceneSettings(4.0, 1.0))
_MEMORY = 80 * 10**6
"""Bytes of shared memory for Ray's own objects, which a dub hardly uses; Ray takes no less than 75 MB."""


@pytest.fixture(autouse=True, scope="module")
def environment():
    """What Rythmo sets for Ray, taken back at the end."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        yield


def on_ray(**more) -> Settings:
    return replace(SETTINGS, execution=ExecutionSettings("ray", **more))


def dub(film, out, settings, engines=None, **more):
    return pipeline.dub(Job(film, "es", "en", out), settings, engines=engines or fakes.specs(), **more)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return toy.write_sound(tmp_path_factory.mktemp("film") / "toy.wav")


def test_a_cluster_without_a_store_is_refused(film, tmp_path):
    with pytest.raises(UsageError, match="store"):
        dub(film, tmp_path, on_ray())


def test_without_ray_the_command_that_installs_it_is_told(film, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(EngineMissingError) as caught:
        dub(film, tmp_path, on_ray(store=str(tmp_path / "store")))
    assert "rythmo[ray]" in caught.value.hint


@pytest.fixture(scope="module")
def cluster(environment):
    """A head without room for workers, and a node for two."""
    if sys.platform != "linux":
        pytest.skip("Ray's simulated clusters are for Linux")
    pytest.importorskip("ray", reason="needs the extra ray: pip install 'rythmo[ray]'")
    from ray.cluster_utils import Cluster

    ends = signal.getsignal(signal.SIGTERM)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(Path(faulty_engines.__file__).parent))
        head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": _MEMORY}
        made = Cluster(initialize_head=True, head_node_args=head)
        made.add_node(num_cpus=2, object_store_memory=_MEMORY)
        yield made
        made.shutdown()
    signal.signal(signal.SIGTERM, ends)  # the nodes have put theirs in its place


@pytest.fixture
def settings(cluster, tmp_path) -> Settings:
    return on_ray(workers=2, store=f"file://{tmp_path / 'store'}", address=cluster.address)


def sounds(result) -> dict[str, bytes]:
    folders = (result.project.stems, result.project.takes)
    return {path.name: path.read_bytes() for folder in folders for path in sorted(folder.rglob("*.wav"))}


def test_a_cluster_makes_the_same_sounds_also_when_an_actor_is_killed(film, tmp_path, settings):
    events, killed = [], []

    def report(event):
        events.append(event)
        if event.stage == "speakers" and event.placement and event.placement.running and not killed:
            killed.append(int(event.placement.place.split("process ")[1].split(",")[0]))
            os.kill(killed[0], signal.SIGKILL)

    engines = faulty_engines.sending(faulty_engines.specs(tmp_path), Kind.VOICE)
    there = dub(film, tmp_path / "cluster", settings, engines, report=report)
    assert sounds(there) == sounds(dub(film, tmp_path / "here", SETTINGS))
    placed = [event.placement for event in events if event.placement and event.stage == "separate"]
    assert {one.part for one in placed} >= {"chunk 1", "chunk 3"}
    assert all("node" in one.place for one in placed)
    # Each take was paid for once: the voice counts as a service.
    takes = sum(work.requests for work in there.work if work.stage == "voice")
    assert len(list(tmp_path.glob("spoken-*"))) == takes


def test_errors_arrive_whole_with_their_hint_and_node(film, tmp_path, settings):
    with pytest.raises(EngineFailedError, match=r"lost its tongue\. Find it\."):
        dub(film, tmp_path, settings, faulty_engines.specs(tmp_path, fails=True))
    # What is heard and translated is found in the store.
    with pytest.raises(RythmoError, match="ZeroDivisionError: half a sample") as caught:
        dub(film, tmp_path, settings, faulty_engines.specs(tmp_path, defect=True))
    assert "node" in caught.value.place
    assert f"process {os.getpid()}" not in caught.value.place


def test_a_cancel_reaches_the_actors(film, tmp_path, settings):
    cancel = CancelToken()

    def stop_when_waiting():
        while not (tmp_path / "waiting").exists():
            threading.Event().wait(0.02)
        cancel.cancel()

    threading.Thread(target=stop_when_waiting).start()
    with pytest.raises(CancelledError):
        dub(film, tmp_path, settings, faulty_engines.specs(tmp_path, waits=True), cancel=cancel)
