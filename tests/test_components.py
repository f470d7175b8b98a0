"""The bill of materials names what is shipped, and the licences that a reader must know of."""

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = Path(__file__).parents[1] / "tools" / "list_components.py"


def test_the_bill_of_materials_and_the_licences(tmp_path):
    subprocess.run([sys.executable, str(SCRIPT), "--out", str(tmp_path)], check=True, capture_output=True)
    bill = json.loads((tmp_path / "components.cdx.json").read_bytes())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    names = {one["name"]: one["licenses"][0]["license"]["name"] for one in bill["components"]}
    assert {"waitress", "filelock", "msgspec"} <= names.keys()
    assert names["ffmpeg"] == "GPL-3.0-or-later"
    rows = (tmp_path / "licences.txt").read_text("utf-8").splitlines()
    assert len(rows) == len(bill["components"])
