"""Execute the protocol's verbs on one timeline of the open project, and report what the timeline holds."""

import os
import sys
import time
from typing import Any, Dict, List, Optional

from .wire import Line, TroubleError

PROTOCOL = "1"
EXPORTS = {"otio": "EXPORT_OTIO", "fcp7": "EXPORT_FCP_7_XML"}


def found_resolve(given: Any = None) -> Any:
    """Return the live handle: Resolve's global in a menu script, else the one from fusionscript."""
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
            "Resolve does not answer. Start it, and allow scripting in Preferences > System > General."
        )
    return handle


def listed(thing: Any) -> List[Any]:
    """Return a list. Resolve gives lists, dicts with keys from 1, or None, depending on call and version."""
    if isinstance(thing, dict):
        return [thing[key] for key in sorted(thing)]
    return list(thing or [])


def plain(path: str) -> str:
    """Return a path in a form that can be compared."""
    return os.path.normcase(os.path.normpath(path))


class Host:
    """Executes verbs on one timeline of the open project."""

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
        """Return the lines of the first message."""
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
        """Return the timeline's `timeline` line."""
        line = self.timeline
        rate = line.GetSetting("timelineFrameRate") or self.project.GetSetting("timelineFrameRate")
        drop = line.GetSetting("timelineDropFrameTimecode") == "1"
        start = line.GetStartFrame()
        return [
            "timeline", line.GetName(), line.GetUniqueId() or "", rate, start, line.GetStartTimecode() or "",
            int(drop),
        ]  # fmt: skip

    def do(self, step: Line) -> List[Line]:
        """Execute one step and return the lines to report."""
        verb, fields = step[0], step[1:]
        action = getattr(self, "do_" + verb, None)
        if action is None:
            return [["failed", verb, "this script does not know the verb"]]
        try:
            return action(*fields) or []
        except Exception as error:  # noqa: BLE001 - process border: whatever Resolve raises is reported
            return [["failed", verb, f"{type(error).__name__}: {error}", *fields]]

    def do_say(self, text: str) -> None:
        """Print a line to Resolve's console."""
        print("Rythmo: " + text)

    def do_wait(self, seconds: str) -> None:
        """Wait."""
        time.sleep(float(seconds))

    def do_use(self) -> None:
        """Make our timeline the current one, because Resolve appends clips to the current timeline."""
        self.project.SetCurrentTimeline(self.timeline)

    def do_export(self, form: str, path: str) -> List[Line]:
        """Export the timeline. The enums' values change between versions, so take them from the handle."""
        kind = getattr(self.resolve, EXPORTS[form])
        done = self.timeline.Export(path, kind, self.resolve.EXPORT_NONE)
        return [["exported", form, int(bool(done))]]

    def do_duplicate(self, name: str) -> List[Line]:
        """Continue in a copy of the timeline."""
        copy = self.timeline.DuplicateTimeline(name)
        if copy is None:
            return [["failed", "duplicate", name]]
        self.timeline = copy
        self.do_use()
        return [self.described()]

    def do_load(self, path: str, name: str) -> List[Line]:
        """Import a timeline and continue in it."""
        loaded = self.pool.ImportTimelineFromFile(path, {"timelineName": name, "importSourceClips": True})
        if loaded is None:
            return [["failed", "load", path]]
        self.timeline = loaded
        self.do_use()
        return [self.described()]

    def do_bin(self, name: str) -> None:
        """Open or create the bin of the media pool that imports go into."""
        root = self.pool.GetRootFolder()
        there = (each for each in listed(root.GetSubFolderList()) if each.GetName() == name)
        folder = next(there, None) or self.pool.AddSubFolder(root, name)
        if folder is not None:
            self.pool.SetCurrentFolder(folder)
        self.held = self.shelf()

    def do_import(self, key: str, path: str) -> List[Line]:
        """Import a file. For a file already in the pool, ImportMedia returns nothing, so look it up."""
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
        """Return the items of the current bin by the path of their file."""
        folder = self.pool.GetCurrentFolder()
        items = listed(folder.GetClipList()) if folder is not None else []
        return {plain(item.GetClipProperty("File Path") or ""): item for item in items}

    def do_track(self, key: str, form: str, name: str) -> List[Line]:
        """Add an audio track. Check the number of tracks, because AddTrack's return value is unreliable."""
        before = self.timeline.GetTrackCount("audio")
        self.timeline.AddTrack("audio", form)
        index = self.timeline.GetTrackCount("audio")
        if index != before + 1:
            return [["failed", "track", name]]
        self.timeline.SetTrackName("audio", index, name)
        return [["made", key, index]]

    def do_drop(self, kind: str, index: str) -> None:
        """Remove a track."""
        self.timeline.DeleteTrack(kind, int(index))

    def do_enable(self, kind: str, index: str, flag: str) -> None:
        """Switch a track on or off."""
        self.timeline.SetTrackEnable(kind, int(index), flag == "1")

    def do_place(self, key: str, index: str, record: str, *bounds: str) -> None:
        """Collect a clip for the next append. Frames must be integers: a fraction makes Resolve drop all."""
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
        """Append all collected clips in one call. Its return value is unreliable."""
        clips, self.waiting = self.waiting, []
        self.pool.AppendToTimeline(clips)

    def do_subtitle(self, key: str, record: Optional[str] = None) -> None:
        """Place subtitles. They land on the first subtitle track, which must exist."""
        if not self.timeline.GetTrackCount("subtitle"):
            self.timeline.AddTrack("subtitle")
        clip = {"mediaPoolItem": self.items[key]}
        if record is not None:
            clip["recordFrame"] = int(record)
        time.sleep(0.5)  # without a pause Resolve may report success and place nothing
        self.pool.AppendToTimeline([clip])
        time.sleep(0.5)

    def do_remove(self, kind: str, index: str, start: str, name: str) -> None:
        """Remove one clip."""
        for item in listed(self.timeline.GetItemListInTrack(kind, int(index))):
            if int(item.GetStart()) == int(start) and item.GetName() == name:
                self.timeline.DeleteClips([item], False)  # False: leave the gap
                return

    def do_mark(self, offset: str, colour: str, name: str, note: str, length: str, mark: str) -> None:
        """Set a marker. Its offset counts from the timeline's start."""
        self.timeline.AddMarker(int(offset), colour, name, note, int(length), mark)

    def do_unmark(self, mark: str) -> None:
        """Remove a marker by its hidden data."""
        self.timeline.DeleteMarkerByCustomData(mark)

    def do_save(self) -> None:
        """Save the project: clips of an append that failed midway vanish then, not before."""
        manager = self.resolve.GetProjectManager()
        if hasattr(manager, "SaveProject"):
            manager.SaveProject()

    def do_look(self) -> List[Line]:
        """Return the timeline's audio and subtitle tracks, their clips, and the markers."""
        lines = []
        for kind in ("audio", "subtitle"):
            for index in range(1, int(self.timeline.GetTrackCount(kind) or 0) + 1):
                lines += self.track(kind, index)
        for offset, marker in sorted((self.timeline.GetMarkers() or {}).items()):
            words = [marker.get(word) or "" for word in ("color", "name", "customData", "note")]
            lines.append(["marker", int(offset), *words])
        return lines

    def track(self, kind: str, index: int) -> List[Line]:
        """Return the lines of one track and its clips."""
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
