"""LatentSync 1.6, or 1.5, behind worker.py: lips by diffusion, 512 pixels (1.5: 256).

    git clone https://github.com/bytedance/LatentSync && cd LatentSync      (then its README: setup_env.sh)
    PYTHONPATH=. python PATH/worker.py PATH/models/latentsync_lips.py --port 8766

Settings of the process: LATENTSYNC_VERSION (1.6; or 1.5), LATENTSYNC_CHECKPOINT
(checkpoints/latentsync_unet.pt), LATENTSYNC_FACES (insightface, as the model was trained with; or rythmo:
estimated from the places that Rythmo's own face mesh found, without InsightFace's weights).
Options of Rythmo's worker engine: steps (20; to 50: better and slower), guidance (1.5; to 3: closer to the
sound, may jitter).

GPU memory: 18 GB; 1.5: 8 GB. Licence: Apache-2.0 (code), OpenRAIL++ (the weights, as their page on Hugging
Face says). InsightFace's weights, which it finds faces with, are for non-commercial research only.

By itself LatentSync converts every film to 25 frames a second, takes the largest face of each frame, stops at
a frame without a face, plays the film forth and back when the sound is longer, and encodes the result twice.
Here the model is called at the film's own rate with frames in memory. It sees one face only: the rest is
painted over before it looks. Where it finds none, the face's place follows from the frames around it. The
sound is a little longer than the film, and what the model makes beyond the last frame is dropped.
"""

import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parent))
from lip_film import fraction, read_frames, write_frames, write_sound

VERSION = os.environ.get("LATENTSYNC_VERSION", "1.6")
CHECKPOINT = os.environ.get("LATENTSYNC_CHECKPOINT", "checkpoints/latentsync_unet.pt")
FACES = os.environ.get("LATENTSYNC_FACES", "insightface")
CONFIG = f"configs/unet/{'stage2' if VERSION == '1.5' else 'stage2_512'}.yaml"

# The detector refuses faces below 50 x 80 pixels; ours are made twice as high at least.
HEIGHT = 160
# The farthest, in seconds, that a place is carried over to frames in which the detector found none.
CARRIED_S = 0.25
PAD_S = 0.1

ABOUT = {
    "name": "latentsync",
    "version": f"{VERSION} {FACES}",
    "licence": "Apache-2.0 (code), OpenRAIL++ (weights)"
    + ("; InsightFace's weights: non-commercial" if FACES == "insightface" else ""),
    "does": ["lips"],
}

import cv2  # noqa: E402 - these load for a long time
import torch  # noqa: E402
from accelerate.utils import set_seed  # noqa: E402
from diffusers import AutoencoderKL, DDIMScheduler  # noqa: E402
from latentsync.models.unet import UNet3DConditionModel  # noqa: E402
from latentsync.pipelines import lipsync_pipeline  # noqa: E402
from latentsync.utils import image_processor  # noqa: E402
from latentsync.whisper.audio2feature import Audio2Feature  # noqa: E402
from omegaconf import OmegaConf  # noqa: E402

SETTINGS = OmegaConf.load(CONFIG)
HALF = torch.float16 if torch.cuda.get_device_capability()[0] > 7 else torch.float32


def load():
    """The pipeline, with the parts that scripts/inference.py gives it."""
    hearing = Audio2Feature(
        model_path="checkpoints/whisper/tiny.pt",
        device="cuda",
        num_frames=SETTINGS.data.num_frames,
        audio_feat_length=SETTINGS.data.audio_feat_length,
    )
    vae = AutoencoderKL.from_pretrained("stabilityai/sd-vae-ft-mse", torch_dtype=HALF)
    vae.config.scaling_factor, vae.config.shift_factor = 0.18215, 0
    unet, _ = UNet3DConditionModel.from_pretrained(
        OmegaConf.to_container(SETTINGS.model), CHECKPOINT, device="cpu"
    )
    scheduler = DDIMScheduler.from_pretrained("configs")
    return lipsync_pipeline.LipsyncPipeline(
        vae=vae, audio_encoder=hearing, unet=unet.to(dtype=HALF), scheduler=scheduler
    ).to("cuda")


PIPELINE = load()
# It stays as it is while another one is handed to the pipeline.
DETECTOR = image_processor.FaceDetector(device="cuda") if FACES == "insightface" else None


def lips(video, sound, faces, rate, count, side, out, seed=0, options=None, **_):
    """Move the lips of the face in these boxes; as many frames come out as went in."""
    frames = read_frames(video, rate, count, side)
    scale = max(1, -(-HEIGHT // max(1, int(np.median([height(face["box"]) for face in faces])))))
    shown = frames if scale == 1 else resized(frames, side * scale)
    places = [scaled(face, scale) for face in faces]
    found = [marks_of(place) for place in places] if DETECTOR is None else look(shown, places)
    marks, wanted = carried(found, places, CARRIED_S * fraction(rate))
    with tempfile.TemporaryDirectory() as folder:
        longer = str(Path(folder) / "sound.wav")
        write_sound(longer, sound, pad_s=PAD_S)
        made = run(shown, marks, longer, fraction(rate), seed, options or {}, folder)
    if len(made) < count:
        raise RuntimeError(f"LatentSync made {len(made)} of {count} frames")
    write_frames(out, resized(made[:count], side), rate, wanted)


def run(frames, marks, sound, rate, seed, options, folder):
    """What the model makes of the frames, before anything is encoded."""
    made = []
    set_seed(seed)
    with handed(frames, marks, made):
        PIPELINE(
            video_path="frames in memory",
            audio_path=sound,
            video_out_path=str(Path(folder) / "unused.mp4"),
            num_frames=SETTINGS.data.num_frames,
            video_fps=rate,
            num_inference_steps=int(options.get("steps", 20)),
            guidance_scale=float(options.get("guidance", 1.5)),
            weight_dtype=HALF,
            width=SETTINGS.data.resolution,
            height=SETTINGS.data.resolution,
            mask_image_path=SETTINGS.data.mask_image_path,
            temp_dir=str(Path(folder) / "temp"),
        )
    return np.asarray(made[0]) if made else np.zeros((0,))


@contextmanager
def handed(frames, marks, made):
    """Hand the pipeline frames and faces instead of files, and take its frames from it."""

    class Places:
        def __init__(self, device=None):
            self.left = iter(marks)

        def __call__(self, frame):
            found = next(self.left)
            return (*found.min(axis=0), *found.max(axis=0)), found

    taps = [
        (lipsync_pipeline, "read_video", lambda *_, **__: frames),
        (lipsync_pipeline, "write_video", lambda _path, result, **_: made.append(result)),
        (image_processor, "FaceDetector", Places),
    ]
    kept = [(where, name, getattr(where, name)) for where, name, _ in taps]
    try:
        for where, name, tap in taps:
            setattr(where, name, tap)
        yield
    finally:
        for where, name, own in kept:
            setattr(where, name, own)


def look(frames, places):
    """The detector's 106 points of the face in each box; None where it finds none there."""
    found = []
    for frame, place in zip(frames, places, strict=True):
        alone, box = only(frame, place["box"]), place["box"]
        seen, points = DETECTOR(alone)
        middle = None if seen is None else ((seen[0] + seen[2]) / 2, (seen[1] + seen[3]) / 2)
        inside = middle and box[0] < middle[0] < box[2] and box[1] < middle[1] < box[3]
        found.append(np.asarray(points) if inside else None)
    return found


def only(frame, box):
    """The frame with everything painted grey that lies far from the face."""
    left, top, right, bottom = box
    wide, high = 0.5 * (right - left), 0.5 * (bottom - top)
    side = frame.shape[0]
    rows = slice(max(0, int(top - high)), min(side, int(bottom + high)))
    columns = slice(max(0, int(left - wide)), min(side, int(right + wide)))
    alone = np.full_like(frame, 127)
    alone[rows, columns] = frame[rows, columns]
    return alone


# Those of the 106 points that LatentSync lays the face by: the brows, and the nose.
LEFT_BROW, RIGHT_BROW, NOSE = (43, 48, 49, 51, 50), (101, 102, 103, 104, 105), (74, 77, 83, 86)
# How far the middle of a brow lies above its eye, and that of the nose above its tip, over the distance from
# the eyes to the tip of the nose.
BROW, BRIDGE = 0.45, 0.35


def marks_of(place):
    """The points that LatentSync lays a face by, from those that Rythmo knows; None without any."""
    if not place["points"]:
        return None
    right, left, nose = (np.array(place["points"][n]) for n in range(3))
    up = (right + left) / 2 - nose
    marks = np.tile(nose, (106, 1))
    # As in the picture: LatentSync's "left" is the one on the picture's left.
    marks[list(LEFT_BROW)] = right + BROW * up
    marks[list(RIGHT_BROW)] = left + BROW * up
    marks[list(NOSE)] = nose + BRIDGE * up
    return np.round(marks).astype(int)


def carried(found, places, farthest):
    """Points for every frame, and how much of each frame to take: nothing far from where a face was found."""
    known = [number for number, marks in enumerate(found) if marks is not None]
    if not known:
        raise ValueError(
            "LatentSync's detector finds no face in these frames: it is too small or turned away"
        )
    marks, wanted = [], []
    for number, place in enumerate(places):
        near = min(known, key=lambda other: abs(other - number))
        marks.append(moved(found[near], places[near]["box"], place["box"]))
        wanted.append(255 if abs(near - number) <= farthest else 0)
    return marks, wanted


def moved(marks, before, now):
    """Points of one box, laid into another."""
    first, second = np.array(before[:2]), np.array(now[:2])
    grown = (np.array(now[2:]) - second) / np.maximum(1, np.array(before[2:]) - first)
    return np.round((marks - first) * grown + second).astype(int)


def height(box):
    """The height of a box."""
    return box[3] - box[1]


def scaled(face, scale):
    """A face in a picture made larger."""
    points = [[scale * x, scale * y] for x, y in face["points"]]
    return {"box": [scale * edge for edge in face["box"]], "points": points}


def resized(frames, side):
    """Frames of another size."""
    if frames.shape[1] == side:
        return frames
    way = cv2.INTER_AREA if side < frames.shape[1] else cv2.INTER_CUBIC
    return np.stack([cv2.resize(frame, (side, side), interpolation=way) for frame in frames])
