"""Write the report: `report.json` for programs, `report.html` for people."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from rythmo.files import write_atomically
from rythmo.qc.report_clips import Clip
from rythmo.qc.report_html import render_page
from rythmo.qc.report_model import QcReport
from rythmo.schemas import dedent_descriptions

JSON, HTML = "report.json", "report.html"
SCHEMA_ID = "https://rythmo.invalid/schema/qc-report-1.json"


def write_report(
    report: QcReport, folder: Path, clips: Mapping[str, Clip] | None = None
) -> tuple[Path, Path]:
    """Write both files whole into `folder`; returns their paths. The same report gives the same bytes.

    Raises OutputError.
    """
    paths = folder / JSON, folder / HTML
    write_atomically(paths[0], encode_report(report))
    write_atomically(paths[1], render_page(report, clips or {}).encode())
    return paths


def encode_report(report: QcReport) -> bytes:
    """Return the report as indented JSON."""
    raw = msgspec.json.encode(report)
    return msgspec.json.format(raw, indent=1) + b"\n"


def decode_report(data: bytes) -> QcReport:
    """Read a report from JSON. Raises msgspec.MsgspecError for what is not a report."""
    return msgspec.json.decode(data, type=QcReport)


def report_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of report.json, shipped as `report.schema.json` beside this module."""
    found = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": SCHEMA_ID}
    whole: dict[str, Any] = dedent_descriptions(
        msgspec.json.decode(msgspec.json.encode(found | msgspec.json.schema(QcReport)))
    )
    return whole
