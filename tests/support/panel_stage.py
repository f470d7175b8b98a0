"""The Premiere panel in headless Chromium: the shipped files, a fake `premierepro`, and UXP's modules.

UXP is no browser: its `fetch` knows no CORS and sends no Origin, and its `fs` sees the whole disk. Here both
go through Python.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import landed_sound
import opentimelineio as otio
import soundfile
from landed_sound import Playing
from opentimelineio.opentime import RationalTime, TimeRange

from rythmo_bridge.formats.registry import read_timeline, writers
from rythmo_plugin.installer.premiere import panel_files
from rythmo_plugin.installer.script_constants import fill_constants

TICKS_A_SECOND = 254_016_000_000
FAKE = Path(__file__).with_name("fake_premiere.js")

_LOADER = """
(() => {
  const later = window.setTimeout;
  window.setTimeout = (call, ms) => later(call, Math.min(ms, 20));  // pauses are for people
  const made = {};
  window.require = (name) => {
    if (name === "premierepro") return window.stage.ppro;
    if (name === "uxp") return { shell: { openExternal: async (url) => { window.opened = url; return ""; },
        openPath: async (path) => { await window.fakeOpen(path); return ""; } },
      storage: { localFileSystem: { getFileForOpening: async () => window.picked || null } } };
    if (name === "os") return { homedir: () => HOME, platform: () => "darwin" };
    if (name === "fs") return Object.fromEntries(["readFile", "writeFile", "rename", "unlink"].map((verb) =>
      [verb, (...given) => window.fakeDisk(verb, given.filter((each) => typeof each === "string"))]));
    const file = name.replace("./", "");
    if (!made[file]) {
      const module = { exports: {} };
      made[file] = module;
      new Function("module", "exports", "require", SOURCES[file])(module, module.exports, window.require);
    }
    return made[file].exports;
  };
  window.fetch = async (url, options) => {
    const { status, text, error } = await window.fakeFetch(url, options || {});
    if (error) throw new TypeError(error);
    return { status, text: async () => text };
  };
  window.stage = makePremiere(SEQUENCE);
})();
"""


@dataclass
class Sequence:
    """The sequence that is open in the fake: one track with the film's sound, from `start` frames on."""

    film: Path
    rate: Fraction = Fraction(25)
    zero: int = 90_000
    frames: int = 100
    drop: bool = False
    version: str = "26.3.0"
    name: str = "Cut 3"
    faults: dict[str, Any] = field(default_factory=dict)
    refuse_http: bool = False
    starter: str = ""
    """The file that starts the service, as the installer names it."""
    opened: list[str] = field(default_factory=list)
    """Files that the panel had the system open."""

    def note_opened(self, path: str) -> None:
        """The panel had the system open a file."""
        self.opened.append(path)

    @property
    def ticks_per_frame(self) -> int:
        """Premiere's clock divides by every usual rate."""
        return int(TICKS_A_SECOND / self.rate)

    def as_json(self) -> str:
        """What `makePremiere` takes."""
        clip = {"path": str(self.film), "start": 0, "end": self.frames}
        return json.dumps(
            {
                "name": self.name,
                "ticksPerFrame": str(self.ticks_per_frame),
                "zeroFrame": self.zero,
                "drop": self.drop,
                "tracks": [{"name": "Audio 1", "clips": [clip]}],
                "version": self.version,
                "faults": self.faults,
            }
        )


class Panel:
    """The panel as a person uses it, and the sequence as it stands afterwards."""

    def __init__(self, page: Any, sequence: Sequence) -> None:
        self.page = page
        self.sequence = sequence

    def dub(
        self, language: str = "es", mode: str = "duplicate", source: str = "en", patience: int = 60
    ) -> None:
        """Choose, press, and wait until it is over."""
        self.page.wait_for_selector("#dub:not([disabled])")
        self.page.select_option("#source", source)
        self.page.select_option("#language", language)
        self.page.select_option("#mode", mode)
        self.page.click("#dub")
        self.over(patience)

    def conform(self, answer: str = "apply") -> list[str]:
        """Press the other button, read the plan, answer it, and wait; the plan's rows."""
        self.page.wait_for_selector("#conform:not([disabled])")
        self.page.click("#conform")
        self.page.wait_for_selector("#plan:not(.hidden), #result:not(.hidden), #trouble:not(.hidden)")
        assert self.text("plan"), self.text("panel")
        rows = self.page.locator("#changes > *").all_inner_texts()
        self.page.click("#apply" if answer == "apply" else "#leave")
        self.over()
        return list(rows)

    def over(self, patience: int = 60) -> None:
        """Wait for a result or for trouble, so many seconds at most."""
        self.page.wait_for_selector("#result:not(.hidden), #trouble:not(.hidden)", timeout=1000 * patience)

    def text(self, part: str) -> str:
        """What a part of the panel says; nothing where it is hidden."""
        element = self.page.locator(f"#{part}")
        return str(element.inner_text()) if element.is_visible() else ""

    def tracks(self) -> list[dict[str, Any]]:
        """The audio tracks of the sequence that is open now, in ticks."""
        found: list[dict[str, Any]] = self.page.evaluate(_TRACKS)
        return found

    def require_every_line_on_its_sample(self) -> int:
        """What plays in the sequence is, sample for sample, what the project placed; the lines."""
        frame = self.sequence.ticks_per_frame
        clips = []
        for clip in (clip for track in self.tracks() for clip in track["clips"]):
            start, end = int(clip["start"]), int(clip["end"])
            assert start % frame == 0, "clips begin on frames"
            if "/host/media/" in clip["path"]:
                clips.append(Playing(Path(clip["path"]), start // frame, -(-(end - start) // frame)))
        return landed_sound.require_every_line_on_its_sample(clips, self.sequence.rate)

    def sequences(self) -> list[str]:
        """The names of all sequences."""
        return list(self.page.evaluate("stage.state.sequences.map(({ name }) => name)"))

    def markers(self) -> list[dict[str, Any]]:
        """The markers of the sequence that is open now."""
        found: list[dict[str, Any]] = self.page.evaluate(_MARKERS)
        return found

    def move(self, track: int, clip: int, frames: int) -> None:
        """The editor moves a clip."""
        ticks = frames * self.sequence.ticks_per_frame
        self.page.evaluate(
            "([track, clip, by]) => { const c = stage.state.active.audio[track].clips[clip];"
            " c.start += BigInt(by); c.end += BigInt(by); }",
            [track, clip, str(ticks)],
        )


_MARKERS = """stage.state.active.marks.map(
  ({ name, start, colour }) => ({ name, start: String(start), colour }))"""
_TRACKS = """stage.state.active.audio.map(({ name, muted, clips }) => ({ name, muted, clips: clips.map(
  ({ item, start, end }) => ({ path: item.path, start: String(start), end: String(end) })) }))"""


@contextmanager
def panel(browser: Any, home: Path, sequence: Sequence, scale: int = 1) -> Iterator[Panel]:
    """The panel on a page of its own; what the page complains of fails the test."""
    files = {name: entry for name, entry in panel_files() if "/" not in name}
    sources = {name: entry.read_text(encoding="utf-8") for name, entry in files.items() if name != "main.js"}
    constants = {"RYTHMO_HOME": str(home), "RYTHMO_STARTER": sequence.starter}
    sources["settings.js"] = fill_constants(sources["settings.js"], constants)
    size = {"width": 300, "height": 460}
    page = browser.new_page(viewport=size, color_scheme="dark", device_scale_factor=scale)
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.expose_function("fakeFetch", lambda url, options: _fetch(url, options, refuse=sequence.refuse_http))
    page.expose_function("fakeDisk", _disk)
    page.expose_function("fakeMedia", _media)
    page.expose_function("fakeOpen", sequence.note_opened)
    page.expose_function("fakeExport", lambda path, state: _export(Path(path), state, sequence))
    page.expose_function("fakeTimeline", lambda path: _timeline(Path(path), sequence))
    values = f"const HOME = {json.dumps(str(home))}, SOURCES = {json.dumps(sources)};"
    page.add_init_script(f"{FAKE.read_text()}\n{values} const SEQUENCE = {sequence.as_json()};\n{_LOADER}")
    page.goto(Path(str(files["index.html"])).as_uri())
    try:
        yield Panel(page, sequence)
        assert not complaints
    finally:
        page.close()


def _fetch(url: str, options: dict[str, Any], *, refuse: bool) -> dict[str, Any]:
    if refuse:
        return {"error": "Network request failed"}
    body = options.get("body")
    request = urllib.request.Request(
        url,
        body.encode() if body is not None else None,
        options.get("headers", {}),
        method=options.get("method"),
    )
    try:
        with urllib.request.urlopen(request, timeout=60) as reply:
            return {"status": reply.status, "text": reply.read().decode()}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "text": error.read().decode()}
    except OSError as error:
        return {"error": str(error)}


def _disk(verb: str, given: list[str]) -> Any:
    if verb == "readFile":
        return Path(given[0]).read_text(encoding="utf-8")
    if verb == "writeFile":
        return Path(given[0]).write_text(given[1], encoding="utf-8")
    if verb == "rename":
        Path(given[0]).replace(given[1])
    else:
        Path(given[0]).unlink()
    return 0


def _media(path: str) -> dict[str, int] | None:
    if path.endswith(".srt"):
        return {"samples": 48_000, "rate": 48_000} if Path(path).is_file() else None
    with suppress(soundfile.LibsndfileError):
        info = soundfile.info(path)
        return {"samples": info.frames, "rate": info.samplerate}
    return None


def _export(path: Path, state: dict[str, Any], sequence: Sequence) -> bool:
    """The sequence as OTIO in Premiere's shape; as FCP7 XML through our own writer."""
    made = _otio(state, sequence)
    if path.suffix == ".otio":
        otio.adapters.write_to_file(made, str(path))
        return True
    scratch = path.with_suffix(".otio")
    otio.adapters.write_to_file(made, str(scratch))
    ((_, write),) = writers(["fcp7"])
    write(read_timeline(scratch), path)
    scratch.unlink()
    return True


def _otio(state: dict[str, Any], sequence: Sequence) -> otio.schema.Timeline:
    rate = float(sequence.rate)
    timeline = otio.schema.Timeline(state["name"], global_start_time=RationalTime(sequence.zero, rate))
    picture = otio.schema.Track("Video 1", kind=otio.schema.TrackKind.Video)
    picture.append(_clip(str(sequence.film), "film", 0, sequence.frames, rate))
    timeline.tracks.append(picture)
    for each in state["tracks"]:
        track = otio.schema.Track(each["name"], kind=otio.schema.TrackKind.Audio)
        track.enabled = not each["muted"]
        at = 0
        for clip in each["clips"]:
            start, end = (round(int(clip[side]) / sequence.ticks_per_frame) for side in ("start", "end"))
            if start > at:
                track.append(otio.schema.Gap(duration=RationalTime(start - at, rate)))
            track.append(_clip(clip["path"], clip["name"], 0, end - start, rate))
            at = end
        timeline.tracks.append(track)
    return timeline


def _clip(path: str, name: str, start: int, frames: int, rate: float) -> otio.schema.Clip:
    span = TimeRange(RationalTime(start, rate), RationalTime(frames, rate))
    media = otio.schema.ExternalReference(Path(path).as_uri(), available_range=span)
    return otio.schema.Clip(name, media, span)


def _timeline(path: Path, sequence: Sequence) -> list[dict[str, Any]] | None:
    """What Premiere makes of a timeline that is imported: it reads FCP7 XML, and no OTIO."""
    if path.suffix != ".xml":
        return None
    read = read_timeline(path)
    return [
        {
            "name": track.name,
            "muted": not track.enabled,
            "clips": [
                {
                    "path": str(media.path),
                    "start": str(read.frame(item.start) * sequence.ticks_per_frame),
                    "end": str(read.frame(item.end) * sequence.ticks_per_frame),
                }
                for item in track.items
                if (media := read.media_of(item)) is not None
            ],
        }
        for track in read.tracks
        if track.kind == "audio"
    ]
