"""The command line: one small module for each command, and `main`, the process border."""

from rythmo.cli.app import main

__all__ = ["main"]
