"""Lips from the film to the clips, with faces, voices and an engine that are known."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date

import inline_workers
import numpy as np
import pytest
from face_film import write_film
from face_scene import SECOND, SHOTS, SPEECH
from face_scene import SETTINGS as WITH_FACES
from fake_http import Loopback
from fake_sync import KEY as SYNC_KEY
from fake_sync import FakeSync

from rythmo.casting.cast_file import Cast, Person, save_cast
from rythmo.casting.face_consent import FaceConsent
from rythmo.dubbing import picture_requests, pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.dubbing.project_edits import edit_project
from rythmo.engines import fakes
from rythmo.engines.adapters.sync_so import lips as sync_lips
from rythmo.engines.base import EngineSpec, Kind
from rythmo.engines.lips import LipFrames
from rythmo.engines.speech import syncnet
from rythmo.errors import CancelledError, EngineFailedError, ScriptError, UsageError
from rythmo.lips.lip_settings import LipSettings
from rythmo.lips.units import LipSkip
from rythmo.media.planes import find_pixel_format, read_planes
from rythmo.media.probe import probe
from rythmo.project.workspace import Project
from rythmo.script.edits import edit_line
from rythmo.script.on_screen import OnScreen, PictureUnder, Presence
from rythmo.settings import CastSettings, DeliverSettings
from rythmo.stages import quality
from rythmo.stages.faces import load_faces
from rythmo.stages.lip_measures import load_mouths
from rythmo.stages.lips import load_lips

LIPS = LipSettings(make=True, clips="lossless", handles=5, library=12)
LEAVE = FaceConsent("Red", "Red", "Studio", "this film", ("es",), date(2999, 1, 1))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return write_film(tmp_path_factory.mktemp("film") / "faces.mp4", SHOTS, SPEECH)


@pytest.fixture(scope="module")
def cast_file(tmp_path_factory):
    """Red and Green agreed; Blue, who is only heard, was not asked."""
    path = tmp_path_factory.mktemp("cast") / "cast.toml"
    people = tuple(Person(name, face_consents=(replace(LEAVE, face_of=name),)) for name in ("Red", "Green"))
    save_cast(Cast((*people, Person("Blue")), path.parent), path)
    return path


@pytest.fixture(scope="module")
def settings(cast_file):
    return replace(WITH_FACES, cast=CastSettings(str(cast_file)), lips=LIPS, deliver=DeliverSettings("otio"))


@pytest.fixture(scope="module")
def dubbed(film, tmp_path_factory):
    """A dub with faces whose speakers have names, without lips."""
    job = Job(film, "es", "en", tmp_path_factory.mktemp("dub"))
    made = pipeline.dub(job, WITH_FACES, engines=fakes.specs())
    names = dict(zip(("S1", "S2", "S3"), ("Red", "Green", "Blue"), strict=True))
    speakers = tuple(replace(one, name=names[one.id], edited=("name",)) for one in made.script.speakers)
    made.project.save(replace(made.project.load(), speakers=speakers))
    return made.project


@pytest.fixture(scope="module")
def done(dubbed, settings, tmp_path_factory):
    project = copy(dubbed, tmp_path_factory.mktemp("done"))
    calls = fakes.Calls()
    burning = replace(settings, lips=replace(LIPS, burn=True))
    result = picture_requests.make_lips(project, burning, engines=fakes.specs(calls))
    return project, load_lips(project), calls, result


def copy(project, folder):
    return Project(shutil.copytree(project.root, folder / project.root.name))


@pytest.fixture
def mine(done, tmp_path):
    return copy(done[0], tmp_path)


def units(found):
    return [part.unit for clip in found.clips for part in clip.parts]


def frames_of(path, first=0, last=None):
    info = probe(path, need_sound=False)
    pixels = find_pixel_format(info)
    return list(read_planes(info, pixels, first, info.video.frames if last is None else last))


def test_the_right_faces_get_lips_and_each_of_the_others_has_its_reason(done) -> None:
    project, found, _, result = done
    faces = load_faces(project)
    lines = project.load().lines
    by_line = {line.id: [unit for unit in units(found) if unit.line == line.id] for line in lines}
    for line in lines:
        for unit in by_line[line.id]:
            assert faces.speakers[unit.person] == line.speaker
    red, green, phone, cut, turning = (line.id for line in lines)
    assert len(by_line[red]) == len(by_line[green]) == 1
    assert by_line[phone] == []
    assert {one.reason for one in found.find_skipped(phone)} <= {LipSkip.OFF_SCREEN, LipSkip.NO_CONSENT}
    # The cut falls into red's line: lips up to it, without a ramp, and not one frame of green behind it.
    (unit,) = by_line[cut]
    assert (unit.last, unit.ramp_out) == (250, 0)
    assert [one.reason for one in found.find_skipped(cut)] == [LipSkip.OFF_SCREEN]
    assert LipSkip.PROFILE in {one.reason for one in found.find_skipped(turning)}
    assert all(unit.last <= 320 for unit in by_line[turning])
    assert f"Lips of {sum(map(bool, by_line.values()))} lines" in result.notes[-1]


def test_no_unit_crosses_a_cut_and_clips_never_overlap(done) -> None:
    project, found, *_ = done
    shots = load_faces(project).shots
    for clip in found.clips:
        shot = shots[clip.shot]
        assert shot.first <= clip.first < clip.last <= shot.last
        assert clip.name == f"{'_'.join(clip.lines)}_shot{clip.shot + 1:03}"
        assert (project.root / clip.file).is_file()
    assert all(one.last <= two.first for one, two in zip(found.clips, found.clips[1:], strict=False))


def test_clips_are_the_picture_to_the_bit_outside_the_mouths(done, film) -> None:
    project, found, *_ = done
    pixels = find_pixel_format(probe(film))
    for clip in found.clips:
        before = frames_of(film, clip.first - clip.head, clip.last + clip.tail)
        after = frames_of(project.root / clip.file)
        assert len(after) == len(before) == clip.last - clip.first + clip.head + clip.tail
        changed = 0
        for number, (old, new) in enumerate(zip(before, after, strict=True), clip.first - clip.head):
            same = all(np.array_equal(one, other) for one, other in zip(old, new, strict=True))
            if not clip.first <= number < clip.last:
                assert same, "handles are the film's own frames"
                continue
            changed += not same
            y, x = np.nonzero(old[0] != new[0])
            # The fake engine paints the lower half of each square, which is 60 to 90 pixels wide.
            assert x.max(initial=0) - x.min(initial=320) <= 100
            assert (y >= 80).all()
        assert changed > (clip.last - clip.first) * 0.8
        assert pixels.name == find_pixel_format(probe(project.root / clip.file, need_sound=False)).name


def test_the_burnt_film_is_as_long_and_has_the_dub(done, film) -> None:
    _, found, _, result = done
    (burnt,) = (path for path in result.deliveries if path.name.endswith(".lips.mp4"))
    info = probe(burnt)
    assert info.video.frames == probe(film).video.frames
    assert info.audio
    assert found.burnt


def test_the_new_mouths_are_looked_at_as_the_old_ones_were(done, settings) -> None:
    project, found, *_ = done
    with pipeline.reopening(project, project.load(), settings, engines=fakes.specs()) as context:
        before, after = load_mouths(context), load_mouths(context, found)
    unit = units(found)[0]
    inside, outside = (unit.first, unit.last), (unit.last + 5, unit.last + 25)
    old, new = (mouths.cut(unit.speaker, *inside) for mouths in (before, after))
    assert np.isfinite(new).mean() > 0.8
    assert not np.allclose(old, new, equal_nan=True)
    known = np.isfinite(before.cut(unit.speaker, *outside))
    assert np.array_equal(known, np.isfinite(after.cut(unit.speaker, *outside)))


class KnownNet:
    """In place of SyncNet: a vector is how far a mouth, or how loud a sound, is in five frames."""

    def describe_mouths(self, crops):
        dark = np.array([(crop[100:] < 40).all(axis=2).mean() for crop in crops])
        return self._fives(dark)

    def describe_sounds(self, cepstrum):
        power = np.exp(cepstrum[: len(cepstrum) // 4 * 4, 0])
        return self._fives(np.sqrt(power.reshape(-1, 4).mean(axis=1)))

    def _fives(self, values):
        scaled = (values - values.min()) / max(1e-9, np.ptp(values))
        return np.lib.stride_tricks.sliding_window_view(scaled, 5).astype(np.float32)


def test_syncnet_measures_where_its_weights_are(done, settings, monkeypatch, tmp_path) -> None:
    project, found, *_ = done
    script = project.load()
    with pipeline.reopening(project, script, settings, engines=fakes.specs()) as context:
        original = pipeline.material(script, context).ingested.sound
        assert all(line.syncnet is None for line in quality.run(script, original, context).lines)
        monkeypatch.setattr(syncnet, "find_syncnet", lambda: tmp_path / syncnet.FILE)
        monkeypatch.setattr(syncnet, "load_syncnet", lambda _: KnownNet())
        red, green, phone, *_ = quality.run(script, original, context).lines
    assert phone.syncnet is None
    for line in (red, green):
        assert abs(line.syncnet.original.offset_ms) <= 40
        assert line.syncnet_original == line.syncnet.original.confidence > 0.3
        assert line.syncnet.original.distance < line.syncnet.dub.distance
        assert line.syncnet.lips is not None
        assert found.find_parts(line.id)


def test_a_second_run_asks_no_engine(mine, settings) -> None:
    calls = fakes.Calls()
    before = load_lips(mine)
    picture_requests.make_lips(mine, settings, engines=fakes.specs(calls))
    assert calls.moved == []
    assert load_lips(mine).clips == before.clips


def test_a_line_whose_take_changed_remakes_its_lips_alone(mine, settings, done) -> None:
    first = mine.load().lines[0]
    calls = fakes.Calls()
    edit_project(
        mine,
        lambda script: edit_line(script, first.id, translation="es: something else and longer"),
        settings,
        what="words",
        engines=fakes.specs(calls),
    )
    assert calls.moved == [f"line {first.id}, shot 1"]
    before, after = done[1], load_lips(mine)
    same = [one for one, other in zip(before.clips, after.clips, strict=False) if one.key == other.key]
    assert len(same) == len(before.clips) - 1


def test_only_the_lines_that_are_named(dubbed, settings, tmp_path) -> None:
    project, calls = copy(dubbed, tmp_path), fakes.Calls()
    lines = project.load().lines
    picture_requests.make_lips(project, settings, only=[lines[1].id], engines=fakes.specs(calls))
    assert calls.moved == [f"line {lines[1].id}, shot 1"]
    found = load_lips(project)
    assert {unit.line for unit in units(found)} == {lines[1].id}
    assert LipSkip.NOT_ASKED in {one.reason for one in found.find_skipped(lines[0].id)}
    edit_project(
        project,
        lambda script: edit_line(script, lines[0].id, translation="es: other words"),
        settings,
        what="words",
        engines=fakes.specs(calls),
    )
    assert len(calls.moved) == 1, "an edit makes no lips that nobody asked for"
    picture_requests.make_lips(project, settings, only=[lines[0].id], engines=fakes.specs(calls))
    assert {unit.line for unit in units(load_lips(project))} == {lines[0].id, lines[1].id}
    with pytest.raises(ScriptError):
        picture_requests.make_lips(project, settings, only=["nobody"], engines=fakes.specs())


def test_without_consent_a_face_keeps_its_lips(dubbed, settings, tmp_path) -> None:
    project, calls = copy(dubbed, tmp_path), fakes.Calls()
    alone = replace(settings, cast=CastSettings())
    result = picture_requests.make_lips(project, alone, engines=fakes.specs(calls))
    assert calls.moved == []
    assert {one.reason for one in load_lips(project).skipped} <= {LipSkip.NO_CONSENT, LipSkip.OFF_SCREEN}
    assert any("--face-of" in note for note in result.notes)


@pytest.fixture
def elsewhere(monkeypatch):
    """sync.so, as a service on this machine that counts what is paid for."""
    pytest.importorskip("sync.generations", reason="syncsdk is not installed")
    monkeypatch.setenv("SYNC_API_KEY", SYNC_KEY)
    server = Loopback()
    yield FakeSync(server)
    server.close()


def made_elsewhere(service):
    settings = {"base_url": service.server.url, "poll_s": 0}
    spec = EngineSpec(sync_lips.INFO, lambda given: sync_lips.create({**given, **settings}))
    return {**fakes.specs(), Kind.LIP_SYNC: spec}


@pytest.mark.filterwarnings("ignore")  # the SDK warns of much that is not ours to mend
def test_no_face_goes_to_a_service_without_consent(dubbed, settings, tmp_path, elsewhere) -> None:
    project = copy(dubbed, tmp_path)
    alone = replace(settings, cast=CastSettings())
    picture_requests.make_lips(project, alone, engines=made_elsewhere(elsewhere))
    assert elsewhere.server.requests == []
    result = picture_requests.make_lips(project, settings, engines=made_elsewhere(elsewhere))
    found = load_lips(project)
    assert found.engine.startswith("sync lipsync-2")
    assert len(elsewhere.charged) == len(units(found)) == 4, "one order for each line and shot of who agreed"
    assert not elsewhere.files, "what was uploaded is deleted at the end"
    assert result.cost is not None


def stubborn(calls, fail):
    """Engines whose lip-sync does with each request what `fail` says."""
    found = fakes.specs(calls)
    spec = found[Kind.LIP_SYNC]

    def create(given):
        engine = spec.create(given)
        inner = engine.move_lips
        engine.move_lips = lambda request, **more: fail(inner, request, more)
        return engine

    return {**found, Kind.LIP_SYNC: replace(spec, create=create)}


def test_a_failure_costs_one_line_and_is_named(dubbed, settings, tmp_path) -> None:
    project = copy(dubbed, tmp_path)
    lines = [line.id for line in project.load().lines]

    def fail(inner, request, more):
        if lines[0] in request.name:
            raise EngineFailedError("The network was down.", hint="Try again.")
        answer = inner(request, **more)
        if lines[1] in request.name:
            return LipFrames(answer.frames[:-1], answer.masks[:-1])
        return answer

    picture_requests.make_lips(project, settings, engines=stubborn(fakes.Calls(), fail))
    found = load_lips(project)
    failed = {one.line: one.detail for one in found.skipped if one.reason is LipSkip.FAILED}
    assert set(failed) == set(lines[:2])
    assert "network was down" in failed[lines[0]]
    assert "frames" in failed[lines[1]]
    assert units(found)


def test_a_stopped_run_goes_on_where_it_was(dubbed, settings, tmp_path) -> None:
    project, calls = copy(dubbed, tmp_path), fakes.Calls()

    def stop(inner, request, more):
        if len(calls.moved) == 1:
            raise CancelledError("The work was stopped.")
        return inner(request, **more)

    with pytest.raises(CancelledError):
        picture_requests.make_lips(project, settings, engines=stubborn(calls, stop))
    assert load_lips(project) is None
    picture_requests.make_lips(project, settings, engines=fakes.specs(calls))
    assert len(calls.moved) == len(set(calls.moved)) == len(units(load_lips(project)))


def move_red(project, seconds, under):
    """Red's first line, as a conform leaves it when an editor moved it."""
    shift = round(seconds * SECOND)

    def move(line):
        placed = line.placement
        pieces = tuple(replace(one, start=one.start + shift, end=one.end + shift) for one in placed.pieces)
        return replace(
            line,
            start=line.start + shift,
            end=line.end + shift,
            said_at=(line.start, line.end),
            placement=replace(
                placed,
                start=placed.start + shift,
                end=placed.end + shift,
                slot_end=placed.slot_end + shift,
                pieces=pieces,
            ),
            picture_under=under,
            on_screen=None,
            edited=("start", "end", "said_at", "placement"),
        )

    script = project.load()
    return project.save(script.with_line(move(script.lines[0]))).line(script.lines[0].id)


def heard_in(requests):
    return {request.number: float(np.abs(request.sound.samples).max()) for request in requests}


def test_a_moved_line_moves_the_mouth_that_is_there_now(dubbed, settings, tmp_path) -> None:
    project, requests = copy(dubbed, tmp_path), []
    # The line goes over the cut at frame 145: red is seen before it, green alone behind it.
    line = move_red(project, 4.0, PictureUnder.STAYED)

    def note(inner, request, more):
        requests.append(request)
        return inner(request, **more)

    picture_requests.make_lips(project, settings, engines=stubborn(fakes.Calls(), note))
    faces, found = load_faces(project), load_lips(project)
    old, new = (unit for unit in units(found) if unit.line == line.id)
    assert {faces.speakers[unit.person] for unit in (old, new)} == {line.speaker}
    assert (old.first, new.first - old.first) == (line.said_at[0] * 25 // SECOND - LIPS.ramp, 100)
    assert (new.last, new.ramp_out) == (145, 0)
    heard = heard_in(requests)
    assert heard[old.first] == 0.0, "where it was said the mouth is shut"
    assert heard[new.first] > 0.01
    (left,) = found.find_skipped(line.id)
    assert (left.reason, left.first) == (LipSkip.OFF_SCREEN, 145)


def test_a_line_that_was_nudged_is_one_unit_over_both_places(dubbed, settings, tmp_path) -> None:
    project = copy(dubbed, tmp_path)
    line = move_red(project, 0.4, PictureUnder.STAYED)
    picture_requests.make_lips(project, settings, only=[line.id], engines=fakes.specs())
    (unit,) = (unit for unit in units(load_lips(project)) if unit.line == line.id)
    assert unit.first == line.said_at[0] * 25 // SECOND - LIPS.ramp
    assert unit.last >= -(-line.heard_range[1] * 25 // SECOND)


@pytest.mark.parametrize(
    ("under", "words"), [(PictureUnder.FOLLOWED, "moved along"), (None, "does not show which")]
)
def test_a_line_that_was_moved_to_another_picture_is_skipped(
    dubbed, settings, tmp_path, under, words
) -> None:
    project, calls = copy(dubbed, tmp_path), fakes.Calls()
    line = move_red(project, 1.0, under)
    picture_requests.make_lips(project, settings, only=[line.id], engines=fakes.specs(calls))
    assert calls.moved == []
    (left,) = load_lips(project).find_skipped(line.id)
    assert left.reason is LipSkip.MOVED
    assert words in left.detail
    # A person says that it is spoken over this picture.
    seen = OnScreen(Presence.ON, 1.0)
    script = project.load()
    told = replace(script.line(line.id), on_screen=seen, edited=(*line.edited, "on_screen"))
    project.save(script.with_line(told))
    picture_requests.make_lips(project, settings, only=[line.id], engines=fakes.specs(calls))
    assert calls.moved == [f"line {line.id}, shot 1"]


@pytest.mark.parametrize("wrong", [{"clips": "gif"}, {"ramp": 99}, {"most_pixels": 8}])
def test_a_wrong_setting_is_told_before_anything_is_made(mine, settings, wrong) -> None:
    with pytest.raises(UsageError):
        picture_requests.make_lips(
            mine, replace(settings, lips=replace(LIPS, **wrong)), engines=fakes.specs()
        )


@pytest.mark.parametrize(("clips", "codec"), [("prores", "prores"), ("h264", "h264")])
def test_clips_for_editing_programs(mine, settings, clips, codec) -> None:
    line = mine.load().lines[0].id
    picture_requests.make_lips(
        mine, replace(settings, lips=replace(LIPS, clips=clips)), only=[line], engines=fakes.specs()
    )
    clip = load_lips(mine).clips[0]
    info = probe(mine.root / clip.file, need_sound=False)
    assert info.video.codec == codec
    assert info.video.frames == clip.last - clip.first + clip.head + clip.tail
    assert info.start_timecode.frame == clip.first - clip.head


def test_workers_make_the_same_clips(dubbed, done, settings, tmp_path, monkeypatch) -> None:
    project, made = copy(dubbed, tmp_path), []
    monkeypatch.setattr(pipeline, "open_execution", inline_workers.opened(str(tmp_path / "store"), made))
    picture_requests.make_lips(project, settings, engines=fakes.specs())
    drawn = [call.part for call in made[0].calls if call.stage == "lips"]
    assert len(drawn) == len(units(done[1]))
    for clip in load_lips(project).clips:
        assert (project.root / clip.file).read_bytes() == (done[0].root / clip.file).read_bytes()
