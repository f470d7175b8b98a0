"""Rythmo's engine: from media to a dubbed script, takes and stems.

Importing this loads no heavy library and touches no disk.
"""

from rythmo.version import __version__

__all__ = ["__version__"]
