"""The mix begins while later lines are still being spoken; what comes out is the same to the byte."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import SimpleNamespace

import pytest
import toy

from rythmo.dubbing.job import Job
from rythmo.dubbing.pipeline import dub
from rythmo.engines import fakes
from rythmo.engines.base import EngineSpec, Kind
from rythmo.errors import CancelledError
from rythmo.media.audio import Audio
from rythmo.progress import CancelToken
from rythmo.settings import DeliverSettings, EngineSettings, MixSettings, ProvenanceSettings, Settings
from rythmo.stages import early_mix

RATE = 48_000
SETTINGS = Settings(deliver=DeliverSettings("srt"), provenance=ProvenanceSettings(sign=False))
SCENE = tuple((place % 2, 24_013 + 90_000 * place, 40_000 + 3_000 * place) for place in range(8))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return toy.write_sound(tmp_path_factory.mktemp("film") / "toy.wav", scene=SCENE, length=16 * RATE)


@pytest.fixture
def reached(monkeypatch):
    """Let even so short a film be mixed early, and note how far it was before the last line's return."""
    monkeypatch.setattr(early_mix, "_LEAST_STEP", 2 * RATE)
    monkeypatch.setattr(early_mix, "_MOST_STEP", 4 * RATE)
    stop, found = early_mix.EarlyMix.stop, []

    def wait_and_stop(self):
        if self._step is not None:
            self._step.result()
        found.append(self._stems.making.at)
        return stop(self)

    monkeypatch.setattr(early_mix.EarlyMix, "stop", wait_and_stop)
    return found


def voice_with_a_quiet_reading() -> dict[Kind, EngineSpec]:
    """Return engines whose voice speaks one line softly at first: it is asked for again at the end."""
    made = fakes.specs()
    info = made[Kind.VOICE].info

    class Voice(fakes.FakeVoice):
        def speak(self, request, **more):
            sound = super().speak(request, **more)
            quiet = request.text == "es: a9" and not request.variation
            return Audio(sound.samples * (0.1 if quiet else 0.9**request.variation), sound.rate)

    made[Kind.VOICE] = EngineSpec(info, lambda _: Voice(info, fakes.Calls()))
    return made


def contents(root: Path) -> dict[str, str]:
    found = {}
    for kind in ("stems", "takes", "deliver", "qc"):
        for path in sorted((root / kind).rglob("*")):
            if path.is_file():
                found[str(path.relative_to(root))] = hashlib.sha256(path.read_bytes()).hexdigest()
    return found


@pytest.mark.parametrize("engines", [fakes.specs, voice_with_a_quiet_reading])
def test_the_bytes_are_those_of_a_mix_after_all_lines(film, tmp_path, monkeypatch, reached, engines):
    early = dub(Job(film, "es", "en", tmp_path / "early"), SETTINGS, engines=engines())
    assert reached[0] > 10 * RATE
    monkeypatch.setattr(early_mix, "has_record", lambda _: True)
    late = dub(Job(film, "es", "en", tmp_path / "late"), SETTINGS, engines=engines())
    assert len(reached) == 1
    assert early.script.lines == late.script.lines
    assert contents(early.project.root) == contents(late.project.root)


def test_quality_control_measures_nothing_again_of_what_was_mixed_early(film, tmp_path, monkeypatch, reached):
    measured: list[tuple[int, int]] = []
    monkeypatch.setattr("rythmo.qc.project_measures._measure_stems", lambda *_: pytest.fail("read again"))
    first = early_mix.measure_ahead

    def note(script, stems, original, within, remember, **more):
        measured.append(within)
        first(script, stems, original, within, remember, **more)

    monkeypatch.setattr(early_mix, "measure_ahead", note)
    dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=fakes.specs())
    assert measured[0][0] < 0
    assert [start for start, _ in measured[1:]] == [end for _, end in measured[:-1]]
    assert measured[-1][1] == reached[0]


@pytest.mark.parametrize(
    "settings",
    [
        Settings(mix=MixSettings(room=True)),
        Settings(mix=MixSettings(loudness="r128")),
        Settings(engines=EngineSettings(watermark="audioseal")),
    ],
)
def test_what_needs_all_takes_waits_for_them(tmp_path, settings):
    context = SimpleNamespace(settings=settings, project=SimpleNamespace(root=tmp_path))
    with early_mix.begin_mix(None, None, None, None, context, whole=True) as early:
        assert early is None


def test_a_cancelled_dub_leaves_no_half_a_stem(film, tmp_path, reached):
    cancel = CancelToken()

    def tell(event):
        if event.stage == "voice" and event.done >= 6:
            cancel.cancel()

    with pytest.raises(CancelledError):
        dub(Job(film, "es", "en", tmp_path), SETTINGS, engines=fakes.specs(), report=tell, cancel=cancel)
    assert not reached
    assert not [path for path in tmp_path.rglob("stems/*") if path.is_file()]
