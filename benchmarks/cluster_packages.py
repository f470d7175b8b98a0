"""Two engines whose packages clash, on one node of a simulated Ray cluster.

    python benchmarks/cluster_packages.py FOLDER

Each engine has a section of its own in [execution.engines], with another version of one small package
(iniconfig). A request to each says which version it sees, and where it ran. Needs a package registry and
`pip install 'rythmo[ray]' virtualenv`. Ray copies the environment that it runs in for each set of packages,
so run this in a small one.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from functools import partial
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from rythmo.engines import registry
from rythmo.engines.base import EngineInfo
from rythmo.errors import EngineFailedError
from rythmo.execution.calls import EngineCall
from rythmo.execution.ray_cluster import RayExecutor
from rythmo.progress import CancelToken, ignore_progress
from rythmo.settings import ExecutionSettings, Settings
from rythmo.stages.context import Context
from rythmo.stages.worker_session import WorkerPlan, open_session

PACKAGE = "iniconfig"
VERSIONS = {"espeak": "1.1.1", "silero": "2.0.0"}


def find_version(context: Context) -> tuple[str, str]:  # noqa: ARG001 - called as a stage's function
    """Return the version that a worker sees, and its process."""
    return metadata.version(PACKAGE), f"process {os.getpid()}"


def ask(executor: RayExecutor, info: EngineInfo) -> tuple[Any, str]:
    """Ask a worker of an engine for its version; return it with the worker's place."""
    # By this module's own name, which the workers can import; here it is `__main__`.
    function = import_module(Path(__file__).stem).find_version
    call = EngineCall(
        "engines", info.name, info.kind, None, info, f"version {info.name}", function, asks=True
    )
    answer = executor.run(call, report=ignore_progress, cancel=CancelToken())
    return answer.result(), answer.place


def measure(folder: Path, address: str, specifiers: Sequence[str]) -> None:
    """Start a group with each specifier, and print what its worker sees."""
    needs = {
        name: {"workers": 1, "runtime_env": {"pip": [specifier]}}
        for name, specifier in zip(VERSIONS, specifiers, strict=True)
    }
    execution = ExecutionSettings("ray", address=address, store=str(folder / "store"), engines=needs)
    plan = WorkerPlan(Settings(execution=execution), {}, "", str(folder / "store"))
    executor = RayExecutor(
        execution, partial(open_session, plan), partial(open_session, plan), {}, str(folder)
    )
    infos = {spec.info.name: spec.info for specs in registry.installed().values() for spec in specs}
    try:
        for name in VERSIONS:
            begun = time.perf_counter()
            seen, place = ask(executor, infos[name])
            print(f"{name}: {PACKAGE} {seen[0]}, {place}; after {time.perf_counter() - begun:.0f} s")
        again = ask(executor, infos["espeak"])
        print(f"espeak again: {again}")
    finally:
        executor.close()


def main() -> None:
    """Start one node and measure, first with versions that exist and then with one that does not."""
    parser = argparse.ArgumentParser(description="Packages that clash, side by side.")
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent)
    from ray.cluster_utils import Cluster

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 2, "include_dashboard": False})
    try:
        measure(folder, cluster.address, [f"{PACKAGE}=={version}" for version in VERSIONS.values()])
        try:
            measure(folder, cluster.address, [f"{PACKAGE}==99.0", f"{PACKAGE}==2.0.0"])
        except EngineFailedError as error:
            print(f"A version that does not exist: {error.message} {error.hint}")
    finally:
        cluster.shutdown()


if __name__ == "__main__":
    main()
