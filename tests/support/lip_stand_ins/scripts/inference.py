"""Stand-in: as MuseTalk's `scripts/inference.py` treats frames, boxes and sound, in that order."""

import copy
import glob
import json
import math
import os
import pickle
import shutil
import subprocess

import numpy as np
from lip_drawings import FFMPEG, find_rectangles, load_png, loudness, paint, rate_of, save_png

coord_placeholder = (0.0, 0.0, 0.0, 0.0)
loaded = []


def load_all_model(unet_model_path, vae_type, unet_config, device):
    loaded.append(unet_model_path)
    return object(), object(), object()


def get_landmark_and_bbox(names, shift):
    frames = [load_png(name) for name in names]
    found = [find_rectangles(frame[:, :, ::-1]) for frame in frames]
    return [tuple(boxes[0]) if boxes else coord_placeholder for boxes in found], frames


def get_whisper_chunk(sounds, length_s, fps):
    fps = int(fps)
    step, pad = 50 / fps, math.ceil(50 / fps)
    sounds = sounds[: math.floor(length_s * 50)]
    padded = np.concatenate([np.zeros(2 * pad), sounds, np.zeros(6 * pad)])
    chunks = []
    for number in range(math.floor(length_s * fps)):
        heard = padded[math.floor(number * step) :][:10]
        if len(heard) != 10:
            raise SystemExit
        chunks.append(heard.mean())
    return chunks


def get_image(picture, mouth, box, mode=None, fp=None):
    return paint(picture[:, :, ::-1], box, mouth)[:, :, ::-1]


def main(args):
    load_all_model(args.unet_model_path, args.vae_type, args.unet_config, "cuda:0")
    with open(args.inference_config) as file:
        tasks = json.load(file)
    for task in tasks.values():
        try:
            _run(args, task["video_path"], task["audio_path"])
        except Exception as error:
            print("Error occurred during processing:", error)


def _run(args, video, audio):
    name = os.path.basename(video).split(".")[0]
    folder = os.path.join(args.result_dir, args.version)
    saved = os.path.join(args.result_dir, "../", name + ".pkl")
    pictures, results = os.path.join(folder, name), os.path.join(folder, f"{name}_out")
    for one in (pictures, results):
        os.makedirs(one, exist_ok=True)
    subprocess.run([FFMPEG, "-v", "fatal", "-i", video, "-start_number", "0", f"{pictures}/%08d.png"])
    names = sorted(glob.glob(f"{pictures}/*.png"))
    sounds = loudness(audio)
    chunks = get_whisper_chunk(sounds, len(sounds) / 50, rate_of(video))
    if os.path.exists(saved) and args.use_saved_coord:
        with open(saved, "rb") as file:
            boxes = pickle.load(file)
        frames = [load_png(one) for one in names]
    else:
        boxes, frames = get_landmark_and_bbox(names, 0)
    # Only frames with a box have a latent, but results are laid on all frames in order.
    latents = [number for number, box in enumerate(boxes) if box != coord_placeholder]
    latents, frames, boxes = (one + one[::-1] for one in (latents, frames, boxes))
    made = [(latents[number % len(latents)], heard) for number, heard in enumerate(chunks)]
    for number, (_, heard) in enumerate(made):
        left, top, right, bottom = boxes[number % len(boxes)]
        bottom = min(bottom + args.extra_margin, frames[0].shape[0])
        if right <= left or bottom <= top:
            continue
        picture = copy.deepcopy(frames[number % len(frames)])
        whole = get_image(picture, heard, [left, top, right, bottom], mode=args.parsing_mode, fp=None)
        save_png(f"{results}/{number:08d}.png", whole)
    out = os.path.join(folder, f"{name}_{os.path.basename(audio).split('.')[0]}.mp4")
    command = [FFMPEG, "-y", "-v", "fatal", "-r", str(rate_of(video)), "-f", "image2"]
    subprocess.run([*command, "-i", f"{results}/%08d.png", "-c:v", "libx264", "-crf", "18", out])
    shutil.rmtree(results)
    shutil.rmtree(pictures)
    if not args.saved_coord:
        os.remove(saved)
