"""A dub on a Ray cluster; needs the extra `ray`. Longer trials with kills: benchmarks/cluster.py."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import faulty_engines
import pytest
import toy

from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.errors import EngineFailedError, EngineMissingError, UsageError
from rythmo.settings import DeliverSettings, ExecutionSettings, SceneSettings, Settings

SETTINGS = Settings(deliver=DeliverSettings("otio,srt"), scenes=SceneSettings(4.0, 1.0))


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
def cluster():
    pytest.importorskip("ray", reason="needs the extra ray: pip install 'rythmo[ray]'")
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["PYTHONPATH"] = str(Path(faulty_engines.__file__).parent)
    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    for _ in range(2):
        made.add_node(num_cpus=1)
    yield made
    made.shutdown()


def sounds(result) -> dict[str, bytes]:
    folders = (result.project.stems, result.project.takes)
    return {path.name: path.read_bytes() for folder in folders for path in sorted(folder.rglob("*.wav"))}


def test_a_cluster_makes_the_same_sounds(film, tmp_path, cluster):
    pytest.importorskip("fsspec")
    events = []
    settings = on_ray(workers=2, store=f"file://{tmp_path / 'store'}", address=cluster.address)
    engines = faulty_engines.sending(faulty_engines.specs(tmp_path), Kind.VOICE)
    there = dub(film, tmp_path / "cluster", settings, engines, report=events.append)
    assert sounds(there) == sounds(dub(film, tmp_path / "here", SETTINGS))
    placed = [event.placement for event in events if event.placement and event.stage == "separate"]
    assert {one.part for one in placed} >= {"chunk 1", "chunk 3"}
    assert all("node" in one.place for one in placed)
    with pytest.raises(EngineFailedError, match="lost its tongue"):
        dub(film, tmp_path / "mute", settings, faulty_engines.specs(tmp_path, fails=True))
