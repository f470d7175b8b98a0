"""A cast file from somebody else: one clear line, or a cast; nothing outside is read, nothing hangs."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import shutil
import sys
import time

import numpy as np
import pytest
import toy

from rythmo.casting import cast_file
from rythmo.casting.cast_file import Cast, Person, Reference
from rythmo.cli import main
from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.engines import fakes, registry
from rythmo.errors import InputError, RythmoError
from rythmo.script.model import Script
from rythmo.settings import CastSettings, DeliverSettings, Settings


def packed(*values: float) -> str:
    return base64.b64encode(np.array(values, "<f4").tobytes()).decode()


def person(*lines: str, name: str = '"Anna"') -> str:
    return "\n".join(["version = 1", "[[people]]", f"name = {name}", *lines, ""])


def vector(values: str) -> str:
    return person("[[people.vectors]]", 'embedder = "toy-embedder 1"', f'values = "{values}"')


def voice(*voices: tuple[str, str, str]) -> str:
    rows = []
    for engine, voice_id, settings in voices:
        rows += ["[[people.voices]]", f'engine = "{engine}"', 'language = "es"', f'id = "{voice_id}"']
        rows += [f"settings = {settings}"] if settings else []
    return person(*rows)


REFUSED = {
    "deep arrays": "a = " + "[" * 50_000,
    "deep tables": "a = " + "{a = " * 50_000,
    "a huge version": f"version = 1{'0' * 4000}\n",
    "a version that is none": "version = nan\n",
    "the version of another program": "version = -1.5\n",
    "not text": "\udcff",
    "a name of control characters": person(name='"An\\u001b[2Jna"'),
    "a name with a newline": person(name='"Anna\\nrythmo: all is well"'),
    "a long name": person(name=f'"{"x" * 5000}"'),
    "a colour that is script": person('colour = "red;}</style><script>"'),
    "a reference above": person("[people.reference]", 'file = "../../secret"', 'sha256 = "00"'),
    "a reference at the root": person("[people.reference]", 'file = "/etc/passwd"', 'sha256 = "00"'),
    "a reference elsewhere": person("[people.reference]", "file = '//host/x'", 'sha256 = ""'),
    "a vector of no numbers": vector(packed(float("nan"), 1.0)),
    "a vector without end": vector(packed(float("inf"), 1.0)),
    "a vector that overflows": vector(packed(3e38, 3e38)),
    "a vector of a million": vector(base64.b64encode(bytes(40_000)).decode()),
    "a vector of odd length": vector("AAAA"),
    "unknown fields": person('program = "/bin/sh"'),
    "people of another kind": 'version = 1\npeople = "Anna"\n',
}
HARMLESS = {
    "vectors of another length": vector(packed(1.0, 2.0)),
    "remote and unknown engines": voice(
        ("elevenlabs", "x", ""),
        ("../../engine", "x", ""),
        ("toy-voice", "../../../etc/passwd", '{program = "/bin/sh", base_url = "http://x", hz = 200}'),
    ),
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_it_is_refused_in_one_line(tmp_path, text):
    path = tmp_path / "cast.toml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    began = time.process_time()  # a busy machine does not change it
    with pytest.raises(InputError) as caught:
        cast_file.load_cast(path)
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 700
    assert time.process_time() - began < 5


@pytest.mark.skipif(sys.platform == "win32", reason="pipes and links need POSIX")
def test_pipes_and_links_are_not_followed(tmp_path):
    folder = tmp_path / "received"
    (folder / "references").mkdir(parents=True)
    os.mkfifo(folder / "cast.toml")
    with pytest.raises(InputError):
        cast_file.load_cast(folder / "cast.toml")
    outside = tmp_path / "secret.wav"
    toy.write_sound(outside, scene=(), length=48_000)
    digest = hashlib.sha256(outside.read_bytes()).hexdigest()
    (folder / "references" / "a.wav").symlink_to(outside)
    os.mkfifo(folder / "references" / "b.wav")
    for name in ("references/a.wav", "references/b.wav"):
        anna = Person("Anna", reference=Reference(name, digest))
        with pytest.raises(RythmoError):
            Cast((anna,), folder).read_reference(anna)


@pytest.fixture(scope="module")
def dubbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cast")
    film = toy.write_sound(folder / "toy.wav", scene=toy.SCENE[:2], length=144_000)
    return film, pipeline.dub(Job(film, "es", "en", folder), Settings(), engines=fakes.specs()).project


@pytest.mark.parametrize("text", HARMLESS.values(), ids=HARMLESS)
def test_a_dub_with_it_starts_no_other_engine(dubbed, tmp_path, text, monkeypatch):
    """A voice in a cast file does not choose the engine: only the user does."""
    started = []
    real = registry.create
    monkeypatch.setattr(
        registry, "create", lambda spec, *more: started.append(spec.info) or real(spec, *more)
    )
    film, project = dubbed
    shutil.copytree(project.root, tmp_path / project.root.name)
    path = tmp_path / "cast.toml"
    path.write_text(text, "utf-8")
    settings = Settings(cast=CastSettings(file=str(path)), deliver=DeliverSettings("otio"))
    done = pipeline.dub(Job(film, "es", "en", tmp_path), settings, engines=fakes.specs())
    assert isinstance(done.script, Script)
    assert all(info.local for info in started)


GOOD = f"""
version = 1
[[people]]
name = "Anna"
colour = "#4f9dff"
[people.reference]
file = "references/a.wav"
sha256 = "{"0" * 64}"
[[people.vectors]]
embedder = "toy 1"
values = "{packed(0.5, 0.25)}"
[[people.voices]]
engine = "toy-voice"
language = "es"
id = "v1"
settings = {{hz = 200}}
"""


def test_a_cast_file_with_any_damage_is_a_cast_or_one_line(tmp_path):
    chance, path = random.Random(5), tmp_path / "cast.toml"
    tried = {"read": 0, "refused": 0}
    for _ in range(1500):
        data = bytearray(GOOD.encode())
        for _ in range(chance.choice((1, 1, 2, 8))):
            at = chance.randrange(len(data))
            what = chance.random()
            if what < 0.4:
                data[at] = chance.randrange(256)
            elif what < 0.6:
                del data[at : at + chance.randrange(1, 40)]
            elif what < 0.8:
                data[at:at] = chance.choice((b"9" * 400, b"[" * 900, b"\x00", b"1e999", b"../", b"inf", b'"'))
            else:
                data[at:at] = data[at : at + chance.randrange(1, 200)]
        path.write_bytes(data)
        try:
            cast_file.load_cast(path)
            tried["read"] += 1
        except InputError as error:
            assert error.message.isprintable()
            tried["refused"] += 1
    assert min(tried.values()) > 20, tried


def test_the_command_says_it_in_one_line(dubbed, tmp_path, capsys):
    path = tmp_path / "cast.toml"
    path.write_text(REFUSED["deep arrays"], "utf-8")
    assert main(["dub", str(dubbed[0]), "--to", "es", "--cast", str(path), "--out", str(tmp_path)]) != 0
    said = capsys.readouterr().err
    assert "Traceback" not in said
    assert "defect" not in said
