"""How a fake Resolve misbehaves."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass
class Manners:
    """How this Resolve misbehaves; as it is here, it behaves as well as it ever does."""

    studio: bool = True
    returns: str = "items"
    """What AppendToTimeline returns: "items", "nothing", or "nonsense" (a list whatever happened)."""
    wav_rate: Fraction | None = Fraction(24)
    """What a WAV says its rate is; None: the project's, which its first media fixed."""
    whole_in_wav_rate: bool = False
    """A whole WAV lasts whole frames of its own rate."""
    inclusive_ends: bool = False
    """endFrame is part of the clip (Resolve 18)."""
    one_at_a_time: bool = False
    """Of clips that come together only the first is placed."""
    drops: frozenset[str] = frozenset()
    """Files that direct placing silently drops, by the first letters of their names."""
    blocked_tracks: frozenset[int] = frozenset()
    """Audio tracks on which nothing can be placed."""
    late: int = 0
    """Frames by which clips that come together are placed late."""
    no_duplicate: bool = False
    no_import: frozenset[str] = frozenset()
    """Suffixes of files that ImportMedia refuses."""
    silent_import: bool = False
    """ImportMedia imports and returns nothing."""
    no_otio: bool = False
    no_export: bool = False
    deaf_enable: bool = False
    """SetTrackEnable says True and does nothing."""
    no_tracks: bool = False
    """AddTrack says True and does nothing."""
    no_load: bool = False
    modal_on: str = ""
    """A call that opens a message box: from then on nothing is done and everything returns None."""
    subtitles_at_end: bool = False
    vanishing: frozenset[str] = frozenset()
    """Files whose clips vanish when the project is saved, by the first letters of their names."""
    vanishings: int = 1
    """How many saves make them vanish."""
