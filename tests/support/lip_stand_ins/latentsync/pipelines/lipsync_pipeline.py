"""Stand-in: as `LipsyncPipeline` treats frames, faces and sound, in that order."""

import math
import os
import shutil
import subprocess

import numpy as np
from lip_drawings import FFMPEG, paint, read_any

from ..utils.image_processor import ImageProcessor


def read_video(path, change_fps=True, use_decord=True):
    shutil.rmtree("temp", ignore_errors=True)
    os.makedirs("temp")
    subprocess.run(
        [FFMPEG, "-loglevel", "error", "-y", "-i", path, "-r", "25", "-crf", "18", "temp/video.mp4"]
    )
    return read_any("temp/video.mp4")


def write_video(path, frames, fps):
    height, width = frames.shape[1:3]
    command = [
        FFMPEG,
        "-y",
        "-loglevel",
        "error",
        "-f",
        "rawvideo",
        "-pix_fmt",
        "rgb24",
        "-s",
        f"{width}x{height}",
    ]
    command += ["-r", str(fps), "-i", "-", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-crf", "13", path]
    subprocess.run(command, input=np.ascontiguousarray(frames).tobytes())


class LipsyncPipeline:
    def __init__(self, vae, audio_encoder, unet, scheduler):
        self.audio_encoder = audio_encoder

    def to(self, device):
        return self

    def affine_transform_video(self, frames):
        return [self.image_processor.affine_transform(frame) for frame in frames]

    def loop_video(self, chunks, frames):
        if len(chunks) <= len(frames):
            frames = frames[: len(chunks)]
            return frames, self.affine_transform_video(frames)
        faces = self.affine_transform_video(frames)
        turns = range(math.ceil(len(chunks) / len(frames)))
        looped = np.concatenate([frames[:: -1 if turn % 2 else 1] for turn in turns])
        places = [face for turn in turns for face in faces[:: -1 if turn % 2 else 1]]
        return looped[: len(chunks)], places[: len(chunks)]

    def __call__(
        self, video_path, audio_path, video_out_path, num_frames=16, video_fps=25, audio_sample_rate=16000,
        height=None, width=None, num_inference_steps=20, guidance_scale=1.5, weight_dtype=None, eta=0.0,
        mask_image_path="latentsync/utils/mask.png", temp_dir="temp", **kwargs,
    ):  # fmt: skip
        self.image_processor = ImageProcessor(height, device="cuda")
        chunks = self.audio_encoder.feature2chunks(
            feature_array=self.audio_encoder.audio2feat(audio_path), fps=video_fps
        )
        frames, faces = self.loop_video(chunks, read_video(video_path, use_decord=False))
        made = np.stack([paint(*one) for one in zip(frames, faces, chunks)])
        shutil.rmtree(temp_dir, ignore_errors=True)
        os.makedirs(temp_dir)
        write_video(os.path.join(temp_dir, "video.mp4"), made, fps=video_fps)
        if os.path.exists(os.path.join(temp_dir, "video.mp4")):
            shutil.copyfile(os.path.join(temp_dir, "video.mp4"), video_out_path)
