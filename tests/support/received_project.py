"""A project that somebody else has prepared: every trick that worked once, and what shows that one did."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import socket
import sqlite3
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import tomli_w

from rythmo.project.sealed import unseal
from rythmo_bridge.assemble import programme as timelines

KEYS = (
    "OPENAI_API_KEY", "ELEVENLABS_API_KEY", "DASHSCOPE_API_KEY", "GOOGLE_API_KEY", "AZURE_SPEECH_KEY",
    "RYTHMO_LLM_KEY", "SYNC_API_KEY",
)  # fmt: skip
SECRET = "sk-canary-0123456789abcdef"


@dataclass
class World:
    """What lies outside the project: canaries, a program, a server; and what became of them."""

    outside: Path
    port: int
    connections: list[bytes] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)

    @property
    def canary(self) -> Path:
        return self.outside / "private.wav"

    @property
    def program(self) -> Path:
        return self.outside / "program"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def state(self) -> dict[str, str]:
        """Every file outside, by content: a new one shows as well as a changed one."""
        return {
            path.relative_to(self.outside).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(self.outside.rglob("*"))
            if path.is_file()
        }


_watched: list[World] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watched or event not in ("open", "subprocess.Popen"):
        return
    name = arguments[0]
    if isinstance(name, str | bytes | os.PathLike) and (text := os.fsdecode(name)):
        for world in _watched:
            if text.startswith(str(world.outside)):
                world.opened.append(text)


@contextmanager
def watched(world: World) -> Iterator[None]:
    """Note every file outside that this process opens or runs; audit hooks stay, so there is one."""
    if not getattr(_audit, "added", False):
        sys.addaudithook(_audit)
        _audit.added = True  # type: ignore[attr-defined]
    _watched.append(world)
    try:
        yield
    finally:
        _watched.remove(world)


@contextmanager
def made_world(folder: Path) -> Iterator[World]:
    """Canaries in `folder`, and a server that notes who connects and what is said."""
    folder.mkdir(parents=True)
    noise = np.random.default_rng(5).normal(0, 0.1, 48_000 * 10)
    soundfile.write(folder / "private.wav", noise, 48_000, subtype="PCM_24")
    soundfile.write(folder / "Foley.wav", noise[:4800], 48_000, subtype="PCM_24")
    (folder / "outside.txt").write_text("mine")
    (folder / "prices.toml").write_text("")
    (folder / "cast.toml").write_text("version = 1\n")
    (folder / "program").write_text(f"#!/bin/sh\ntouch {folder}/it-ran\n")
    (folder / "program").chmod(0o755)
    with socket.create_server(("127.0.0.1", 0)) as server:
        world = World(folder, server.getsockname()[1])
        server.settimeout(0.2)
        stop = threading.Event()
        thread = threading.Thread(target=_serve, args=(server, world, stop))
        thread.start()
        try:
            yield world
        finally:
            stop.set()
            thread.join()


def _serve(server: socket.socket, world: World, stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            connection, _ = server.accept()
        except TimeoutError:
            continue
        with connection:
            connection.settimeout(1)
            world.connections.append(connection.recv(4096))


def change_script(root: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change script.json as plain data."""
    path = root / "script.json"
    data = json.loads(path.read_bytes())
    change(data["script"])
    path.write_text(json.dumps(data))


def add_settings(root: Path, **stages: dict[str, Any]) -> None:
    """Add to settings.toml."""
    import tomllib

    path = root / "settings.toml"
    data = tomllib.loads(path.read_text()) if path.is_file() else {}
    for stage, values in stages.items():
        data.setdefault(stage, {}).update(values)
    path.write_text(tomli_w.dumps(data))


def _journal(root: Path, world: World) -> None:
    body = b"evil"
    head = {
        "changes": [
            {"file": os.path.relpath(world.outside / "outside.txt", root / "stems"), "offset": 0, "length": 4}
        ],
        "record": ".mix.json",
        "record_length": 0,
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    text = json.dumps(head).encode()
    (root / "stems" / ".patch").write_bytes(struct.pack("<Q", len(text)) + text + body)


def _link(name: str, target: str = "") -> Callable[[Path, World], None]:
    def trick(root: Path, world: World) -> None:
        path = root / name
        if path.is_dir():
            path.rename(root.parent / f"was-{path.name}")
        path.unlink(missing_ok=True)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(world.outside / target)

    return trick


def _line(**changes: Any) -> Callable[[Path, World], None]:
    return lambda root, world: change_script(root, lambda script: script["lines"][0].update(changes))


def _take(file: Callable[[World], str]) -> Callable[[Path, World], None]:
    def trick(root: Path, world: World) -> None:
        change_script(root, lambda script: script["lines"][0]["takes"][0].update(file=file(world)))

    return trick


def _engine(kind: str, name: str, **options: Any) -> Callable[[Path, World], None]:
    def trick(root: Path, world: World) -> None:
        values = {key: value(world) if callable(value) else value for key, value in options.items()}
        add_settings(root, engines={kind: name}, options={name: values} if values else {})

    return trick


def _program(root: Path, world: World) -> None:
    """A translator of the project's own, and a line that asks for it."""
    _engine("translator", "apertium", program=lambda world: str(world.program))(root, world)
    change_script(root, lambda script: script["lines"][1].update(translation="", edited=[]))
    shutil.rmtree(root / "cache" / "translate", ignore_errors=True)


def _voices(root: Path, world: World) -> None:
    """Everybody speaks with a paid voice, in the script and in the cache of the cast."""
    voice = {"engine": "elevenlabs", "id": "x", "settings": {}}

    def change(script: dict[str, Any]) -> None:
        for speaker in script["speakers"]:
            speaker.update(voice=voice, edited=["voice"])

    change_script(root, change)
    for path in (root / "cache" / "cast").glob("*.json"):
        path.write_text(json.dumps([voice] * len(json.loads(unseal(path.read_bytes())))))
    (root / "cache" / "settled.json").unlink(missing_ok=True)


def _timeline(root: Path, world: World) -> None:
    """The project was made of a timeline, which plays a private recording."""
    edl = root.parent / "cut.xml"
    clip = f"""<clipitem id="c"><name>x</name><duration>240</duration><rate><timebase>24</timebase></rate>
      <in>0</in><out>240</out><start>0</start><end>240</end><file id="f"><name>private.wav</name>
      <pathurl>{world.canary.as_uri()}</pathurl><rate><timebase>24</timebase></rate><duration>240</duration>
      <media><audio><channelcount>1</channelcount></audio></media></file></clipitem>"""
    edl.write_text(
        f"""<?xml version="1.0"?><xmeml version="5"><sequence id="s"><name>cut</name><duration>240</duration>
        <rate><timebase>24</timebase></rate><media><audio><track>{clip}</track></audio></media></sequence></xmeml>"""
    )
    found = timelines.look(edl, timelines.TimelineSettings())
    assert found is not None
    found.save(root, "0" * 32)


def _endless_view(root: Path, world: World) -> None:
    (root / "project.db").unlink(missing_ok=True)
    with sqlite3.connect(root / "project.db") as database:
        database.execute(
            "CREATE VIEW facts AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n)"
            " SELECT 'made' AS name, x AS value FROM n"
        )


TRICKS: dict[str, Callable[[Path, World], None]] = {
    "the journal of the mix": _journal,
    "a take elsewhere": _take(lambda world: f"../{world.outside.name}/made.wav"),
    "a take at a whole path": _take(lambda world: str(world.canary)),
    "the id of a line": _line(id="../../outside/S1_0001"),
    "the speaker of a line": _line(speaker="../../outside/S1"),
    "the id of a speaker": lambda root, world: change_script(
        root, lambda script: script["speakers"][0].update(id="../../outside/S1")
    ),
    "the language": lambda root, world: change_script(
        root, lambda script: script.update(target_language=f"../../{world.outside.name}")
    ),
    "stems are a link": _link("stems"),
    "takes are a link": _link("takes"),
    "deliveries are a link": _link("deliver"),
    "the report is a link": _link("qc"),
    "the cache is a link": _link("cache"),
    "a take is a link": _link("takes/S1_0001_t01.wav", "private.wav"),
    "a placed take is a link": _link("takes/placed/S1_0001_t01.wav", "private.wav"),
    "references are a link": _link("references"),
    "the settings are a link": _link("settings.toml", "cast.toml"),
    "a pipe": lambda root, world: os.mkfifo(root / "takes" / "S1_0001_t09.wav"),
    "a program": _program,
    "a model's folder": _engine(
        "separator", "demucs", repo=lambda world: str(world.outside), model="private"
    ),
    "another model's folder": _engine("diarizer", "pyannote", model=lambda world: str(world.outside)),
    "a third model's folder": _engine("transcriber", "funasr", model=lambda world: str(world.outside)),
    "openai elsewhere": _engine("translator", "openai", base_url=lambda world: world.url, model="m"),
    "a voice elsewhere": _engine("voice", "elevenlabs", base_url=lambda world: world.url),
    "google elsewhere": _engine("voice", "google", base_url=lambda world: world.url),
    "azure elsewhere": _engine("voice", "azure", base_url=lambda world: world.url, region="westeurope"),
    "dashscope elsewhere": _engine("voice", "dashscope", base_url=lambda world: world.url),
    "a worker": _engine("voice", "worker", base_url=lambda world: world.url),
    "a remote engine by name": _engine("voice", "elevenlabs"),
    "M&E from elsewhere": lambda root, world: add_settings(root, tracks={"me": str(world.canary)}),
    "a cast file elsewhere": lambda root, world: add_settings(
        root, cast={"file": str(world.outside / "cast.toml")}
    ),
    "prices elsewhere": lambda root, world: add_settings(
        root, prices={"file": str(world.outside / "prices.toml")}
    ),
    "folders of media": lambda root, world: add_settings(root, timeline={"media_dirs": [str(world.outside)]}),
    "paid voices in script and cache": _voices,
    "another programme": lambda root, world: change_script(
        root, lambda script: script["programme"].update(source=str(world.canary))
    ),
    "a timeline of private media": _timeline,
    "a script in a colour": lambda root, world: change_script(
        root, lambda script: script["speakers"][0].update(colour='"><script>alert(1)</script>')
    ),
    "no frame rate": lambda root, world: change_script(
        root, lambda script: script["programme"].update(frame_rate="1/0")
    ),
    "endless channels": lambda root, world: change_script(
        root, lambda script: script["programme"].update(channels=2**31)
    ),
    "an endless view": _endless_view,
}
"""By what it does: a change to the project at `root`, with the world outside it."""
