"""What the stand-ins see, hear and paint: frames with their number on them, and rectangles as faces."""

import os
import wave

import av
import numpy as np
from PIL import Image

FFMPEG = os.environ.get("FFMPEG", "ffmpeg")
SKIN = (200, 60, 60)
SIDE, BLOCK, BITS = 160, 8, 10


def draw(number, faces, side=SIDE):
    """Frame `number`: blocks that count in binary in its first rows, and a rectangle for each face."""
    frame = np.full((side, side, 3), 90, np.uint8)
    for bit in range(BITS):
        frame[:BLOCK, bit * BLOCK : (bit + 1) * BLOCK] = 255 * (number >> bit & 1)
    for left, top, right, bottom in faces:
        frame[max(0, top) : bottom, max(0, left) : right] = SKIN
    return frame


def number_of(frame):
    """The number that the blocks show, at any size of the frame."""
    unit = frame.shape[0] // SIDE * BLOCK
    middle = unit // 2
    return sum((frame[middle, bit * unit + middle].mean() > 127) << bit for bit in range(BITS))


def find_rectangles(frame):
    """Boxes of skin, from the left; rectangles do not overlap in columns."""
    skin = np.abs(frame.astype(int) - SKIN).sum(axis=2) < 60
    columns = np.flatnonzero(skin.any(axis=0))
    boxes = []
    for part in np.split(columns, np.flatnonzero(np.diff(columns) > 1) + 1):
        if len(part):
            rows = np.flatnonzero(skin[:, part].any(axis=1))
            boxes.append((int(part[0]), int(rows[0]), int(part[-1]) + 1, int(rows[-1]) + 1))
    return boxes


def paint(frame, box, heard):
    """The frame with the lower half of the box as bright as the sound is loud."""
    left, top, right, bottom = (int(edge) for edge in box)
    frame = frame.copy()
    frame[(top + bottom) // 2 : bottom, left:right] = round(255 * min(1.0, float(heard)))
    return frame


def loudness(path):
    """Mean level of each fiftieth of a second, by the rate that the WAV states."""
    with wave.open(str(path)) as file:
        rate, samples = file.getframerate(), np.frombuffer(file.readframes(file.getnframes()), "<i2")
    edges = np.arange(int(len(samples) / rate * 50) + 1) * rate / 50
    level = np.concatenate([[0], np.cumsum(np.abs(samples / 32768))])
    return np.diff(np.interp(edges, np.arange(len(level)), level)) / (rate / 50)


def read_any(path):
    with av.open(str(path)) as film:
        return np.stack([frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)])


def rate_of(path):
    with av.open(str(path)) as film:
        return float(film.streams.video[0].average_rate)


def load_png(path):
    return np.array(Image.open(path).convert("RGB"))[:, :, ::-1]


def save_png(path, picture):
    Image.fromarray(np.ascontiguousarray(picture[:, :, ::-1])).save(path)


def resize(frame, size, interpolation=None):
    """As OpenCV's, for whole factors."""
    small = size[0] < frame.shape[1]
    return np.asarray(Image.fromarray(frame).resize(size, Image.BOX if small else Image.NEAREST))
