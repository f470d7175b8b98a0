"""`rythmo cast --withdraw NAME`: delete what a voice could be cloned from, and say what remains."""

from __future__ import annotations

import argparse
from pathlib import Path

from rythmo.cli.output import Output
from rythmo.dubbing.withdrawal import withdraw_consent
from rythmo.errors import UsageError
from rythmo.project.workspace import Project
from rythmo.settings import Settings


def run(project: Project, chosen: Settings, arguments: argparse.Namespace, output: Output) -> int:
    """Withdraw; the exit code is 1 where a service still has a clone."""
    path = arguments.save or (Path(chosen.cast.file) if chosen.cast.file else None)
    if path is None:
        raise UsageError("Consent stands in a cast file.", hint="Name it with --save FILE.")
    done = withdraw_consent(project, path, arguments.withdraw, face_only=arguments.face_only)
    output.say(f"The consent of {done.name} is withdrawn. Deleted:")
    for text in done.deleted:
        output.say(f"  {text}")
    for voice in done.left:
        output.warn(f"The clone {voice.name} is still at {voice.engine}: rythmo doctor --clean-voices")
    output.say("What remains:")
    for text in done.remains:
        output.say(f"  {text}")
    output.data(
        "done",
        project=str(project.root),
        cast=str(path),
        withdrawn=done.name,
        deleted=list(done.deleted),
        remains=list(done.remains),
        left=[voice.name for voice in done.left],
    )
    return 1 if done.left else 0
