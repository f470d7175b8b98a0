"""Run ffmpeg: the only place that starts it. Locked down, timed, cancellable, with errors in our words.

ffmpeg opens more than files: playlists that pose as media, `concat:`, `subfile:` and URLs all reach out.
`file:` before an absolute path, a protocol whitelist and a whitelist of real media formats prevent that
(tests/core/media/test_media_bad_input.py).
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO

from rythmo.errors import EngineMissingError, MediaError, OutputError, RythmoError
from rythmo.files import make_disk_full_error, make_printable
from rythmo.progress import NEVER, CancelToken

FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,dts,dtshd,dv,eac3,flac,flv,gxf,live_flv,loas,m4v,matroska,mov,mp3,mp4,"
    "mpeg,mpegts,mpegvideo,mxf,ogg,rm,truehd,tta,w64,wav,webm,wtv,wv"
)
"""Demuxers that read one file of sound or picture and never open a second one."""

TIMEOUT = 6 * 3600.0
"""Seconds after which any call is stopped, whatever its input claims."""

# Seconds between looks at the clock and at the cancel token.
_POLL = 0.1
_PROGRESS = re.compile(
    r"(?:frame|fps|stream_\w+|bitrate|total_size|out_time\w*|dup_frames|drop_frames|speed|progress)="
)
_PREFIX = re.compile(r"^\[[^\]]*\]\s*")
# Lines that only repeat that something failed.
_VAGUE = re.compile(
    r"""Error\ opening\ (input|output)\ files?
    | Error\ (while|submitting|sending|muxing|writing|initializing)
    | Conversion\ failed | Terminating\ thread | Task\ finished | Nothing\ was\ written
    | Could\ not\ open\ encoder | Exiting""",
    re.IGNORECASE | re.VERBOSE,
)


@cache
def find_executable() -> str:
    """Return ffmpeg's path: the environment's RYTHMO_FFMPEG, else the one in imageio-ffmpeg's wheel."""
    chosen = os.environ.get("RYTHMO_FFMPEG")
    if chosen:
        return chosen
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        raise EngineMissingError(
            "There is no ffmpeg on this machine.", hint="Install it, or point RYTHMO_FFMPEG at one."
        ) from error


def file_url(path: Path) -> str:
    """Return a path in the form that ffmpeg cannot take for an option, a protocol or a pattern."""
    return "file:" + os.path.abspath(path)  # noqa: PTH100 - resolve() would follow links


def input_arguments(path: Path, *options: str) -> list[str]:
    """Return the arguments that open one input file and nothing else."""
    return ["-protocol_whitelist", "file,pipe", "-format_whitelist", FORMATS, *options, "-i", file_url(path)]


def run(
    args: Sequence[str],
    *,
    input: bytes | None = None,  # noqa: A002 - the name subprocess.run gave it
    progress: Callable[[float], None] | None = None,
    cancel: CancelToken = NEVER,
    timeout: float = TIMEOUT,
    output: Path | None = None,
) -> bytes:
    """Run ffmpeg to its end and return what it wrote to its standard output.

    `progress` is called with the seconds of output written so far. `output` is the user's name for the file
    being written, where that is not the last argument. Raises CancelledError (the child is killed first),
    OutputError (disk full, output not writable) or MediaError.
    """
    with stream(
        args, input=input, progress=progress, cancel=cancel, timeout=timeout, output=output
    ) as blocks:
        return b"".join(blocks)


@contextmanager
def stream(
    args: Sequence[str],
    *,
    input: bytes | None = None,  # noqa: A002 - as in `run`
    progress: Callable[[float], None] | None = None,
    cancel: CancelToken = NEVER,
    timeout: float = TIMEOUT,
    block: int = 1 << 20,
    output: Path | None = None,
) -> Iterator[Iterator[bytes]]:
    """Run ffmpeg and yield its standard output in blocks of up to `block` bytes; otherwise as `run`.

    When the `with` block ends, for whatever reason, the child has been killed and reaped.
    """
    cancel.check()
    command = [find_executable(), "-hide_banner", "-nostdin", "-v", "error"]
    if progress is not None:
        command += ["-progress", "pipe:2", "-stats_period", "0.2"]
    with _child([*command, "-y", *args], input) as child:
        watch = _Watch(child, progress, cancel, time.monotonic() + timeout)
        watch.start()
        try:
            yield _blocks(child, watch, block, args, output or Path(_output_name(args)))
        finally:
            child.kill()
            watch.join()


def cut_frames(blocks: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Yield raw frames of `size` bytes out of blocks of any length; what is left at the end comes last."""
    left = bytearray()
    for block in blocks:
        left += block
        while len(left) >= size:
            yield bytes(left[:size])
            del left[:size]
    if left:
        yield bytes(left)


def feed(
    args: Sequence[str],
    blocks: Iterable[bytes | memoryview],
    *,
    cancel: CancelToken = NEVER,
    output: Path | None = None,
) -> None:
    """Run ffmpeg on `blocks` at its standard input, one at a time; it must write to a file, not to us.

    Raises as `run`, and what `blocks` raises; the child is killed first.
    """
    cancel.check()
    command = [find_executable(), "-hide_banner", "-v", "error", "-y", *args]
    # Errors go to a file: a pipe that nobody reads while we write could block both.
    with (
        tempfile.TemporaryFile() as errors,
        _start(command, subprocess.PIPE, subprocess.DEVNULL, errors) as child,
    ):
        try:
            broken = not _pour(child, blocks, cancel)
            code = child.wait()
        finally:
            child.kill()
            with suppress(OSError):  # what is left in its pipe cannot be written any more
                assert child.stdin is not None
                child.stdin.close()
        if code != 0 or broken:
            errors.seek(0)
            lines = errors.read().decode("utf-8", "replace").splitlines()[-50:]
            raise explain_failure(lines, args, output or Path(_output_name(args)))


def _pour(child: subprocess.Popen[bytes], blocks: Iterable[bytes | memoryview], cancel: CancelToken) -> bool:
    """Write blocks to the child. Return False when it stopped reading."""
    assert child.stdin is not None
    for block in blocks:
        cancel.check()
        try:
            child.stdin.write(block)
        except OSError:  # a broken pipe, which Windows reports in other words
            return False
    with suppress(OSError):
        child.stdin.close()
        return True
    return False


@contextmanager
def _child(command: list[str], data: bytes | None) -> Iterator[subprocess.Popen[bytes]]:
    """Start the child process. A file, not a pipe, feeds it, so it can never block on us."""
    with tempfile.TemporaryFile() as source:
        if data is not None:
            source.write(data)
            source.seek(0)
        stdin = source if data is not None else subprocess.DEVNULL
        with _start(command, stdin, subprocess.PIPE, subprocess.PIPE) as child:
            yield child


def _start(
    command: list[str], stdin: int | IO[bytes], stdout: int, stderr: int | IO[bytes]
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - the program is ours, the arguments are a list
            command, stdin=stdin, stdout=stdout, stderr=stderr
        )
    except (OSError, ValueError) as error:
        raise EngineMissingError(
            f"ffmpeg does not start: {error}.", hint="Point RYTHMO_FFMPEG at a working ffmpeg."
        ) from error


@dataclass(eq=False)
class _Watch:
    """Reads stderr and watches the time, in threads, while the caller reads stdout."""

    child: subprocess.Popen[bytes]
    progress: Callable[[float], None] | None
    cancel: CancelToken
    deadline: float
    lines: list[str] = field(default_factory=list)
    late: bool = False
    failure: BaseException | None = None
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        self._threads = [threading.Thread(target=run, daemon=True) for run in (self._listen, self._guard)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _listen(self) -> None:
        assert self.child.stderr is not None
        for raw in self.child.stderr:
            line = raw.decode("utf-8", "replace").strip()
            if line.startswith("out_time_us=") and self.progress is not None and self.failure is None:
                self._tell(line.partition("=")[2])
            elif line and not _PROGRESS.match(line):
                self.lines = [*self.lines[-49:], line]

    def _tell(self, microseconds: str) -> None:
        assert self.progress is not None
        try:
            if microseconds.lstrip("-").isdigit():  # it says N/A before the first packet
                self.progress(max(0.0, int(microseconds) / 1e6))
        except BaseException as error:  # noqa: BLE001 - a thread's border: raised again in the caller's thread
            self.failure = error
            self.child.kill()

    def _guard(self) -> None:
        while self.child.returncode is None:
            self.late = time.monotonic() > self.deadline
            if self.late or self.cancel.is_cancelled:
                self.child.kill()
                return
            try:
                self.child.wait(_POLL)
            except subprocess.TimeoutExpired:
                continue


def _blocks(
    child: subprocess.Popen[bytes], watch: _Watch, size: int, args: Sequence[str], output: Path
) -> Iterator[bytes]:
    assert child.stdout is not None
    while data := _read(child.stdout, size):
        watch.cancel.check()
        yield data
    code = child.wait()
    watch.join()
    watch.cancel.check()
    if watch.failure is not None:
        raise watch.failure
    if watch.late:
        raise MediaError(
            f"ffmpeg took too long over {_input_name(args)}.", hint="Check that the file plays elsewhere."
        )
    if code != 0:
        raise explain_failure(watch.lines, args, output)


def _read(pipe: IO[bytes], size: int) -> bytes:
    return pipe.read(size)


def explain_failure(lines: Sequence[str], args: Sequence[str], output: Path) -> RythmoError:
    """Turn ffmpeg's error lines into an error for the user."""
    # File names may hold newlines and may look like a reason, so they are removed first.
    said = "\n".join(lines)
    for word in args:
        if word.startswith("file:"):
            said = said.replace(word, "the file").replace(word.removeprefix("file:"), "the file")
    lines = said.splitlines()
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return make_disk_full_error(output)
    reason = _reason(lines)
    if re.search(r"Error opening output|Could not write header|Could not find tag", said):
        return OutputError(
            f"ffmpeg cannot write {make_printable(output)}: {reason}", hint="Try another folder or format."
        )
    return MediaError(
        f"ffmpeg cannot use {_input_name(args)}: {reason}",
        hint="Check that the file plays, or convert it first.",
    )


def _reason(lines: Sequence[str]) -> str:
    """Return the last line that says something, without ffmpeg's own addresses."""
    clear = [_PREFIX.sub("", _PREFIX.sub("", line)) for line in lines]
    telling = [line for line in clear if not _VAGUE.match(line)] or clear or ["it gave no reason"]
    return make_printable(telling[-1][:300])


def _input_name(args: Sequence[str]) -> str:
    inputs = [args[i + 1] for i, word in enumerate(args[:-1]) if word == "-i"]
    return make_printable(inputs[0].removeprefix("file:")) if inputs else "its input"


def _output_name(args: Sequence[str]) -> str:
    return args[-1].removeprefix("file:") if args else "its output"
