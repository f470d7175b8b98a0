"""MuseTalk 1.5 behind worker.py: lips in one step, 256 pixels, several times faster than diffusion.

    git clone https://github.com/TMElyralab/MuseTalk && cd MuseTalk       (then its README: packages, weights)
    PYTHONPATH=. python PATH/worker.py PATH/models/musetalk_lips.py --port 8766

Settings of the process: MUSETALK_HALF (1: half precision), MUSETALK_BATCH (8 frames at once).
Options of Rythmo's worker engine: parsing (jaw; or raw, neck: what of the face is replaced), margin (10
pixels below the chin), cheek (90: half the width of the mouth's region, in pixels of 512).

GPU memory: 4 GB with half precision. Licence: MIT (code; its authors allow any use of the weights). What it
uses has licences of its own: Whisper and the VAE (MIT), DWPose (Apache-2.0), and the face parser, which
learned from CelebAMask-HQ (non-commercial research).

By itself MuseTalk looks for one box in each frame, and where it finds none all that follows is laid one
frame too early. It counts a frame rate of 23.976 as 23, so that the lips drift by one second in 24, hears the
sound 40 ms early at 24 frames a second, and ends its process at 50 and more. It makes as many frames as the
sound is long, and encodes them twice. Here each frame gets Rythmo's box; the film runs at the next whole rate
with the sound played as much faster, shifted by what the model would mishear; at 50 and more its frames are
dealt out to several films; and they are taken before they are encoded.
"""

import contextlib
import functools
import io
import json
import math
import os
import pickle
import sys
import tempfile
from argparse import Namespace
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parent))
from lip_film import FFMPEG, fraction, read_frames, write_frames, write_sound

HALF = os.environ.get("MUSETALK_HALF", "1") == "1"
BATCH = int(os.environ.get("MUSETALK_BATCH", "8"))

ABOUT = {
    "name": "musetalk",
    "version": "1.5",
    "licence": "MIT (code and weights; its face parser learned from data for non-commercial research)",
    "does": ["lips"],
}

from scripts import inference  # noqa: E402 - it loads for a long time

# Loaded once, not for each line.
inference.load_all_model = functools.lru_cache(maxsize=1)(inference.load_all_model)

# Whisper gives 50 sounds a second. The model learned to hear from two frames before to two after at 25 frames
# a second: 4 sounds before the frame's own.
SOUNDS, BEFORE = 50, 4
PAD_S = 0.2


def lips(video, sound, faces, rate, count, side, out, options=None, **_):
    """Move the lips of the face in these boxes; as many frames come out as went in."""
    frames = read_frames(video, rate, count, side)
    boxes = [box_of(face, side) for face in faces]
    whole, made = max(1, round(fraction(rate))), frames.copy()
    # Each frame is drawn by itself, so every second one may be drawn in another film.
    films = next(n for n in range(1, whole + 1) if whole % n == 0 and whole // n < SOUNDS)
    for first in range(min(films, count)):
        mine = slice(first, None, films)
        delay_s = first / fraction(rate)
        slow, true = whole // films, fraction(rate) / films
        made[mine] = run(frames[mine], boxes[mine], sound, slow, delay_s, true, options or {})
    write_frames(out, made, rate, [255] * count)


def run(frames, boxes, sound, whole, delay_s, rate, options):
    """The frames that MuseTalk's own script makes of a film of a whole rate, RGB, before they are encoded.

    `sound` begins `delay_s` seconds before the first frame. `rate` is that of the frames in truth.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        film, heard, task = (str(folder / one) for one in ("film.avi", "sound.wav", "task.yaml"))
        write_frames(film, frames, str(whole))
        # MuseTalk pads its sounds by whole frames: at 24 a second by 6 instead of 4.
        late_s = (2 * math.ceil(SOUNDS / whole) - BEFORE) / SOUNDS
        claimed = round(48_000 * whole / rate)
        write_sound(heard, sound, claimed, skip_s=delay_s + late_s, pad_s=PAD_S + delay_s + late_s)
        # The script reads boxes from here, beside its folder of results. JSON is YAML too.
        (folder / "film.pkl").write_bytes(pickle.dumps(boxes))
        tasks = {"task_0": {"video_path": film, "audio_path": heard, "bbox_shift": 0}}
        Path(task).write_text(json.dumps(tasks))
        return drawn(arguments(task, folder, options), len(frames))


def drawn(chosen, count):
    """The first `count` frames that the script draws."""
    made, own, talk = [], inference.get_image, io.StringIO()

    def kept(*args, **named):
        picture = own(*args, **named)
        if len(made) < count:
            made.append(np.ascontiguousarray(picture[:, :, ::-1]))
        return picture

    inference.get_image = kept
    try:
        with contextlib.redirect_stdout(talk):
            inference.main(chosen)
    except SystemExit:
        pass  # it ends the process when the sound does not reach
    finally:
        inference.get_image = own
    if len(made) < count:
        said = talk.getvalue().split("Error occurred during processing:")[1:]
        drew = f"MuseTalk drew {len(made)} of {count} frames"
        raise RuntimeError(said[0].strip()[-300:] if said else drew)
    return np.stack(made)


def arguments(task, folder, options):
    """The script's arguments: as its own defaults, but for boxes, precision and the user's options."""
    cheek = int(options.get("cheek", 90))
    return Namespace(
        ffmpeg_path=str(Path(FFMPEG).parent),
        gpu_id=0,
        vae_type="sd-vae",
        unet_config="./models/musetalkV15/musetalk.json",
        unet_model_path="./models/musetalkV15/unet.pth",
        whisper_dir="./models/whisper",
        inference_config=str(task),
        bbox_shift=0,
        result_dir=str(folder / "results"),
        extra_margin=int(options.get("margin", 10)),
        fps=25,
        audio_padding_length_left=2,
        audio_padding_length_right=2,
        batch_size=BATCH,
        output_vid_name=None,
        use_saved_coord=True,
        saved_coord=True,
        use_float16=HALF,
        parsing_mode=str(options.get("parsing", "jaw")),
        left_cheek_width=cheek,
        right_cheek_width=cheek,
        version="v15",
    )


def box_of(face, side):
    """The box that MuseTalk wants: as far above the bridge of the nose as the chin is below it."""
    left, top, right, bottom = face["box"]
    if face["points"]:
        eyes = (face["points"][0][1] + face["points"][1][1]) / 2
        nose, chin = face["points"][2][1], face["points"][7][1]
        # The point it measures from lies a third of the way from the tip of the nose to the eyes.
        bridge = nose - (nose - eyes) / 3
        top, bottom = 2 * bridge - chin, chin
    edges = [min(side, max(0, round(edge))) for edge in (left, top, right, bottom)]
    return (edges[0], edges[1], max(edges[2], edges[0] + 1), max(edges[3], edges[1] + 1))
