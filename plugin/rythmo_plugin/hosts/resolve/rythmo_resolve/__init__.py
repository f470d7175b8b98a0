"""Rythmo inside DaVinci Resolve Studio: does what the service says, and reports what it saw.

Runs in whatever Python 3 Resolve finds (3.6 and later): the standard library only, no newer syntax.
Nothing is decided here. docs/host-protocol.md says what each verb means; the Lua scripts are its twin.
"""

from .talk import main as main
