"""A dub on a simulated Ray cluster of three nodes: how close to the bound, and what kills cost.

    python benchmarks/cluster.py schedule FOLDER [--lanes 1,2,4,8] [--seconds 7200]
    python benchmarks/cluster.py kills FOLDER [--times 10] [--kinds actor,node,driver,...]
    python benchmarks/cluster.py write FOLDER,FOLDER,... (what was measured, into docs/benchmarks/cluster.md)

Needs `pip install 'rythmo[ray]'`. The nodes are `ray.cluster_utils.Cluster`'s: raylets of their own on this
machine, each worker with a cache of its own, and a store that they reach by its address. The engines sleep
instead of computing (sleeping_engines.py), so that the schedule shows on two cores.

`schedule` dubs two hours with 8, 4, 2 and 1 workers, and compares the wall time with the bound: all the
engines' time over the number of workers. Before, between and after them the driver works alone: it decodes,
matches and casts, mixes, measures and delivers, unsigned. Every file is compared with a dub on threads.

`kills` dubs a short programme while a node, an actor or the driver is killed at a seeded moment, and compares
every byte of takes, stems, subtitles and timelines with a dub on threads. The translator and the voice count
as services: each of their requests must have been sent once. A driver that is killed is started again; a
paying driver is killed while a service works on a request of its.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import sleeping_engines  # noqa: E402 - beside this file

from rythmo.dubbing import pipeline  # noqa: E402
from rythmo.dubbing.pipeline import Job  # noqa: E402
from rythmo.engines.base import EngineSpec, Kind  # noqa: E402
from rythmo.progress import Progress  # noqa: E402
from rythmo.settings import DeliverSettings, ExecutionSettings, ProvenanceSettings, SceneSettings, Settings  # noqa: E402

LONG = {
    Kind.SEPARATOR: 18.0,
    Kind.DIARIZER: 51.0,
    Kind.TRANSCRIBER: 12.8,
    Kind.TRANSLATOR: 0.5,
    Kind.VOICE: 3.0,
}
"""Seconds of a request in the long programme, in chunks of five minutes: those of the embedded engines
(0.06, 0.17 and 0.2 s for a second of sound or speech, 3 s for a line; see cluster_simulation.py)."""
SHORT = {
    Kind.SEPARATOR: 0.8,
    Kind.DIARIZER: 0.5,
    Kind.TRANSCRIBER: 0.8,
    Kind.TRANSLATOR: 0.4,
    Kind.VOICE: 0.4,
}
_SHORT_SECONDS, _SHORT_CHUNK, _LONG_CHUNK = 60, 10.0, 300.0
_AFTER = ("place", "loudness", "mix", "qc", "deliver")
_WORKERS = 3
PAGE = HERE.parent / "docs" / "benchmarks" / "cluster.md"
_ROWS = ("schedule.jsonl", "kills.jsonl")
_SCHEDULE = """Seconds. *Before* is decoding, *between* matching, casting and measuring how each line was
said, *after* placing, mixing, measuring and delivering: all of them the driver's alone. *Engines* is from the
first request to the last. The driver's processor time and the load of the machine (over five minutes, two
cores) tell what a figure is worth.

| lanes | work | bound | before | chunks | between | lines | after | engines / bound | whole / bound \
| processor | load | same files |
|---|---|---|---|---|---|---|---|---|---|---|---|---|"""
_NOTES = ""
_KILLS = """Something is killed with `kill -9` at a seeded moment, a node with everything on it.

| killed | times | hit work | same bytes | every paid request once |
|---|---|---|---|---|"""


def start_cluster(cpus: int = 4) -> Any:
    """Start a head without room for workers, and three nodes."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])])
    from ray.cluster_utils import Cluster

    # Short heartbeats, so that a lost node is noticed within seconds.
    system = {
        "health_check_initial_delay_ms": 0,
        "health_check_period_ms": 500,
        "health_check_failure_threshold": 3,
        # Workers stand back behind everything else (nice 15); here they are what is measured.
        "worker_niceness": 0,
    }
    cluster = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 0, "include_dashboard": False, "_system_config": system},
    )
    for _ in range(3):
        cluster.add_node(num_cpus=cpus)
    return cluster


class Watch:
    """When each phase of a dub was first and last heard of, in seconds from the start."""

    def __init__(self) -> None:
        self.begun = time.perf_counter()
        self.spans: dict[str, list[float]] = {}
        self.places: set[str] = set()

    def __call__(self, event: Progress) -> None:
        if event.placement is not None and event.stage != "engines":
            self._mark("lines" if event.stage in ("translate", "voice") else "chunks")
            self.places.add(event.placement.place)
        if event.stage in _AFTER:
            self._mark(event.stage)

    def _mark(self, phase: str) -> None:
        now = time.perf_counter() - self.begun
        self.spans.setdefault(phase, [now, now])[1] = now


def long_settings(execution: ExecutionSettings | None = None) -> Settings:
    """The settings of the long programme."""
    return Settings(
        deliver=DeliverSettings("otio,srt"),
        scenes=SceneSettings(_LONG_CHUNK),
        provenance=ProvenanceSettings(sign=False),
        execution=execution or ExecutionSettings(),
    )


def long_engines(seconds: Mapping[Kind, float]) -> dict[Kind, EngineSpec]:
    """The engines of the long programme, which take these seconds."""
    return sleeping_engines.with_distinct_lines(sleeping_engines.specs(seconds))


def measure_schedule(folder: Path, lanes: list[int], seconds: int) -> None:
    """Dub with each number of lanes, and add a row for each to `schedule.jsonl`."""
    film = _dub_here(folder, seconds)
    for number in lanes:
        cluster = start_cluster()
        row = _measure_lanes(folder, film, number, cluster.address)
        cluster.shutdown()
        print(row, flush=True)
        with (folder / "schedule.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")


def _dub_here(folder: Path, seconds: int) -> Path:
    """Make the programme, and dub it on threads with engines that do not sleep to compare with."""
    film, known = folder / "film.wav", folder / "local.json"
    folder.mkdir(parents=True, exist_ok=True)
    if not known.exists():
        count = sleeping_engines.write_programme(film, seconds)
        print(f"{seconds} s, {count} sentences", flush=True)
        done = pipeline.dub(
            Job(film, "es", "en", folder / "local"), long_settings(), engines=long_engines({})
        )
        known.write_text(json.dumps(fingerprints(done.project.root)))
        shutil.rmtree(folder / "local")
    return film


def _measure_lanes(folder: Path, film: Path, number: int, address: str) -> dict[str, object]:
    out, store = folder / f"lanes{number}", folder / f"store{number}"
    for old in (out, store):
        shutil.rmtree(old, ignore_errors=True)
    execution = ExecutionSettings("ray", workers=number, store=f"file://{store}", address=address)
    watch, used = Watch(), os.times()
    done = pipeline.dub(
        Job(film, "es", "en", out),
        long_settings(execution),
        engines=long_engines(LONG),
        report=watch,
    )
    whole, after = time.perf_counter() - watch.begun, os.times()
    effort = json.loads((done.project.root / "effort.json").read_text())
    work = sum(one["seconds"] for one in effort if one["engine"].startswith("toy-"))
    wanted = json.loads((folder / "local.json").read_text())
    got = fingerprints(done.project.root)
    differ = sorted(name for name in wanted.keys() | got.keys() if wanted.get(name) != got.get(name))
    for old in (out, store):
        shutil.rmtree(old)
    return {
        "lanes": number,
        "work": round(work, 1),
        "whole": round(whole, 1),
        "spans": {name: [round(at, 1) for at in span] for name, span in watch.spans.items()},
        "nodes": len({place.rpartition(" ")[2] for place in watch.places}),
        "driver_cpu": round(after.user + after.system - used.user - used.system, 1),
        "load": round(os.getloadavg()[1], 1),
        "files": len(got),
        "differ": differ,
    }


def short_settings(execution: ExecutionSettings | None = None) -> Settings:
    """The settings of the short programme."""
    return Settings(
        deliver=DeliverSettings("otio,srt"),
        scenes=SceneSettings(_SHORT_CHUNK, 1.0),
        execution=execution or ExecutionSettings(),
    )


def drive(arguments: argparse.Namespace) -> None:
    """Dub as the driver of a cluster, printing where everything runs; this process may be killed."""
    folder = Path(arguments.folder)
    execution = ExecutionSettings(
        "ray", workers=_WORKERS, store=f"file://{folder / 'store'}", address=arguments.address
    )

    def tell(event: Progress) -> None:
        if event.placement is not None:
            told = f"{event.stage}\t{event.placement.place}\t{int(event.placement.running)}\n"
            os.write(1, told.encode())  # one write: lines of several threads do not mix

    engines = sleeping_engines.specs(SHORT, (Kind.TRANSLATOR, Kind.VOICE), folder / "requests.log")
    job = Job(Path(arguments.film), "es", "en", folder)
    pipeline.dub(job, short_settings(execution), engines=engines, report=tell)


def fingerprints(root: Path) -> dict[str, str]:
    """Everything that a user takes away, by content; where the project lies is taken out."""
    place, found = str(root.resolve().parent.parent).encode(), {}
    out = str(root.resolve().parent).encode()
    for kind in ("stems", "takes", "deliver", "qc"):
        for path in sorted((root / kind).rglob("*")):
            if path.is_file():
                data = path.read_bytes().replace(out, b"").replace(place, b"")
                found[str(path.relative_to(root))] = hashlib.sha256(data).hexdigest()
    return found


class Round:
    """One dub that something is killed in."""

    def __init__(self, cluster: Any, film: Path, folder: Path) -> None:
        self.cluster, self.film, self.folder = cluster, film, folder
        self.lines: list[str] = []
        self.driver: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start the driver."""
        command = [sys.executable, str(HERE / "cluster.py"), "drive", str(self.folder)]
        command += ["--film", str(self.film), "--address", self.cluster.address]
        self.driver = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.errors: list[str] = []
        for stream, lines in ((self.driver.stdout, self.lines), (self.driver.stderr, self.errors)):
            threading.Thread(target=lambda s=stream, n=lines: n.extend(s), daemon=True).start()

    def busy(self, *, calls: bool) -> list[str]:
        """The places that are at work, without (or of) the process that calls services."""
        running: Counter[str] = Counter()
        for line in list(self.lines):
            stage, place, on = line.rstrip("\n").split("\t")
            if (stage in ("translate", "voice")) == calls:
                running[place] += 1 if on == "1" else -1
        return [place for place, number in running.items() if number > 0]

    def wait_until_busy(self) -> None:
        """Wait for the first chunk to be at work."""
        while not self.busy(calls=False) and self.driver is not None and self.driver.poll() is None:
            time.sleep(0.05)

    def kill(self, what: str, draw: random.Random) -> bool:
        """Kill a node, an actor or the driver; tell whether it was at work."""
        if what.endswith("driver"):
            assert self.driver is not None
            self.driver.kill()
            self.driver.wait()
            self.start()
            return True
        places = self.busy(calls=False)
        if not places:
            return False
        place = draw.choice(places)
        if what == "actor":
            os.kill(int(place.split("process ")[1].split(",")[0]), signal.SIGKILL)
            return True
        node_id = place.rpartition(" ")[2]
        node = next(one for one in self.cluster.worker_nodes if one.node_id.startswith(node_id))
        self.cluster.remove_node(node, allow_graceful=False)
        self.cluster.add_node(num_cpus=4)
        return True

    def finish(self) -> int:
        """Wait for the driver's end."""
        assert self.driver is not None
        return self.driver.wait(300)


def measure_kills(folder: Path, kinds: list[str], times: int) -> None:
    """Print a row for each kill."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    film = folder / "film.wav"
    count = sleeping_engines.write_programme(film, _SHORT_SECONDS, 3.0)
    log = folder / "local" / "requests.log"
    log.parent.mkdir()
    engines = sleeping_engines.specs(SHORT, (Kind.TRANSLATOR, Kind.VOICE), log)
    pipeline.dub(Job(film, "es", "en", folder / "local"), short_settings(), engines=engines)
    wanted, asked = fingerprints(folder / "local" / "film.rythmo"), sorted(log.read_text().splitlines())
    print(f"{_SHORT_SECONDS} s, {count} sentences, {len(asked)} paid requests, {len(wanted)} files")
    cluster = start_cluster()
    rows: list[tuple[str, bool, bool, bool]] = []
    print(
        "| killed | at second | hit work | exit | files that differ | requests sent twice | other requests |"
    )
    print("|---|---|---|---|---|---|---|", flush=True)
    for what in kinds:
        draw = random.Random(f"rythmo {what}")
        for number in range(times):
            out = folder / f"{what}{number}"
            out.mkdir()
            here = Round(cluster, film, out)
            here.start()
            here.wait_until_busy()
            moment = draw.uniform(0.1, 9.0 if what == "driver" else 5.0)
            if what == "paying driver":
                while not here.busy(calls=True):
                    time.sleep(0.01)
                moment = draw.uniform(0.0, 0.3)
            time.sleep(moment)
            hit = here.kill(what, draw)
            code = here.finish()
            if code:
                print("".join(here.errors)[-3000:], file=sys.stderr)
            got, sent = fingerprints(out / "film.rythmo"), (out / "requests.log").read_text().splitlines()
            differ = [name for name in wanted.keys() | got.keys() if wanted.get(name) != got.get(name)]
            twice, missing = len(sent) - len(set(sent)), len(set(asked) ^ set(sent))
            row = (what, f"{moment:.1f}", "yes" if hit else "no", code, len(differ), twice, missing)
            print(f"| {' | '.join(map(str, row))} |", flush=True)
            rows.append((what, hit, not differ, not (twice or missing)))
            with (folder / "kills.jsonl").open("a") as file:
                file.write(json.dumps([what, hit, not differ, not (twice or missing)]) + "\n")
            if not differ:
                shutil.rmtree(out)
    cluster.shutdown()
    for what in kinds:
        own = [row for row in rows if row[0] == what]
        hits, same, once = (sum(row[place] for row in own) for place in (1, 2, 3))
        print(f"{what}: {len(own)} kills, {hits} hit work, {same} same bytes, {once} every paid request once")


def write_page(folders: list[Path]) -> None:
    """Put the rows that were measured into these folders into the page."""
    runs, kills = ([row for folder in folders for row in _read_rows(folder / name)] for name in _ROWS)
    text = [
        f"# A dub on a simulated cluster: measured\n\n{(__doc__ or '').strip()}\n\n## Schedule\n",
        _SCHEDULE,
    ]
    text += [_describe_run(run) for run in sorted(runs, key=lambda run: -run["lanes"])]
    text += ["", _NOTES, "\n## Kills\n", _KILLS]
    for what in dict.fromkeys(row[0] for row in kills):
        own = [row for row in kills if row[0] == what]
        hits, same, once = (sum(row[place] for row in own) for place in (1, 2, 3))
        text.append(f"| {what} | {len(own)} | {hits} | {same} | {once} |")
    PAGE.write_text("\n".join(text) + "\n", encoding="utf-8")


def _read_rows(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _describe_run(run: dict[str, Any]) -> str:
    """Return a row of the table: each part in seconds by the clock, and the whole over the bound."""
    spans, bound = run["spans"], run["work"] / run["lanes"]
    (begin, heard), (said, spoken) = spans["chunks"], spans["lines"]
    parts = [begin, heard - begin, said - heard, spoken - said, run["whole"] - spoken]
    engines, same = spoken - begin, "all" if not run["differ"] else f"all but {len(run['differ'])}"
    clock = " | ".join(f"{part:.0f}" for part in parts)
    over = f"{engines / bound:.2f} | {run['whole'] / bound:.2f}"
    machine = f"{run['driver_cpu']:.0f} | {run['load']:.0f}"
    work = f"{run['lanes']} | {run['work']:.0f} | {bound:.0f}"
    return f"| {work} | {clock} | {over} | {machine} | {same} of {run['files']} |"


def main() -> None:
    """Parse the arguments and measure."""
    parser = argparse.ArgumentParser(description="A dub on a simulated cluster.")
    parser.add_argument("what", choices=("schedule", "kills", "write", "drive"))
    parser.add_argument("folder", type=Path, help="for write: several, with commas")
    parser.add_argument("--lanes", default="8,4,2,1")
    parser.add_argument("--seconds", type=int, default=7200)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--kinds", default="actor,node,driver,paying driver")
    parser.add_argument("--film")
    parser.add_argument("--address")
    arguments = parser.parse_args()
    if arguments.what == "drive":
        drive(arguments)
    elif arguments.what == "write":
        write_page([Path(name) for name in str(arguments.folder).split(",")])
    elif arguments.what == "kills":
        measure_kills(arguments.folder, arguments.kinds.split(","), arguments.times)
    else:
        measure_schedule(arguments.folder, [int(n) for n in arguments.lanes.split(",")], arguments.seconds)


if __name__ == "__main__":
    main()
