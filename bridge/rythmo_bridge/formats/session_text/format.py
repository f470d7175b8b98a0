"""What a Pro Tools session text keeps."""

from __future__ import annotations

from rythmo_bridge.formats.features import Feature
from rythmo_bridge.formats.registry import Format, lazy_reader

FORMAT = Format(
    "protools",
    ".txt",
    "Pro Tools session text (Session Info as Text)",
    read=lazy_reader("rythmo_bridge.formats.session_text.reader"),
    exact=True,
    keeps=frozenset(
        {
            Feature.SAMPLES,
            Feature.START,
            Feature.RATE,
            Feature.DROP,
            Feature.TRACK_NAMES,
            Feature.TRACK_STATE,
            Feature.STEREO,
            Feature.CLIP_NAMES,
            Feature.CLIP_STATE,
            Feature.MARKERS,
            Feature.PATHS,
            Feature.FADES,
        }
    ),
)
