"""Several languages of one programme: nothing is heard twice, and a correction is everybody's."""

from __future__ import annotations

import hashlib
import random
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import toy

from rythmo.dubbing import pipeline
from rythmo.dubbing.pipeline import Job
from rythmo.dubbing.preparation import prepare
from rythmo.engines import fakes
from rythmo.engines.base import Kind
from rythmo.errors import InputError, OutputError, UsageError
from rythmo.project.workspace import Project
from rythmo.script import edits, store
from rythmo.script.shared_original import extract_original, find_out_of_date
from rythmo.script.takes import VoiceRef
from rythmo.settings import DeliverSettings, Settings

SETTINGS = Settings(deliver=DeliverSettings("otio,srt"))
LISTENING = (Kind.SEPARATOR, Kind.DIARIZER, Kind.EMBEDDER, Kind.TRANSCRIBER)


def run(source, out, language, calls=None, settings=SETTINGS, **more):
    job = Job(source=source, out=out, target_language=language, source_language="en", **more)
    return pipeline.dub(job, settings, engines=fakes.specs(calls))


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return toy.write_film(tmp_path_factory.mktemp("film") / "toy.mp4")


@pytest.fixture(scope="module")
def dubbed(film, tmp_path_factory):
    """Two languages of one film, never changed: `both` copies them."""
    out = tmp_path_factory.mktemp("both")
    run(film, out, "es")
    before = files(out / "toy.rythmo")
    calls = fakes.Calls()
    run(film, out, "pt", calls)
    return out / "toy.rythmo", before, calls


@pytest.fixture
def both(dubbed, tmp_path):
    root = Path(shutil.copytree(dubbed[0], tmp_path / "toy.rythmo"))
    return Project(root), Project(root / "languages" / "pt")


def files(root: Path) -> dict[str, str]:
    """Every file but the sums of costs and work, by content without the place where the project lies."""
    place = str(root.resolve().parent).encode()
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes().replace(place, b"")).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name not in ("effort.json", "costs.json", ".lock", ".lock-costs")
    }


def correct(project, change, calls=None):
    """Change a project's script and make everything again."""
    return pipeline.redo(project, change(project.load()), SETTINGS, engines=fakes.specs(calls))


def test_a_further_language_is_not_listened_to(dubbed):
    _, _, calls = dubbed
    assert not any(calls.count[kind] for kind in LISTENING)
    assert calls.count[Kind.TRANSLATOR] > 0
    assert len([text for text in calls.spoken if text.startswith("pt")]) == len(toy.SCENE)


def test_the_first_language_stays_as_it_was_to_the_byte(dubbed):
    root, before, _ = dubbed
    after = files(root)
    assert {name: after[name] for name in before if not name.startswith("cache/")} == {
        name: mark for name, mark in before.items() if not name.startswith("cache/")
    }


def test_each_language_has_files_of_its_own(dubbed):
    root, _, _ = dubbed
    further = root / "languages" / "pt"
    for language, folder in (("es", root), ("pt", further)):
        script = store.load_script(folder / "script.json")
        assert script.target_language == language
        assert all((folder / take.file).is_file() for line in script.lines for take in line.takes)
        assert (folder / "stems" / "MIX.wav").is_file()
        assert (folder / "qc" / "report.json").is_file()
        names = {path.name for path in (folder / "deliver" / language).iterdir()}
        assert {f"toy.{language}.otio", f"toy.{language}.srt", "toy.en.srt"} & names
        srt = (folder / "deliver" / language / f"toy.{language}.srt").read_text()
        assert f"{language}:" in srt.lower()
    assert not (further / "cache").exists()
    assert [folder.language for folder in Project(root).languages] == ["es", "pt"]


def test_a_second_run_of_both_does_no_engine_work(film, dubbed, both):
    first, _ = both
    before, calls = files(dubbed[0]), fakes.Calls()
    for language in ("es", "pt"):
        run(film, first.root.parent, language, calls)
    assert not calls.count
    assert files(first.root) == before


def test_a_correction_made_in_one_is_in_the_other_and_only_that_line_is_made_again(both):
    first, second = both
    line = first.load().lines[1]
    untouched = files(second.root)
    correct(second, lambda script: edits.edit_line(script, line.id, text="really said"))
    assert first.load().line(line.id).text == "really said"
    assert find_out_of_date(first.load()) == (line.id,)
    assert files(second.root) != untouched
    calls = fakes.Calls()
    result = correct(first, lambda script: script, calls)
    assert calls.spoken == ["es: really said"]
    assert not any(calls.count[kind] for kind in LISTENING)
    assert result.script.line(line.id).translation == "es: really said"
    assert not find_out_of_date(result.script)
    assert extract_original(first.load()) == extract_original(second.load())


def test_an_edit_of_one_language_leaves_the_other_alone(both):
    first, second = both
    line, before = first.load().lines[0], files(second.root)
    correct(first, lambda script: edits.edit_line(script, line.id, translation="otra cosa"))
    assert files(second.root) == before
    assert second.load() == store.load_script(second.script_file)


def test_a_third_language_begins_with_what_was_corrected_in_the_second(film, both):
    first, second = both
    line = first.load().lines[2]
    correct(second, lambda script: edits.edit_line(script, line.id, text="third"))
    correct(second, lambda script: edits.rename_speaker(script, "S1", "Anna"))
    calls = fakes.Calls()
    result = run(film, first.root.parent, "fr", calls)
    assert not any(calls.count[kind] for kind in LISTENING)
    assert "fr: third" in calls.spoken
    assert result.script.speaker("S1").name == "Anna"
    assert [folder.language for folder in first.languages] == ["es", "fr", "pt"]


def test_voices_are_cast_for_each_language(both):
    for project in both:
        assert all(speaker.voice for speaker in project.load().speakers)


def test_a_voice_that_speaks_both_languages_is_the_same_person_in_both(film, both):
    """Also when a person chooses it afterwards, in either language."""
    first, second = both
    able = fakes.specs(voice=frozenset({"multilingual"}))
    job = Job(source=film, out=first.root.parent, target_language="fr", source_language="en")
    made = pipeline.dub(job, SETTINGS, engines=able)
    assert [one.voice for one in made.script.speakers] == [one.voice for one in first.load().speakers]
    chosen = VoiceRef("toy-voice", "v900", {"hz": 900})

    def recast(script):
        picked = replace(script.speakers[0], voice=chosen, edited=("voice",))
        return replace(script, speakers=(picked, *script.speakers[1:]))

    pipeline.redo(first, recast(first.load()), SETTINGS, engines=able)
    again = pipeline.redo(made.project, made.project.load(), SETTINGS, engines=able)
    assert again.script.speakers[0].voice == chosen
    assert len({one.voice.id for one in again.script.speakers}) == 3
    plain = correct(second, lambda script: script).script
    assert plain.speakers[0].voice != chosen, "an engine whose voices speak one language casts its own"


def test_dubbing_the_first_language_again_keeps_what_the_second_corrected(film, both):
    first, second = both
    line = first.load().lines[1]
    correct(second, lambda script: edits.edit_line(script, line.id, text="really said"))
    result = run(film, first.root.parent, "es")
    assert result.script.line(line.id).translation == "es: really said"
    assert extract_original(second.load()) == extract_original(result.script)


def test_a_script_that_was_loaded_before_a_correction_elsewhere_is_not_saved(both):
    first, second = both
    old = first.load()
    correct(second, lambda script: edits.edit_line(script, old.lines[0].id, text="new"))
    with pytest.raises(OutputError, match="corrected in another language"):
        first.save(edits.edit_line(old, old.lines[1].id, translation="otra"))
    assert first.load().lines[0].text == "new"


def test_the_lock_is_for_all_languages(both):
    first, second = both
    with first.hold_lock(), pytest.raises(OutputError, match="Another Rythmo"):
        second.acquire_lock()


def test_what_belongs_to_the_original_is_not_changed_by_a_further_language(film, both, tmp_path):
    first, _ = both
    job = Job(source=film, target_language="pt", out=first.root.parent)
    with pytest.raises(UsageError, match=r"speakers\.count"):
        prepare(job, {"speakers": {"count": 7}}, {})
    with pytest.raises(UsageError, match="original already"):
        pipeline.dub(replace(job, script=tmp_path / "x.srt"), SETTINGS, engines=fakes.specs())
    with pytest.raises(InputError, match="is in English"):
        pipeline.dub(replace(job, source_language="de"), SETTINGS, engines=fakes.specs())


def test_another_cut_of_the_film_is_refused_for_one_language(both, tmp_path):
    (tmp_path / "cut").mkdir()
    other = toy.write_film(tmp_path / "cut" / "toy.mp4", scene=toy.SCENE[:3], length=400_000)
    with pytest.raises(InputError, match="not what this project was made from"):
        run(other, both[0].root.parent, "pt")


# As in test_pipeline: a warm process forks one child for each run, and the kernel ends it in the midst of it.
FORKED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_further_language import SETTINGS, correct, run
from rythmo.project.workspace import Project
from rythmo.script import edits
import unsigned
unsigned.switch_signing_off()
for line in sys.stdin:
    moment, language, out = line.split(None, 2)
    child = os.fork()
    if not child:
        signal.setitimer(signal.ITIMER_REAL, float(moment))
        if language == "correct":
            project = Project(Path(out.strip()) / "toy.rythmo" / "languages" / "pt")
            wanted = project.load().lines[1].id
            correct(project, lambda script: edits.edit_line(script, wanted, text="really said"))
        else:
            run(Path(sys.argv[1]), Path(out.strip()), language)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and timers")
def test_a_kill_loses_and_mixes_nothing(film, dubbed, tmp_path):
    """A further language, then a correction made in it, killed at seeded moments; at any of them the first
    language reads either the old original or the new one, and both end as if nobody had killed anything."""
    moments, out = random.Random(16), tmp_path / "killed"
    out.mkdir()
    run(film, out, "es")
    first = Project(out / "toy.rythmo")
    line, old, before = first.load().lines[1], first.load(), _without_cache(files(first.root))

    def kill(what: str, times: int) -> int:
        orders = "".join(f"{moments.uniform(0.02, 0.8)} {what} {out}\n" for _ in range(times))
        command = [sys.executable, "-c", FORKED, str(film), str(Path(__file__).parent)]
        ends = subprocess.run(command, input=orders, capture_output=True, text=True, check=True).stdout
        assert set(ends.split()) <= {"0", str(-signal.SIGALRM)}
        return ends.split().count(str(-signal.SIGALRM))

    hits = kill("pt", 6)
    assert first.load() == old
    run(film, out, "pt")
    assert {name: files(first.root)[name] for name in before} == before
    for _ in range(3):
        hits += kill("correct", 2)
        assert first.load().line(line.id).text in (line.text, "really said")
        own = store.load_script(first.script_file)
        assert own == old, "another language's file is never written"
    second = Project(first.root / "languages" / "pt")
    correct(second, lambda script: edits.edit_line(script, line.id, text="really said"))
    assert hits >= 4, "most kills must hit a run that is under way"
    assert extract_original(first.load()) == extract_original(second.load())
    wanted = shutil.copytree(dubbed[0], tmp_path / "undisturbed" / "toy.rythmo")
    undisturbed = Project(Path(wanted) / "languages" / "pt")
    correct(undisturbed, lambda script: edits.edit_line(script, line.id, text="really said"))
    assert _without_cache(files(second.root)) == _without_cache(files(undisturbed.root))
    assert not list(first.root.rglob("*.part"))


def _without_cache(found: dict[str, str]) -> dict[str, str]:
    return {name: mark for name, mark in found.items() if not name.startswith("cache/")}
