"""The names that newer versions of Pro Tools have for the values that are sent. Pure.

The definition has two names for most values and calls some fields outdated; there are error numbers for both.
The older ones are sent first, because users are known to run them; where they are refused, these follow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

OUTDATED = frozenset({139, 140})
"""The numbers of Pro Tools' errors for a field and a value that are no longer taken."""

# By the field that holds the value: the older prefix, and the newer one.
_PREFIXES = {
    "track_type": ("AudioTrack", "TType_Audio"),
    "track_format": ("TF_", "TFormat_"),
    "track_timebase": ("TTB_", "TTimebase_"),
    "audio_operations": ("", "AOperations_"),
    "selection_mode": ("SM_", "SMode_"),
    "edit_mode": ("EMO_", "EMode_"),
    "time_properties": ("TP_", "TProperties_"),
    "reference": ("MLR_", "MLReference_"),
    "location": ("MLC_", "MarkerLocation_"),
    "file_type": ("FT_", "FType_"),
    "sample_rate": ("SR_", "SRate_"),
    "bit_depth": ("Bit", "BDepth_"),
    "input_output_settings": ("IO_", "IOSettings_"),
    "text_as_file_format": ("", "TFFormat_"),
    "output_type": ("ESI_", "ESIOType_"),
    "track_list_type": ("", "TListType_"),
    "fade_handling_type": ("", "FHType_"),
    "time_code_rate": ("STCR_", "STCRate_"),
}
# So spelled in the definition.
_ODD = {"STCRate_Fps2997Drop": "SSTCRate_Fps2997Drop"}


def use_newer_names(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a command's body with the newer names of fields and values."""
    found = {key: _newer_value(key, value) for key, value in body.items()}
    if found.pop("track_offset_options", None) == "Samples":
        found["location_type"] = "TLType_Samples"
    if found.pop("track_offset_opts", None) == "TimeCode":
        start = found.pop("session_start_time")
        found["location"] = {"location": start, "time_type": "TLType_TimeCode"}
    return found


def _newer_value(key: str, value: Any) -> Any:
    if key not in _PREFIXES or not isinstance(value, str):
        return value
    older, newer = _PREFIXES[key]
    if value.startswith(newer) or not value.startswith(older):
        return value
    name = newer + value.removeprefix(older)
    return _ODD.get(name, name)
