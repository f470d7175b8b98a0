"""The worker process that speaks with espeak-ng, which keeps its licence (GPL-3.0) and its crashes out of
Rythmo.

It is run by file path as `python -I -S worker.py LIBRARY DATA_FOLDER SCRATCH_FOLDER` and uses the standard
library only. The protocol, over stdin and stdout, little-endian, one request at a time:

    request   one line of JSON: {"voice": text of a voice file, "text": ..., "rate": words a minute}
    answer    one line of JSON: {"rate": 22050, "bytes": N}, then N bytes of 16-bit mono samples
    request   {"voice": text of a voice file, "phonemes": [text, ...]}
    answer    {"bytes": N}, then a JSON list of IPA, one for each text; "^" ties the letters of one phoneme
    or, to either, {"error": "what went wrong"}

The first message is {"ready": true} or {"error": ...}. The process ends when stdin closes.

espeak-ng keeps state between utterances (flutter, noise), so the same text sounds different each time. Here
the library is reloaded and seeded for each request, which takes 5 ms, so that the same request gives the same
bytes.
"""

from __future__ import annotations

import _ctypes
import contextlib
import ctypes
import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

_SYNCHRONOUS = 2
# Without this flag the library ends the process when it doesn't find its data.
_DO_NOT_EXIT = 0x8000
_RATE, _VOLUME = 1, 2
# The volume, out of 100, at which some voices clip.
_QUIET = 60
_UTF8 = 1
# IPA with "^" between the letters of one phoneme, so that a diphthong isn't read as two vowels.
_IPA_WITH_TIES = 0x02 | 0x80 | ord("^") << 8
_SEED = 1
_DATA, _VOICE = "d", "voice"

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class WorkerError(Exception):
    """An error to report to the parent process."""


def main(arguments: list[str]) -> int:
    """Answer requests until stdin closes."""
    # Ctrl-C goes to the whole process group; the parent decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    with tempfile.TemporaryDirectory(dir=arguments[2]) as folder:
        try:
            library = Path(arguments[0]).resolve()
            os.chdir(folder)
            _link(Path(arguments[1]).resolve())
            with _loaded(library):
                pass
        except (WorkerError, OSError) as error:
            _answer(stdout, {"error": str(error)})
            return 1
        _answer(stdout, {"ready": True})
        for line in stdin:
            _serve(json.loads(line), library, stdout)
        os.chdir(arguments[2])
    return 0


def _link(data: Path) -> None:
    """Link the data folder as `d` in the current folder.

    espeak-ng stores the path of its data in 160 bytes and that of a voice file in 60, in lower case, and
    Windows reads both in its code page. From a folder of our own, both paths are short and ASCII.
    """
    if sys.platform == "win32":
        import _winapi

        # On Windows, symbolic links need a privilege; junctions don't.
        _winapi.CreateJunction(str(data), _DATA)
    else:
        Path(_DATA).symlink_to(data, target_is_directory=True)


def _serve(request: dict[str, Any], library: Path, stdout: BinaryIO) -> None:
    try:
        Path(_VOICE).write_text(request["voice"], "utf-8")
        if "phonemes" in request:
            found = json.dumps(_phonemes(library, request["phonemes"])).encode("ascii")
            _answer(stdout, {"bytes": len(found)}, found)
            return
        rate, sound = _speak(library, request["text"], int(request["rate"]))
    except (WorkerError, OSError, KeyError, ValueError, TypeError) as error:
        _answer(stdout, {"error": f"{type(error).__name__}: {error}"})
        return
    _answer(stdout, {"rate": rate, "bytes": len(sound)}, sound)


def _answer(stdout: BinaryIO, header: dict[str, Any], body: bytes = b"") -> None:
    stdout.write(json.dumps(header).encode("ascii") + b"\n" + body)
    stdout.flush()


def _speak(library: Path, text: str, words_a_minute: int) -> tuple[int, bytes]:
    heard = bytearray()

    def collect(samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            heard.extend(ctypes.string_at(samples, count * 2))
        return 0

    with _loaded(library) as (lib, rate):
        # This reference keeps the callback alive until the library has finished.
        callback = _Callback(collect)
        lib.espeak_SetSynthCallback(callback)
        lib.espeak_ng_SetRandSeed(ctypes.c_long(_SEED))
        _check(lib.espeak_ng_SetVoiceByFile(_VOICE.encode("ascii")), "the voice was refused")
        _check(lib.espeak_SetParameter(_VOLUME, _QUIET, 0), "the volume was refused")
        _check(lib.espeak_SetParameter(_RATE, words_a_minute, 0), "the rate was refused")
        # Without the flags for SSML and phonemes, "<", "&" and "[[" are plain characters.
        encoded = text.encode("utf-8") + b"\0"
        code = lib.espeak_Synth(encoded, ctypes.c_size_t(len(encoded)), 0, 0, 0, _UTF8, None, None)
        _check(code, "the text was refused")
        _check(lib.espeak_Synchronize(), "the synthesis stopped")
    return rate, bytes(heard)


def _phonemes(library: Path, texts: list[str]) -> list[str]:
    with _loaded(library) as (lib, _):
        translate = lib.espeak_TextToPhonemes
        translate.restype = ctypes.c_char_p
        _check(lib.espeak_ng_SetVoiceByFile(_VOICE.encode("ascii")), "the voice was refused")
        return [_clauses(translate, text) for text in texts]


def _clauses(translate: Any, text: str) -> str:
    """Return a text's phonemes. The library takes one clause per call and moves the pointer past it."""
    buffer = ctypes.create_string_buffer(text.encode("utf-8"))
    at = ctypes.c_void_p(ctypes.addressof(buffer))
    found = []
    while at.value:
        found.append(translate(ctypes.byref(at), _UTF8, _IPA_WITH_TIES) or b"")
    return b" ".join(found).decode("utf-8").strip()


def _check(code: int, what: str) -> None:
    if code != 0:
        raise WorkerError(f"{what} (espeak-ng's code {code})")


@contextlib.contextmanager
def _loaded(library: Path) -> Iterator[tuple[ctypes.CDLL, int]]:
    """Provide the freshly loaded library and its sample rate in Hz, and unload it afterwards."""
    lib = ctypes.CDLL(str(library))
    try:
        rate = int(lib.espeak_Initialize(_SYNCHRONOUS, 0, _DATA.encode("ascii"), _DO_NOT_EXIT))
        if rate <= 0:
            raise WorkerError(f"espeak-ng cannot find its data in {Path(_DATA).resolve()}")
        yield lib, rate
        lib.espeak_Terminate()
    finally:
        _unload(lib)


def _unload(lib: ctypes.CDLL) -> None:
    handle = lib._handle  # noqa: SLF001 - ctypes has no public way to unload
    if sys.platform == "win32":
        _ctypes.FreeLibrary(handle)
    else:
        _ctypes.dlclose(handle)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
