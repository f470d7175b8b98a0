"""Flags that say where the requests to engines run."""

from __future__ import annotations

import argparse
from typing import Any

from rythmo.execution.groups import EXECUTORS


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags."""
    parser.add_argument(
        "--executor",
        metavar="NAME",
        help=f"where engines run: {', '.join(EXECUTORS)} (docs/cluster.md)",
    )
    parser.add_argument(
        "--workers", type=int, metavar="N", help="processes or actors (default: one for each core or GPU)"
    )
    parser.add_argument(
        "--store", metavar="WHERE", help="where machines share results: a folder, or s3://bucket/folder"
    )
    parser.add_argument(
        "--cluster", metavar="ADDRESS", help="the Ray cluster: auto, or HEAD:6379 (default: this machine)"
    )


def read_flags(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the settings of the stage `execution` that the flags give."""
    return {
        "executor": arguments.executor,
        "workers": arguments.workers,
        "store": arguments.store,
        "address": arguments.cluster,
    }
