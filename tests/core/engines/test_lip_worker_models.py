"""The wrappers of LatentSync and MuseTalk in `examples/worker/models`, behind the reference worker.

The models need a GPU. `tests/support/lip_stand_ins` does to time, frames and faces what their sources do, and
paints how loud the sound is that each frame hears. Each frame of the test films shows its number.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
import wave
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest

from rythmo.engines.adapters import worker_lips
from rythmo.engines.lips import CropFace, LipFrames, LipRequest
from rythmo.engines.remote.crop_film import write_lossless
from rythmo.engines.remote.reference import write_wav
from rythmo.errors import EngineFailedError
from rythmo.media.audio import Audio
from rythmo.timebase import SAMPLE_RATE, frames_to_samples

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples" / "worker"
STAND_INS = ROOT / "tests" / "support" / "lip_stand_ins"
OURS = ("latentsync", "scripts", "lip_drawings", "lip_film")
RATES = {name: Fraction(name) for name in ("24000/1001", "25", "30000/1001", "50")}
BOX = (60, 30, 120, 130)
DECOY = (0, 20, 56, 140)
# What the models hear around a frame lies 20 ms after its beginning, in both.
HEARD_S = 0.02


@pytest.fixture(autouse=True)
def environment(monkeypatch, tmp_path):
    """The stand-ins in place of the repositories, with what they need of torch and OpenCV."""
    monkeypatch.syspath_prepend(STAND_INS)
    monkeypatch.setenv("FFMPEG", imageio_ffmpeg.get_ffmpeg_exe())
    monkeypatch.chdir(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        monkeypatch.delitem(sys.modules, name)
    drawings = importlib.import_module("lip_drawings")
    cuda = SimpleNamespace(get_device_capability=lambda: (8, 0), is_available=lambda: True)
    data = SimpleNamespace(
        num_frames=16, audio_feat_length=[2, 2], resolution=512, mask_image_path="mask.png"
    )
    settings = SimpleNamespace(load=lambda path: SimpleNamespace(data=data, model={}), to_container=dict)
    vae = SimpleNamespace(from_pretrained=lambda *_, **__: SimpleNamespace(config=SimpleNamespace()))
    fakes: dict[str, Any] = {
        "torch": SimpleNamespace(float16="half", float32="float", cuda=cuda),
        "cv2": SimpleNamespace(resize=drawings.resize, INTER_AREA=3, INTER_CUBIC=2),
        "omegaconf": SimpleNamespace(OmegaConf=settings),
        "accelerate": SimpleNamespace(),
        "accelerate.utils": SimpleNamespace(set_seed=lambda seed: None),
        "diffusers": SimpleNamespace(AutoencoderKL=vae, DDIMScheduler=vae),
    }
    for name, fake in fakes.items():
        monkeypatch.setitem(sys.modules, name, fake)
    path = list(sys.path)
    yield
    sys.path[:] = path
    for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
        del sys.modules[name]


@pytest.fixture
def drawings():
    return importlib.import_module("lip_drawings")


def load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"example_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def behind(request):
    """A lips engine whose worker runs that wrapper, and the wrapper."""

    def start(name: str, **options: Any) -> Any:
        module = load(EXAMPLES / "models" / f"{name}_lips.py")
        server = load(EXAMPLES / "worker.py").serve(module.ABOUT, lips=module.lips, port=0)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        request.addfinalizer(lambda: (server.shutdown(), server.server_close(), thread.join()))
        url = f"http://127.0.0.1:{server.server_port}"
        return worker_lips.create({"base_url": url, "options": options, "attempts": 1}), module

    return start


def rising(samples: int) -> np.ndarray:
    """A sound that gets louder all the time, so that its level says when it was heard."""
    level = np.linspace(0, 0.95, samples)
    return (level * np.sign(np.sin(np.arange(samples) * 2 * np.pi * 400 / SAMPLE_RATE + 0.1))).astype(
        np.float32
    )


def make_request(
    drawings: Any, rate: Fraction, count: int, *, boxes: Any = None, decoy: bool = False, hidden: Any = ()
) -> LipRequest:
    """Numbered frames with one face, which is missing in `hidden`; with `decoy`, a larger one beside it."""
    boxes = boxes or [BOX] * count
    frames = []
    for number, box in enumerate(boxes):
        faces = [] if number in hidden else [box]
        frames.append(drawings.draw(number, [*faces, DECOY] if decoy else faces))
    sound = Audio(rising(frames_to_samples(count, rate))[np.newaxis], SAMPLE_RATE)
    return LipRequest("line 1", np.stack(frames), rate, tuple(CropFace(box) for box in boxes), sound)


def numbers(drawings: Any, frames: np.ndarray) -> list[int]:
    return [drawings.number_of(frame) for frame in frames]


def heard(answer: LipFrames, boxes: Any, count: int) -> np.ndarray:
    """How loud the sound was that each frame heard, read off the mouth."""
    middles = [(round((box[0] + box[2]) / 2), box[3] - 8) for box in boxes]
    return np.array([answer.frames[n, y, x].mean() / 255 for n, (x, y) in enumerate(middles[:count])])


def assert_in_time(request: LipRequest, answer: LipFrames, boxes: Any) -> None:
    """Each frame hears the sound of its own time: within half of a fiftieth of a second, and grey levels."""
    rate, length = float(request.rate), request.count / float(request.rate)
    found = heard(answer, boxes, request.count)
    expected = (np.arange(request.count) / rate + HEARD_S) * 0.95 / length
    inner = slice(6, -8)
    late_s = (found - expected)[inner] * length / 0.95
    assert np.abs(late_s).max() < 0.03, late_s
    assert abs(float(late_s.mean())) < 0.012, late_s.mean()


@pytest.mark.parametrize("model", ["latentsync", "musetalk"])
@pytest.mark.parametrize("rate", RATES)
def test_every_frame_comes_back_in_its_place_and_hears_its_own_time(behind, drawings, model, rate) -> None:
    engine, _ = behind(model)
    count = round(2 * RATES[rate])
    request = make_request(drawings, RATES[rate], count)
    answer = engine.move_lips(request)
    assert numbers(drawings, answer.frames) == list(range(count))
    assert_in_time(request, answer, [BOX] * count)
    assert answer.masks.any(axis=(1, 2)).all()
    # What is no face is what was sent, to the bit: nothing was encoded with a loss.
    assert np.array_equal(answer.frames[:, :, :50], request.frames[:, :, :50])


@pytest.mark.parametrize("model", ["latentsync", "musetalk"])
def test_a_face_that_moves_and_a_larger_one_beside_it(behind, drawings, model) -> None:
    boxes = [(60 + n, 30, 120 + n, 130) for n in range(30)]
    request = make_request(drawings, Fraction(25), 30, boxes=boxes, decoy=True)
    engine, _ = behind(model)
    answer = engine.move_lips(request)
    assert numbers(drawings, answer.frames) == list(range(30))
    assert_in_time(request, answer, boxes)
    left, top, right, bottom = DECOY
    assert (answer.frames[:, top:bottom, left:right] == drawings.SKIN).all(), "the other face is as it was"


@pytest.mark.parametrize("model", ["latentsync", "musetalk"])
@pytest.mark.parametrize(("rate", "count"), [("25", 8), ("60000/1001", 19), ("25", 1), ("50", 1)])
def test_a_unit_of_a_few_frames(behind, drawings, model, rate, count) -> None:
    """A third of a second is the shortest that is asked for; a single frame still has an answer."""
    request = make_request(drawings, Fraction(rate), count)
    answer = behind(model)[0].move_lips(request)
    assert numbers(drawings, answer.frames) == list(range(count))
    assert answer.masks.any(axis=(1, 2)).all()


@pytest.mark.parametrize("model", ["latentsync", "musetalk"])
@pytest.mark.parametrize("left", [-12, 84], ids=["over the left edge", "over the right edge"])
def test_a_box_that_reaches_out_of_the_crop(behind, drawings, model, left) -> None:
    box = (left, 30, left + 70, 130)
    request = make_request(drawings, Fraction(25), 12, boxes=[box] * 12)
    answer = behind(model)[0].move_lips(request)
    assert numbers(drawings, answer.frames) == list(range(12))
    assert answer.masks.any(axis=(1, 2)).all()


def test_a_frame_in_which_the_detector_finds_no_face_does_not_end_the_line(behind, drawings) -> None:
    """Short gaps are drawn where the face was before; in long ones the original stays."""
    hidden = [0, 9, 10, *range(20, 40)]
    request = make_request(drawings, Fraction(25), 50, hidden=hidden)
    engine, _ = behind("latentsync")
    answer = engine.move_lips(request)
    assert numbers(drawings, answer.frames) == list(range(50))
    drawn = answer.masks.any(axis=(1, 2))
    assert drawn[[0, 9, 10, 20, 25, 39]].all(), "the nearest face is at most a quarter of a second away"
    assert not drawn[26:34].any()
    x, y = (BOX[0] + BOX[2]) // 2, BOX[3] - 8
    assert len({int(answer.frames[n, y, x, 0]) for n in (8, 9, 10, 11)}) == 4, "each hears its own sound"


def test_no_face_at_all_is_said(behind, drawings) -> None:
    engine, _ = behind("latentsync")
    with pytest.raises(EngineFailedError, match="400, ValueError: LatentSync's detector finds no face"):
        engine.move_lips(make_request(drawings, Fraction(25), 10, hidden=range(10)))


def test_places_of_rythmos_own_are_enough(behind, drawings, monkeypatch) -> None:
    """Without InsightFace no detector looks, and nothing can be missed."""
    monkeypatch.setenv("LATENTSYNC_FACES", "rythmo")
    engine, module = behind("latentsync")
    points = ((75, 60), (105, 60), (90, 85), (80, 105), (100, 105), (90, 100), (90, 101), (90, 130))
    plain = make_request(drawings, Fraction(25), 12, hidden=(3, 4))
    faces = tuple(CropFace(BOX, points) for _ in range(12))
    request = LipRequest("line 1", plain.frames, plain.rate, faces, plain.sound)
    answer = engine.move_lips(request)
    assert numbers(drawings, answer.frames) == list(range(12))
    assert module.image_processor.FaceDetector.looks == 0
    assert "InsightFace" not in engine.info.licence
    assert engine.info.version == "latentsync 1.6 rythmo"


def test_frames_without_a_box_do_not_shift_what_follows(behind, drawings) -> None:
    """MuseTalk's own detector misses frames 9 and 10; ours gave each a box."""
    request = make_request(drawings, Fraction(25), 40, hidden=(9, 10))
    engine, module = behind("musetalk")
    answer = engine.move_lips(request)
    assert numbers(drawings, answer.frames) == list(range(40))
    assert_in_time(request, answer, [BOX] * 40)
    engine.move_lips(request)
    assert len(module.inference.load_all_model.__wrapped__.__globals__["loaded"]) == 1, "loaded once for two"


def test_what_musetalk_prints_is_said(behind, drawings, monkeypatch) -> None:
    engine, module = behind("musetalk")

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("CUDA out of memory")

    monkeypatch.setattr(module.inference, "paint", fail)
    with pytest.raises(EngineFailedError, match="507, CUDA out of memory"):
        engine.move_lips(make_request(drawings, Fraction(25), 10))


class TestTheModelsByThemselves:
    """The limits that the wrappers work around are those of the stand-ins: without a wrapper they show."""

    @pytest.fixture
    def files(self, drawings, tmp_path):
        def write(rate: Fraction, count: int, sound_s: float, **more: Any) -> tuple[str, str]:
            request = make_request(drawings, rate, count, **more)
            (tmp_path / "film.avi").write_bytes(write_lossless(request.frames, rate))
            sound = rising(round(sound_s * SAMPLE_RATE))[np.newaxis]
            (tmp_path / "sound.wav").write_bytes(write_wav(Audio(sound, SAMPLE_RATE)))
            return str(tmp_path / "film.avi"), str(tmp_path / "sound.wav")

        return write

    def latentsync(self, drawings: Any, film: str, sound: str) -> list[int]:
        module = importlib.import_module("latentsync.pipelines.lipsync_pipeline")
        hearing = importlib.import_module("latentsync.whisper.audio2feature").Audio2Feature(
            "", "", 16, [2, 2]
        )
        module.LipsyncPipeline(None, hearing, None, None)(film, sound, "out.mp4", height=512, width=512)
        return numbers(drawings, drawings.read_any("out.mp4"))

    def test_latentsync_makes_25_frames_of_each_second(self, drawings, files) -> None:
        made = self.latentsync(drawings, *files(Fraction(50), 100, 2.0))
        assert len(made) in range(50, 54)
        assert made[40] > 70

    def test_latentsync_plays_forth_and_back(self, drawings, files) -> None:
        made = self.latentsync(drawings, *files(Fraction(25), 20, 1.2))
        assert made[:20] == list(range(20))
        assert made[20:25] == [19, 18, 17, 16, 15]

    def test_latentsync_stops_at_a_frame_without_a_face(self, drawings, files) -> None:
        with pytest.raises(RuntimeError, match="Face not detected"):
            self.latentsync(drawings, *files(Fraction(25), 20, 0.8, hidden=(7,)))

    def musetalk(self, drawings: Any, film: str, sound: str, tmp_path: Path) -> np.ndarray:
        module = load(EXAMPLES / "models" / "musetalk_lips.py")
        task = tmp_path / "task.yaml"
        task.write_text(f'{{"task": {{"video_path": "{film}", "audio_path": "{sound}"}}}}')
        chosen = module.arguments(task, tmp_path, {})
        chosen.use_saved_coord = False
        module.inference.main(chosen)
        return drawings.read_any(tmp_path / "results" / "v15" / "film_sound.mp4")

    def test_musetalk_counts_too_few_frames_and_ends_where_a_box_is_missing(
        self, drawings, files, tmp_path
    ) -> None:
        rate = Fraction(24000, 1001)
        made = self.musetalk(drawings, *files(rate, 72, 72 / float(rate)), tmp_path)
        assert len(made) == 69, "23 frames a second"
        made = self.musetalk(drawings, *files(Fraction(25), 30, 1.2, hidden=(9,)), tmp_path)
        assert numbers(drawings, made) == list(range(9))

    def test_musetalk_ends_its_process_at_50_frames_a_second(self, drawings, files, tmp_path) -> None:
        with pytest.raises(SystemExit):
            self.musetalk(drawings, *files(Fraction(50), 20, 0.4), tmp_path)


def test_sound_for_a_models_clock(tmp_path) -> None:
    """A rate that the WAV claims, a beginning that is left out or silent, and silence at the end."""
    sys.path.append(str(EXAMPLES / "models"))
    film = importlib.import_module("lip_film")
    (tmp_path / "in.wav").write_bytes(write_wav(Audio(rising(48_000)[np.newaxis], SAMPLE_RATE)))
    sizes = {}
    for skip in (0.04, -0.04):
        film.write_sound(str(tmp_path / "out.wav"), str(tmp_path / "in.wav"), 48_048, skip, 0.1)
        with wave.open(str(tmp_path / "out.wav")) as file:
            sizes[skip] = file.getnframes()
            assert file.getframerate() == 48_048
    assert sizes == {0.04: 48_000 - 1920 + 4800, -0.04: 48_000 + 1920 + 4800}
    assert film.fraction("24000/1001") == pytest.approx(23.976, abs=1e-3)
    assert film.fraction("25") == 25
