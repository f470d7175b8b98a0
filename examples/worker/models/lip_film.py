"""What the lip-sync wrappers share: films without loss as arrays and back, and sound for a model's clock.

Needs numpy, and ffmpeg on the PATH (or its path in the variable FFMPEG).
"""

import os
import subprocess
import wave

import numpy as np

FFMPEG = os.environ.get("FFMPEG", "ffmpeg")


def read_frames(video, rate, count, side):
    """All frames of the AVI, as they are: (count, side, side, 3), RGB, 8 bit."""
    # -r before -i: frames are taken one by one, whatever their times.
    command = [FFMPEG, "-v", "error", "-r", rate, "-i", video, "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    ran = subprocess.run(command, capture_output=True, check=False)
    if len(ran.stdout) != count * side * side * 3:
        raise ValueError(f"the film has not {count} frames of {side} pixels: {ran.stderr.decode()[-200:]}")
    return np.frombuffer(ran.stdout, np.uint8).reshape(count, side, side, 3)


def write_frames(out, frames, rate, wanted=None):
    """An AVI without loss. `wanted` has a number from 0 to 255 for each frame: how much of it to take."""
    count, height, width, _ = frames.shape
    given, kept = ("rgb24", "bgr0") if wanted is None else ("rgba", "bgra")
    command = [FFMPEG, "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", given, "-s", f"{width}x{height}"]
    command += ["-r", rate, "-i", "-", "-c:v", "ffv1", "-pix_fmt", kept, "-r", rate, out]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        for number in range(count):
            frame = np.ascontiguousarray(frames[number])
            if wanted is not None:
                frame = np.dstack([frame, np.full((height, width), wanted[number], np.uint8)])
            child.stdin.write(frame.tobytes())
        _, errors = child.communicate()
    if child.returncode:
        raise RuntimeError(f"ffmpeg could not write the film: {errors.decode()[-200:]}")


def write_sound(out, sound, rate=None, skip_s=0.0, pad_s=0.0):
    """The WAV once more, for a model's clock.

    `rate`: the rate that it claims to have (another one plays it faster or slower). `skip_s` seconds of the
    original are left out at its beginning; where it is negative, silence comes first. `pad_s` seconds of
    silence come last, so that the model does not stop before the last frame.
    """
    with wave.open(sound, "rb") as file:
        own, data = file.getframerate(), file.readframes(file.getnframes())
    samples = np.frombuffer(data, "<i2")
    skip = round(skip_s * own)
    samples = np.concatenate(
        [np.zeros(max(0, -skip), "<i2"), samples[max(0, skip) :], np.zeros(round(pad_s * own), "<i2")]
    )
    with wave.open(out, "wb") as file:
        file.setparams((1, 2, rate or own, 0, "NONE", ""))
        file.writeframes(samples.tobytes())
    return own


def fraction(rate):
    """24000/1001 as a number."""
    above, _, below = rate.partition("/")
    return int(above) / int(below or 1)
