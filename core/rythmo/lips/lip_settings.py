"""The settings of lips. Frozen values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LipSettings:
    """Whether lips are made, and how their clips are written.

    `make` makes lips after each mix, `burn` also delivers the film with them. `ramp` is how many frames lead
    from the original to new lips and back, 0 to 12. `clips` is "prores" (422 HQ), "h264" or "lossless"
    (FFV1). `handles` are frames of the picture before and after each clip. `most_pixels` is the largest side
    of the square that an engine gets. `library` is how many other frames of the person it gets at most.
    """

    make: bool = False
    burn: bool = False
    ramp: int = 3
    clips: str = "prores"
    handles: int = 12
    most_pixels: int = 640
    library: int = 80
