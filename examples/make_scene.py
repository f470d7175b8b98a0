"""Make `scene.mp4`, the example that `make demo` dubs, and the truth it is measured against.

For developers; the results are committed. It needs Debian's `flite` (2.2: its shared libraries and the
voices slt, awb and rms) besides the project's `dev` packages. Music, ambience and picture are
drawn and synthesised by the modules in `scene/`. Every run gives the same truth and the same sound.

    .venv/bin/python examples/make_scene.py                  # everything, next to this file
    .venv/bin/python examples/make_scene.py --sound-only     # new sound and truth under the picture there is
    .venv/bin/python examples/make_scene.py --out /tmp/scene
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from scene.package import encode_picture, wrap, write_truth
from scene.picture import frames
from scene.programme import build


def main() -> None:
    """Parse the arguments and make the files."""
    parser = argparse.ArgumentParser(description="Make the example scene and its truth.")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent, help="folder to write into")
    parser.add_argument(
        "--sound-only", action="store_true", help="keep the picture of the scene.mp4 in the folder"
    )
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    target = arguments.out / "scene.mp4"
    programme = build()
    write_truth(programme, arguments.out)
    with tempfile.TemporaryDirectory() as folder:
        picture = target
        if not arguments.sound_only:
            picture = Path(folder) / "picture.mp4"
            encode_picture(frames(programme), picture)
        wrap(picture, programme.mix, target)
    print(f"{target}: {programme.frames} frames, {target.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
