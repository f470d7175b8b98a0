"""Messages in Fusion's preferences are taken whole or not at all, and once."""

from __future__ import annotations

import base64
import re
import shutil
import subprocess
import threading
import zlib
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from rythmo_plugin.service.fusion_prefs import MessagePart, quote_for_lua, read_message_parts
from rythmo_plugin.service.prefs_mailbox import PrefsMailbox, mailbox_folder

_TOKEN = re.compile(r'\\(\d{3})|(\\["\\]|[^\\"])')


def prefs(data: bytes, number: int = 1) -> bytes:
    """A preferences file with one message, among what others keep there."""
    encoded = base64.b64encode(data).decode()
    said = f"run:loop:{number}:1:1:{zlib.adler32(data)}:{encoded}"
    other = 'OtherRythmoSays = "a:b:1:1:1:1:"'
    return f'{{\n\tGlobal = {{\n\t\t{other},\n\t\tRythmoSays = "{said}",\n\t}},\n}}\n'.encode()


@given(st.binary(max_size=200))
def test_a_whole_message_is_read(data: bytes) -> None:
    assert read_message_parts(b'Path = "Zo\xeb"\n' + prefs(data)) == [
        MessagePart("run", "loop", 1, 1, 1, data)
    ]


@given(st.binary(max_size=60), st.data())
def test_a_file_that_is_not_all_there_says_nothing_or_everything(data: bytes, draw: st.DataObject) -> None:
    text = prefs(data)
    end = draw.draw(st.integers(0, len(text)))
    filled = text[:end] + draw.draw(st.sampled_from([b"", b"\0" * 40, b'"']))
    assert read_message_parts(filled) in ([], [MessagePart("run", "loop", 1, 1, 1, data)])


@given(st.binary(max_size=100))
def test_lua_reads_the_same_bytes(data: bytes) -> None:
    quoted = quote_for_lua(data).decode("ascii")
    assert quoted.isprintable()
    read = "".join(
        chr(int(number)) if number else plain.removeprefix("\\")
        for number, plain in _TOKEN.findall(quoted[1:-1])
    )
    assert read.encode("latin-1") == data


def test_luajit_agrees_on_every_byte() -> None:
    luajit = shutil.which("luajit") or pytest.skip("no luajit on this machine: apt-get install luajit")
    data = bytes(range(256)) + b"5\xf35"
    script = f"io.write({quote_for_lua(data).decode('ascii')})"
    assert subprocess.run([luajit, "-e", script], capture_output=True, check=True).stdout == data


@pytest.fixture
def box(tmp_path: Path) -> PrefsMailbox:
    made = PrefsMailbox(Flask("none"), tmp_path, "http://127.0.0.1:1", threading.Event())
    made.open()
    return made


def test_a_message_is_taken_once_and_in_order(box: PrefsMailbox) -> None:
    def part(number: int, place: int, run: str = box.run, loop: str = "a") -> MessagePart:
        return MessagePart(run, loop, number, place, 9, b"part")

    assert not box.take(part(1, 1, run="another"))
    assert not box.take(part(1, 2)), "a part without the one before"
    assert box.take(part(1, 1))
    assert box.take(part(1, 2))
    assert not box.take(part(1, 2))
    assert not box.take(part(1, 1))
    assert box.take(part(1, 1, loop="b")), "another script counts for itself"
    assert box.take(part(2, 1))
    assert not box.take(part(1, 3))


def test_only_conversations_are_held_through_it(box: PrefsMailbox, tmp_path: Path) -> None:
    answered = mailbox_folder(tmp_path) / "a-1-1.lua"
    for number, said in enumerate(
        [b"GET /api/v1/projects\n", b"POST /api/v1/codes\n", b"\xff", b""], start=1
    ):
        assert box.take(MessagePart(box.run, "a", number, 1, 1, said))
        answered = mailbox_folder(tmp_path) / f"a-{number}-1.lua"
        for thread in threading.enumerate():
            if thread.name == "mailbox":
                thread.join(10)
        assert b"Only conversations" in answered.read_bytes()
    assert len(list(mailbox_folder(tmp_path).glob("a-*.lua"))) == 1, "old answers go"


def test_what_an_earlier_service_left_is_cleared(tmp_path: Path) -> None:
    folder = mailbox_folder(tmp_path)
    folder.mkdir()
    (folder / "old-1-1.lua").write_text("return {}")
    made = PrefsMailbox(Flask("none"), tmp_path, "http://127.0.0.1:1", threading.Event())
    made.open()
    assert [path.name for path in folder.iterdir()] == ["service.lua"]
    assert made.run.encode() in (folder / "service.lua").read_bytes()
    made.close()
    assert not list(folder.iterdir())
