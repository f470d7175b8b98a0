"""Every benchmark of the sound, and the overlap, one after another: `python -m benchmarks`; or some, by name.

    python -m benchmarks edit fit

Each runs in a process of its own and writes its page into docs/benchmarks:

    mix      our mix beside pydub overlay, a whole-buffer mix and ffmpeg amix
    edit     one line edited in a two-hour project
    stretch  the stretchers, beside each other, on speech
    fit      how lines fit, over the example and the recordings of RYTHMO_TEST_DATA
    joins    the bed's joins and stretched lines of the example, drawn
    bed      the embedded separators on speech over known beds
    speakers the diarizers on recordings with known turns
    embedded the embedded engines on whole dubs of the example and of the recordings of RYTHMO_TEST_DATA
    voices   the voices of the example's dub
    speed    the time and memory of the example's dub
    overlap  sixty lines beside the slowest stage's own bound

`--quick` is for trying them out: small programmes, and pages in the scratch folder only.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
EXAMPLE = HERE.parent / "examples" / "scene.mp4"
_MEDIA = {".wav", ".flac", ".mp3", ".mp4"}


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    commands = _quick() if options.quick else _whole()
    if unknown := set(options.names) - set(commands):
        parser.error(f"there is no {min(unknown)}; there are {', '.join(commands)}")
    failed = [name for name in options.names or commands if not _run(name, commands[name])]
    print("\nAll done." if not failed else f"\nFailed: {', '.join(failed)}")
    return 1 if failed else 0


def _run(name: str, arguments: list[str]) -> bool:
    print(f"\n== {name}", flush=True)
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, *arguments], check=False)
    print(f"== {name}: {time.perf_counter() - begun:.0f} s", flush=True)
    return done.returncode == 0


def _script(name: str) -> str:
    return str(HERE / f"{name}.py")


def _whole() -> dict[str, list[str]]:
    return {
        "mix": [_script("mix"), "--again"],
        "edit": [_script("edit_line")],
        "stretch": [_script("stretch")],
        "fit": [_script("fit"), str(EXAMPLE), *_recordings()],
        "joins": [_script("joins")],
        "bed": [_script("bed"), "--write"],
        "speakers": [_script("diarization"), "--write"],
        "embedded": [_script("embedded")],
        "voices": [_script("voices")],
        "speed": [_script("speed"), "--write"],
        "overlap": [_script("overlap"), "--write"],
    }


def _quick() -> dict[str, list[str]]:
    scratch = Path(tempfile.gettempdir(), "rythmo-benchmark-quick")
    small = ["--minutes", "2", "--lines", "50", "--scratch"]
    return {
        "mix": [_script("mix"), "--again", *small, str(scratch / "mix"), "--write", str(scratch / "mix.md")],
        "edit": [_script("edit_line"), *small, str(scratch / "edit"), "--write", str(scratch / "edit.md")],
        "stretch": [_script("stretch"), "--write", str(scratch)],
        "fit": [_script("fit"), str(EXAMPLE), "--write", str(scratch / "fit.md")],
        "joins": [_script("joins"), "--write", str(scratch)],
        "voices": [_script("voices"), "--write", str(scratch / "voices.md")],
        "overlap": [_script("overlap")],
    }


def _recordings() -> list[str]:
    folder = os.environ.get("RYTHMO_TEST_DATA")
    found = sorted(Path(folder, "media").iterdir()) if folder else []
    return [str(path) for path in found if path.suffix in _MEDIA]


if __name__ == "__main__":
    sys.exit(main())
