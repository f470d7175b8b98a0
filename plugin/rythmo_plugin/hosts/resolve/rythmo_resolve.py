"""Rythmo inside DaVinci Resolve Studio: does what the service says, and reports what it saw.

Runs in whatever Python 3 Resolve finds (3.6 and later): the standard library only, no newer syntax.
Nothing is decided here. docs/host-protocol.md says what each verb means; rythmo_resolve.lua is its twin.
"""

import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
from typing import Any, Dict, List, Optional, Sequence, Tuple

PROTOCOL = "1"
START_SECONDS = 60
CALL_SECONDS = 600
# Resolve sets these for itself; a Python or a browser started with them would load the wrong libraries.
FOREIGN = ("PYTHONHOME", "PYTHONPATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "QT_PLUGIN_PATH")
MEANT = {"t": "\t", "n": "\n", "r": "\r"}
EXPORTS = {"otio": "EXPORT_OTIO", "fcp7": "EXPORT_FCP_7_XML"}


Line = List[Any]
"""A verb and its fields."""


class TroubleError(Exception):
    """Something that the person should read."""


# The line form: a verb and fields, parted by tabs.


def escape(text: Any) -> str:
    """A field as it is written."""
    written = str(text).replace("\\", "\\\\").replace("\t", "\\t")
    return written.replace("\n", "\\n").replace("\r", "\\r")


def unescape(field: str) -> str:
    """A field as it is meant."""
    return str(re.sub(r"\\(.)", lambda found: MEANT.get(found[1], found[1]), field))


def encode(lines: Sequence[Line]) -> bytes:
    """Lines of values as bytes."""
    text = "".join("\t".join(escape(field) for field in line) + "\n" for line in lines)
    return text.encode("utf-8", "surrogateescape")


def decode(data: bytes) -> List[Line]:
    """Bytes as lists of fields."""
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    return [[unescape(field) for field in line.split("\t")] for line in lines if line]


# The service.


class Service:
    """The helper on this machine: found by the file it writes, started when it does not answer."""

    def __init__(self, home: str, start: str) -> None:
        self.file = os.path.join(home, "service.json")
        self.start = start
        # A proxy of the system's must not see calls to this machine.
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(self, path: str, lines: Optional[Sequence[Line]] = None) -> List[Line]:
        """Lines posted, lines answered. Raises TroubleError with the service's own words."""
        with open(self.file, encoding="utf-8") as file:
            said = json.load(file)
        head = {"Authorization": "Bearer " + said["token"], "Content-Type": "text/plain; charset=utf-8"}
        body = None if lines is None else encode(lines)
        request = urllib.request.Request(said["address"] + "/api/v1" + path, data=body, headers=head)
        try:
            with self.opener.open(request, timeout=CALL_SECONDS) as answer:
                return decode(answer.read())
        except urllib.error.HTTPError as error:
            raise TroubleError(told(error)) from error

    def ready(self) -> bool:
        """Whether it answers."""
        try:
            self.call("/service")
        except (OSError, ValueError, KeyError, TroubleError):
            return False
        return True

    def ensure(self) -> None:
        """Start it if need be, and wait until it answers."""
        if self.ready():
            return
        if not self.start:
            raise TroubleError("Rythmo is not running. Start it (rythmo serve), then run this script again.")
        environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        quiet: Dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
        }
        if os.name == "nt":
            quiet["creationflags"] = 0x08000000 | 0x00000200  # no window; not ended with Resolve
        else:
            quiet["start_new_session"] = True
        subprocess.Popen(self.start, shell=os.name != "nt", env=environment, **quiet)
        until = time.time() + START_SECONDS
        while time.time() < until:
            if self.ready():
                return
            time.sleep(0.3)
        raise TroubleError("Rythmo did not start within a minute. Try in a terminal: " + self.start)


def told(error: urllib.error.HTTPError) -> str:
    """What the service said was wrong."""
    try:
        said = json.loads(error.read().decode("utf-8"))["error"]
        return "{} {}".format(said.get("message", ""), said.get("hint", "")).strip()
    except (ValueError, KeyError, AttributeError):
        return f"Rythmo answered {error}."


# Resolve.


def found_resolve(given: Any = None) -> Any:
    """The live handle: Resolve's own global when run from its menu, else through fusionscript."""
    if given is not None:
        return given
    api = os.environ.get("RESOLVE_SCRIPT_API") or {
        "darwin": "/Library/Application Support/Blackmagic Design/DaVinci Resolve/Developer/Scripting",
        "win32": os.path.expandvars(
            r"%PROGRAMDATA%\Blackmagic Design\DaVinci Resolve\Support\Developer\Scripting"
        ),
    }.get(sys.platform, "/opt/resolve/Developer/Scripting")
    program = "/Applications/DaVinci Resolve/DaVinci Resolve.app/Contents"
    library = {
        "darwin": program + "/Libraries/Fusion/fusionscript.so",
        "win32": r"C:\Program Files\Blackmagic Design\DaVinci Resolve\fusionscript.dll",
    }.get(sys.platform, "/opt/resolve/libs/Fusion/fusionscript.so")
    os.environ.setdefault("RESOLVE_SCRIPT_LIB", library)
    sys.path.append(os.path.join(api, "Modules"))
    try:
        import DaVinciResolveScript
    except ImportError as error:
        raise TroubleError("Resolve's scripting module was not found in " + api) from error
    handle = DaVinciResolveScript.scriptapp("Resolve")
    if handle is None:
        raise TroubleError(
            "Resolve does not answer. Start it, and allow it in Preferences > System > General > scripting."
        )
    return handle


def listed(thing: Any) -> List[Any]:
    """Lists come as lists, as dicts counted from 1, or not at all."""
    if isinstance(thing, dict):
        return [thing[key] for key in sorted(thing)]
    return list(thing or [])


class Host:
    """Executes verbs on one timeline of the project that is open."""

    def __init__(self, resolve: Any) -> None:
        self.resolve = resolve
        self.project = resolve.GetProjectManager().GetCurrentProject()
        if self.project is None:
            raise TroubleError("Open a project first.")
        self.pool = self.project.GetMediaPool()
        self.timeline = self.project.GetCurrentTimeline()
        if self.timeline is None:
            raise TroubleError("Open a timeline first.")
        self.items: Dict[str, Any] = {}
        self.waiting: List[Dict[str, Any]] = []

    def hello(self, action: str, wants: Dict[str, str]) -> List[Line]:
        """The first message."""
        lines = [
            ["protocol", PROTOCOL],
            [
                "host",
                self.resolve.GetProductName() or "DaVinci Resolve",
                self.resolve.GetVersionString() or "",
            ],
            ["action", action],
            self.described(),
        ]
        lines.extend(["want", name, value] for name, value in sorted(wants.items()))
        return lines

    def described(self) -> Line:
        """What the timeline is."""
        line = self.timeline
        rate = line.GetSetting("timelineFrameRate") or self.project.GetSetting("timelineFrameRate")
        drop = line.GetSetting("timelineDropFrameTimecode") == "1"
        start = line.GetStartFrame()
        return [
            "timeline", line.GetName(), line.GetUniqueId() or "", rate, start, line.GetStartTimecode() or "",
            int(drop),
        ]  # fmt: skip

    def do(self, step: Line) -> List[Line]:
        """Execute one step; gives the lines to report."""
        verb, fields = step[0], step[1:]
        action = getattr(self, "do_" + verb, None)
        if action is None:
            return [["failed", verb, "this script does not know it"]]
        try:
            return action(*fields) or []
        except Exception as error:  # noqa: BLE001 - process border: whatever Resolve raises is reported
            return [["failed", verb, f"{type(error).__name__}: {error}", *fields]]

    def do_say(self, text: str) -> None:
        """A line in Resolve's console."""
        print("Rythmo: " + text)

    def do_wait(self, seconds: str) -> None:
        """Nothing for a while."""
        time.sleep(float(seconds))

    def do_use(self) -> None:
        """Clips are appended to the timeline that is current: it must be ours, whatever is open by now."""
        self.project.SetCurrentTimeline(self.timeline)

    def do_export(self, form: str, path: str) -> List[Line]:
        """The timeline as a file. The enums' numbers change between versions: the handle knows them."""
        kind = getattr(self.resolve, EXPORTS[form])
        done = self.timeline.Export(path, kind, self.resolve.EXPORT_NONE)
        return [["exported", form, int(bool(done))]]

    def do_duplicate(self, name: str) -> List[Line]:
        """Go on in a copy."""
        copy = self.timeline.DuplicateTimeline(name)
        if copy is None:
            return [["failed", "duplicate", name]]
        self.timeline = copy
        self.do_use()
        return [self.described()]

    def do_load(self, path: str, name: str) -> List[Line]:
        """Go on in a timeline that is imported."""
        loaded = self.pool.ImportTimelineFromFile(path, {"timelineName": name, "importSourceClips": True})
        if loaded is None:
            return [["failed", "load", path]]
        self.timeline = loaded
        self.do_use()
        return [self.described()]

    def do_bin(self, name: str) -> None:
        """Imports go into this bin of the media pool."""
        root = self.pool.GetRootFolder()
        for folder in listed(root.GetSubFolderList()):
            if folder.GetName() == name:
                self.pool.SetCurrentFolder(folder)
                return
        made = self.pool.AddSubFolder(root, name)
        if made is not None:
            self.pool.SetCurrentFolder(made)

    def do_import(self, key: str, path: str) -> List[Line]:
        """A file into the media pool. A file that is there already comes back as nothing: look for it."""
        item = self.held(path)
        if item is None:
            made = listed(self.pool.ImportMedia([path]))
            item = made[0] if made else self.held(path)
        if item is None:
            return [["failed", "import", key]]
        self.items[key] = item
        return [["item", key, item.GetClipProperty("FPS") or ""]]

    def held(self, path: str) -> Any:
        """The file's item in the current bin."""
        folder = self.pool.GetCurrentFolder()
        if folder is None:
            return None
        wanted = os.path.normcase(os.path.normpath(path))
        for item in listed(folder.GetClipList()):
            if os.path.normcase(os.path.normpath(item.GetClipProperty("File Path") or "")) == wanted:
                return item
        return None

    def do_track(self, key: str, form: str, name: str) -> List[Line]:
        """A new audio track at the end. Its answer is not believed: the count says whether it is there."""
        before = self.timeline.GetTrackCount("audio")
        self.timeline.AddTrack("audio", form)
        index = self.timeline.GetTrackCount("audio")
        if index != before + 1:
            return [["failed", "track", name]]
        self.timeline.SetTrackName("audio", index, name)
        return [["made", key, index]]

    def do_drop(self, kind: str, index: str) -> None:
        """Take a track away."""
        self.timeline.DeleteTrack(kind, int(index))

    def do_enable(self, kind: str, index: str, flag: str) -> None:
        """Switch a track on or off."""
        self.timeline.SetTrackEnable(kind, int(index), flag == "1")

    def do_place(self, key: str, index: str, record: str, *bounds: str) -> None:
        """One clip for the next append. Frames are whole numbers: fractions make Resolve drop them all."""
        clip = {
            "mediaPoolItem": self.items[key],
            "mediaType": 2,
            "trackIndex": int(index),
            "recordFrame": int(record),
        }
        if bounds:
            clip["startFrame"], clip["endFrame"] = map(int, bounds)
        self.waiting.append(clip)

    def do_append(self) -> None:
        """All clips since the last append, in one call. What it returns says nothing."""
        clips, self.waiting = self.waiting, []
        self.pool.AppendToTimeline(clips)

    def do_subtitle(self, key: str, record: Optional[str] = None) -> None:
        """Subtitles. They land on the first subtitle track, which must be there."""
        if not self.timeline.GetTrackCount("subtitle"):
            self.timeline.AddTrack("subtitle")
        clip = {"mediaPoolItem": self.items[key]}
        if record is not None:
            clip["recordFrame"] = int(record)
        time.sleep(0.5)  # without it Resolve may answer and place nothing
        self.pool.AppendToTimeline([clip])
        time.sleep(0.5)

    def do_remove(self, kind: str, index: str, start: str, name: str) -> None:
        """Take one clip away."""
        for item in listed(self.timeline.GetItemListInTrack(kind, int(index))):
            if int(item.GetStart()) == int(start) and item.GetName() == name:
                self.timeline.DeleteClips([item], False)  # fills no gap
                return

    def do_mark(self, offset: str, colour: str, name: str, note: str, length: str, mark: str) -> None:
        """A marker; its place counts from the timeline's start."""
        self.timeline.AddMarker(int(offset), colour, name, note, int(length), mark)

    def do_unmark(self, mark: str) -> None:
        """Take a marker away, known by its hidden data."""
        self.timeline.DeleteMarkerByCustomData(mark)

    def do_look(self) -> List[Line]:
        """What stands on the timeline: its sound, its subtitles, its markers."""
        lines = []
        for kind in ("audio", "subtitle"):
            for index in range(1, int(self.timeline.GetTrackCount(kind) or 0) + 1):
                lines += self.track(kind, index)
        for offset, marker in sorted((self.timeline.GetMarkers() or {}).items()):
            words = [marker.get(word) or "" for word in ("color", "name", "customData", "note")]
            lines.append(["marker", int(offset), *words])
        return lines

    def track(self, kind: str, index: int) -> List[Line]:
        """One track with its clips."""
        line = self.timeline
        form = line.GetTrackSubType(kind, index) if kind == "audio" else ""
        enabled = int(bool(line.GetIsTrackEnabled(kind, index)))
        lines = [["track", kind, index, line.GetTrackName(kind, index) or "", form or "", enabled]]
        for item in listed(line.GetItemListInTrack(kind, index)):
            media = item.GetMediaPoolItem() if kind == "audio" else None
            path = media.GetClipProperty("File Path") if media is not None else ""
            start, length = int(item.GetStart()), int(item.GetDuration())
            lines.append(["clip", kind, index, start, length, item.GetName(), path or ""])
        return lines


def talk(service: Service, host: Host, action: str, wants: Dict[str, str]) -> Tuple[str, str]:
    """Until the service says that it is over. Gives its last word: the state and a sentence."""
    answer = service.call("/hosts/resolve/sessions", host.hello(action, wants))
    session = next(step[1] for step in answer if step[0] == "session")
    turn = 0
    while True:
        reports = []
        for step in answer:
            if step[0] == "end":
                return step[1], step[2]
            if step[0] != "session":
                reports += host.do(step)
        turn += 1
        answer = again(service, f"/hosts/sessions/{session}/turns/{turn}", reports)


def again(service: Service, path: str, reports: List[Line]) -> List[Line]:
    """A call that may be lost on the way is made again: a turn that is sent twice gets the same answer."""
    for pause in (1, 1):
        try:
            return service.call(path, reports)
        except OSError:
            time.sleep(pause)
    try:
        return service.call(path, reports)
    except OSError as error:
        raise TroubleError("Rythmo was closed. Run the script again: what was made is kept.") from error


def main(action: str, home: str, start: str, resolve: Any = None, arguments: Sequence[str] = ()) -> int:
    """Run one menu entry; gives 0 when everything stands where it should.

    `arguments` like language=es, source_language=en, mode=add answer beforehand what the page would ask.
    """
    wants = dict(word.split("=", 1) for word in arguments if "=" in word)
    try:
        host = Host(found_resolve(resolve))
        service = Service(home, start)
        service.ensure()
        state, text = talk(service, host, action, wants)
    except TroubleError as trouble:
        state, text = "failed", str(trouble)
    print("Rythmo: " + text)
    return 0 if state == "done" else 1
