"""Rythmo inside DaVinci Resolve Studio: execute the service's steps, and report the timeline.

It runs in whatever Python 3 Resolve finds (3.6 and later), so it uses the standard library only and no newer
syntax. The service makes all decisions. docs/host-protocol.md explains the verbs; the Lua scripts do the
same.
"""

from .talk import main as main
