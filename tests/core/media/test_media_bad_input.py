"""What people and attackers hand in instead of media: one clear line, soon, and nothing else opened."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rythmo.errors import MediaError
from rythmo.media import ffmpeg, input_check
from rythmo.media.probe import probe

Make = Callable[..., Path]


@pytest.fixture
def port() -> Iterator[int]:
    """A loopback listener; the test fails if anyone connected."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.fixture
def secret(make: Make) -> Path:
    """A sound file that a playlist would play if anyone let it."""
    return make("secret.wav", "-f", "lavfi", "-i", "sine=d=1")


def wave(rate: int = 48_000, channels: int = 1, declared: int | None = None, held: int = 9600) -> bytes:
    size = held if declared is None else declared
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * 2, 2, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", 36, b"WAVE") + fmt + struct.pack("<4sI", b"data", size) + bytes(held)
    )


CONTENTS: dict[str, bytes] = {
    "empty.mp4": b"",
    "text.mp4": b"Dear editor, this is a letter.\n" * 20,
    "cut_text.mov": ("é" * 4096).encode(),
    "utf16.mp4": "Dear editor".encode("utf-16"),
    "list.mp4": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nsecret.wav\n#EXT-X-ENDLIST\n",
    "bom.mp4": b"\xef\xbb\xbf\n#EXTM3U\n#EXTINF:10,\nsecret.wav\n",
    "nul.mp4": b"#EXTM3U\n#EXTINF:10,\nsecret.wav\n" + bytes(500),
    "remote.mp4": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nhttp://127.0.0.1:PORT/x.ts\n#EXT-X-ENDLIST\n",
    "self.mp4": b"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\nself.mp4\n",
    "concat.mp4": b"ffconcat version 1.0\nfile secret.wav\n",
    "concat.wav": b"ffconcat version 1.0\nfile 'http://127.0.0.1:PORT/x'\n" + bytes(64),
    "dash.mp4": b'<?xml version="1.0"?><MPD><BaseURL>http://127.0.0.1:PORT/</BaseURL></MPD>',
    "session.mp4": b"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nm=audio PORT RTP/AVP 0\n",
    "noise.mp4": bytes((i * 7919 >> 3) & 255 for i in range(20_000)),
    "rate0.wav": wave(rate=0),
    "channels.wav": wave(channels=65_535),
    "channels0.wav": wave(channels=0),
    "huge.wav": wave(declared=0xFFFF_FFF0),
    "cut.wav": wave(held=9600)[:5000],
    "nodata.wav": wave()[:36],
    "header.wav": b"RIFF\x24\0\0\0WAVEfmt ",
    "picture.mp4": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "picture.wav": b"\xff\xd8\xff\xe0" + bytes(100),
}
ADDRESSES = [
    "http://127.0.0.1:PORT/film.mp4",
    "http:/127.0.0.1:PORT/film.mp4",
    "tcp://127.0.0.1:PORT",
    "concat:secret.wav|secret.wav",
    "subfile,,start,0,end,0,,:secret.wav",
    "file:secret.wav",
    "pipe:0",
    "data:audio/wav;base64,AAAA",
    "-i",
    "-",
    "%d.mp4",
    "missing.mp4",
    "nul\0byte.mp4",
    "x" * 300,
]


PROMPT_SECONDS = 20
"""What follows an address or waits for more of a file takes minutes; a busy machine may take ten seconds."""


def refused(path: Path) -> MediaError:
    began = time.monotonic()
    with pytest.raises(MediaError) as caught:
        probe(path)
    assert time.monotonic() - began < PROMPT_SECONDS
    assert caught.value.hint
    assert "\n" not in caught.value.message
    return caught.value


@pytest.mark.parametrize("name", CONTENTS)
def test_contents(name: str, tmp_path: Path, secret: Path, port: int) -> None:
    path = tmp_path / name
    path.write_bytes(CONTENTS[name].replace(b"PORT", b"%d" % port))
    assert name in refused(path).message


@pytest.mark.parametrize(
    "name", ["list.mp4", "nul.mp4", "remote.mp4", "self.mp4", "concat.mp4", "concat.wav", "dash.mp4"]
)
def test_the_demuxers_refuse_too(
    name: str, tmp_path: Path, secret: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Were the look at the first bytes fooled, neither PyAV nor ffmpeg would follow."""
    path = tmp_path / name
    path.write_bytes(CONTENTS[name].replace(b"PORT", b"%d" % port))
    monkeypatch.setattr(input_check, "require_media", lambda path: b"")
    refused(path)
    began = time.monotonic()
    with pytest.raises(MediaError):
        ffmpeg.run([*ffmpeg.input_arguments(path), "-f", "null", "-"])
    assert time.monotonic() - began < PROMPT_SECONDS


def test_the_traps_are_live(tmp_path: Path, secret: Path) -> None:
    """Without our precautions the playlist does open the other file: the tests above mean something."""
    import av

    path = tmp_path / "list.mp4"
    path.write_bytes(CONTENTS["concat.mp4"])
    with av.open(str(path), options={"safe": "0"}) as container:
        assert container.streams.audio


@pytest.mark.parametrize("address", ADDRESSES)
def test_addresses_and_names_that_do_not_exist(
    address: str, tmp_path: Path, secret: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    error = refused(Path(address.replace("PORT", str(port))))
    if ":" in address:
        assert "address" in error.message


def test_a_folder_a_pipe_and_a_device(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    assert "folder" in refused(tmp_path).message
    assert "ordinary" in refused(tmp_path / "pipe.mp4").message
    assert "ordinary" in refused(Path("/dev/zero")).message


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "locked.mp4"
    path.write_bytes(b"x")

    def deny(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", deny)  # root may read everything, so the refusal is played
    assert "may not be read" in refused(path).message


def test_a_picture_without_sound(make: Make) -> None:
    path = make("silent.mp4", "-f", "lavfi", "-i", "testsrc2=d=1:r=25:s=128x72")
    assert "has no sound" in refused(path).message
    assert probe(path, need_sound=False).audio == ()


@pytest.mark.parametrize(("codec", "what"), [(b"alac", "sound"), (b"avc1", "picture")])
def test_a_codec_nobody_knows(film: Make, codec: bytes, what: str) -> None:
    path = film("a.mp4", codecs=("-c:v", "libx264", "-c:a", "alac"))
    path.write_bytes(path.read_bytes().replace(codec, b"zzzz"))
    assert f"The {what} of" in refused(path).message


@pytest.mark.parametrize("flags", [(), ("-movflags", "+faststart")])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7])
def test_a_truncated_film(film: Make, tmp_path: Path, flags: tuple[str, ...], share: float) -> None:
    whole = film("whole.mp4", seconds=4, extra=flags).read_bytes()
    path = tmp_path / "cut.mp4"
    path.write_bytes(whole[: int(len(whole) * share)])
    refused(path)


def test_a_truncated_matroska(film: Make, tmp_path: Path) -> None:
    whole = film("whole.mkv", seconds=4).read_bytes()
    path = tmp_path / "cut.mkv"
    path.write_bytes(whole[: len(whole) // 2])
    assert "cut short" in refused(path).message


@pytest.mark.parametrize(
    "name",
    [
        "two words.mp4",
        "-dash.mp4",
        'it\'s "so".mp4',
        "🎬 rôle.mp4",
        "line\nbreak.mp4",
        "%d%03d%s.mp4",
        "é" * 125 + ".mp4",
    ],
)
def test_odd_names_work(name: str, film: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film("plain.mp4").rename(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    info = probe(Path(name))
    from rythmo.media.decode import extract_sound

    target = tmp_path / (name[:-4] + ".wav")
    extract_sound(info, target)
    assert target.stat().st_size == probe(target).duration * 3 + 602 + 8 + 24 + 12 + 8
