"""Executes verbs on one timeline of the project that is open, and reports what stands there."""

import os
import sys
import time
from typing import Any, Dict, List, Optional

from .wire import Line, TroubleError

PROTOCOL = "1"
EXPORTS = {"otio": "EXPORT_OTIO", "fcp7": "EXPORT_FCP_7_XML"}


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


def plain(path: str) -> str:
    """A path as it can be compared."""
    return os.path.normcase(os.path.normpath(path))


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
        self.held: Dict[str, Any] = {}
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
        there = (each for each in listed(root.GetSubFolderList()) if each.GetName() == name)
        folder = next(there, None) or self.pool.AddSubFolder(root, name)
        if folder is not None:
            self.pool.SetCurrentFolder(folder)
        self.held = self.shelf()

    def do_import(self, key: str, path: str) -> List[Line]:
        """A file into the media pool. A file that is there already comes back as nothing: look for it."""
        item = self.held.get(plain(path))
        if item is None:
            made = listed(self.pool.ImportMedia([path]))
            if not made:
                self.held = self.shelf()
            item = made[0] if made else self.held.get(plain(path))
        if item is None:
            return [["failed", "import", key]]
        self.held[plain(path)] = self.items[key] = item
        return [["item", key, item.GetClipProperty("FPS") or ""]]

    def shelf(self) -> Dict[str, Any]:
        """The items of the current bin by the files that they play."""
        folder = self.pool.GetCurrentFolder()
        items = listed(folder.GetClipList()) if folder is not None else []
        return {plain(item.GetClipProperty("File Path") or ""): item for item in items}

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
