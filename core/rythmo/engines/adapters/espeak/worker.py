"""A process of its own that speaks with espeak-ng, so that its licence (GPL-3.0) and its crashes stay there.

Run by file path, `python -I -S worker.py LIBRARY DATA_FOLDER`: standard library only. Protocol, over
stdin and stdout, little-endian, one request at a time:

    request   one line of JSON: {"voice": text of a voice file, "text": ..., "rate": words a minute}
    answer    one line of JSON: {"rate": 22050, "bytes": N}, then N bytes of 16-bit mono samples
    request   {"voice": text of a voice file, "phonemes": [text, ...]}
    answer    {"bytes": N}, then a JSON list of IPA, one for each text; "^" ties the letters of one phoneme
    or, to either, {"error": "what went wrong"}

It greets with {"ready": true} or {"error": ...}, and ends when stdin closes.

espeak-ng keeps state from one utterance to the next (flutter, noise), so the same text sounds different
each time. Here the library is loaded anew and seeded for each request, 5 ms each: same request, same bytes.
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
_DO_NOT_EXIT = 0x8000
"""Else the library ends the process when it does not find its data."""
_RATE, _VOLUME = 1, 2
_QUIET = 60
"""Of 100: some of its voices clip at 100."""
_UTF8 = 1
_IPA_WITH_TIES = 0x02 | 0x80 | ord("^") << 8
"""IPA, with "^" between the letters of one phoneme: a diphthong is not two vowels."""
_SEED = 1
_DATA, _VOICE = "d", "voice"

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class WorkerError(Exception):
    """Something the caller should read."""


def main(arguments: list[str]) -> int:
    """Serve until stdin closes."""
    # Ctrl-C goes to the whole process group; the parent decides what happens to this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    with tempfile.TemporaryDirectory(prefix="rythmo-espeak-") as folder:
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
        os.chdir(Path(folder).parent)
    return 0


def _link(data: Path) -> None:
    """Makes the data folder `d` of the current one.

    espeak-ng keeps the path of its data in 160 bytes and that of a voice file in 60, in small letters, and
    Windows reads both in its code page. Seen from a folder of our own, both are short and plain.
    """
    if sys.platform == "win32":
        import _winapi

        _winapi.CreateJunction(str(data), _DATA)  # symbolic links need a privilege there
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
        callback = _Callback(collect)  # kept alive until the library is done
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
    """The phonemes of a text: the library takes one clause at a time, and moves the pointer behind it."""
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
    """The library, fresh, and the rate of its sound in Hz; unloaded afterwards."""
    lib = ctypes.CDLL(str(library))
    try:
        rate = int(lib.espeak_Initialize(_SYNCHRONOUS, 0, _DATA.encode("ascii"), _DO_NOT_EXIT))
        if rate <= 0:
            raise WorkerError(f"espeak-ng does not find its data in {Path(_DATA).resolve()}")
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
