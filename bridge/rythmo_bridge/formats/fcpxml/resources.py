"""Reads what a Final Cut Pro X XML declares before its timelines: formats, files, compound clips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from xml.etree.ElementTree import Element

from rythmo.errors import TimelineError
from rythmo_bridge.formats.fcpxml.values import audio_rate, count_of, own_facts, seconds, size_of
from rythmo_bridge.formats.limits import frame_rate, to_samples
from rythmo_bridge.formats.media_paths import name_of, path_of
from rythmo_bridge.formats.stills import STILL_FILES
from rythmo_bridge.timeline import Media

_CLIPS = ("asset-clip", "clip", "ref-clip", "sync-clip", "mc-clip", "video", "audio", "title")
_DEFAULT_RATE = Fraction(25)


_SOUND_FILES = frozenset(
    {".wav", ".bwf", ".aif", ".aiff", ".aifc", ".caf", ".mp3", ".m4a", ".aac", ".flac", ".ac3"}
)


def _asset_contents(asset: Element, file: str) -> tuple[bool, bool]:
    """Whether an asset has picture and sound: by its attributes, else by its others and its file's name.

    Both attributes are optional; if one is present, a missing one means no.
    """
    seen, heard = asset.get("hasVideo"), asset.get("hasAudio")
    if seen is not None or heard is not None:
        return seen == "1", heard == "1"
    suffix = Path(file).suffix.lower()
    if suffix in STILL_FILES:
        return True, False
    if suffix in _SOUND_FILES:
        return False, True
    told_sound = any(asset.get(name) for name in ("audioSources", "audioChannels", "audioRate"))
    told_picture = asset.get("videoSources") is not None or asset.get("format") is not None
    return told_picture or not told_sound, told_sound or asset.get("videoSources") is None


@dataclass(slots=True)
class Resources:
    """Resources by id; `media` are the files that were used."""

    path: Path
    elements: Mapping[str, Element]
    media: dict[str, Media] = field(default_factory=dict)

    @staticmethod
    def of(path: Path, root: Element) -> Resources:
        """Return the resources of a document."""
        return Resources(path, {each.get("id", ""): each for each in root.iterfind(".//resources/*")})

    def get(self, reference: str) -> Element | None:
        """Return a resource as it is in the file."""
        return self.elements.get(reference)

    def rate(self, form: str) -> Fraction | None:
        """Return the rate of a format, or None: some formats have no rate."""
        element = self.get(form)
        length = seconds(element, "frameDuration") if element is not None else Fraction(0)
        if length < 0:
            raise TimelineError("A format has a negative frame duration.")
        return frame_rate(1 / length) if length else None

    def length(self, element: Element) -> Fraction:
        """Return an element's length; an asset's own length if it states none."""
        if element.tag == "audition":
            return max((self.length(each) for each in element if each.tag in _CLIPS), default=Fraction(0))
        asset = self.get(element.get("ref", ""))
        if element.get("duration") is None and asset is not None:
            inner = asset.find("sequence")
            return seconds(inner if inner is not None else asset, "duration")
        return seconds(element, "duration")

    def start(self, element: Element) -> Fraction:
        """Return where an element's own time begins: as stated, or at the beginning of what it plays."""
        if element.get("start") is not None:
            return seconds(element, "start")
        resource = self.get(element.get("ref", ""))
        if resource is None:
            return Fraction(0)
        if resource.tag == "media":
            inner = next((each for each in resource if each.tag in {"sequence", "multicam"}), None)
            return seconds(inner, "tcStart") if inner is not None else Fraction(0)
        return seconds(resource, "start") if resource.tag == "asset" else Fraction(0)

    def asset(self, reference: str) -> Media | None:
        """Return a file; None for effects and compound clips."""
        element = self.get(reference)
        if element is None or element.tag != "asset":
            return None
        if reference not in self.media:
            self.media[reference] = self.described(reference, element)
        return self.media[reference]

    def described(self, reference: str, element: Element) -> Media:
        """Return what an asset says about its file."""
        part = element.find("media-rep")
        url = (part.get("src") if part is not None else None) or element.get("src") or ""
        # Our writer marks a missing file this way, because an asset needs an address.
        known = own_facts(element).get("offline") != "1"
        picture, sound = _asset_contents(element, name_of(url))
        rate = self.rate(element.get("format", "")) if picture else None
        reel = element.find("metadata/md[@key='com.apple.proapps.studio.reel']")
        return Media(
            id=reference,
            name=element.get("name") or name_of(url),
            path=path_of(url, self.path.parent) if url and known else None,
            length=max(0, to_samples(seconds(element, "duration"))),
            start=to_samples(seconds(element, "start")),
            channels=count_of(element.get("audioChannels"), 1) if sound else 0,
            sample_rate=audio_rate(element.get("audioRate", "")),
            frame_rate=(rate or _DEFAULT_RATE) if picture else None,
            size=size_of(self.get(element.get("format", ""))) if picture else None,
            reel=reel.get("value", "") if reel is not None else "",
            candidates=(url,) if url and known else (),
        )
