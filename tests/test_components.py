"""The bill of materials names what is shipped, and the licences that a reader must know of."""

import json
import subprocess
import sys
from pathlib import Path

import av

from rythmo.models.folders import find_model

SCRIPT = Path(__file__).parents[1] / "tools" / "list_components.py"


def test_the_bill_of_materials_and_the_licences(tmp_path):
    subprocess.run([sys.executable, str(SCRIPT), "--out", str(tmp_path)], check=True, capture_output=True)
    bill = json.loads((tmp_path / "components.cdx.json").read_bytes())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    names = {one["name"]: one["licenses"][0]["license"]["name"] for one in bill["components"]}
    assert {"waitress", "filelock", "msgspec"} <= names.keys()
    assert names["ffmpeg"] == names["espeak-ng"] == "GPL-3.0-or-later"
    assert names["x264"] == names["x265"] == "GPL-2.0-or-later"
    assert names["Mozilla's models enpt and pten"] == "MPL-2.0"
    kinds = {one["name"]: one["type"] for one in bill["components"]}
    if find_model("kokoro"):
        assert (names["kokoro"], kinds["kokoro"]) == ("Apache-2.0", "machine-learning-model")


GPL = {
    "libx264",
    "libx265",
    "libxvidcore",
    "libvidstab",
    "librubberband",
    "libpostproc",
    "libxavs2",
    "libdavs2",
}
"""Libraries of FFmpeg that are under the GPL."""


def test_every_gpl_library_that_pyav_brings_is_named():
    folder = Path(av.__file__).parent.parent / "av.libs"
    found = {path.name.partition("-")[0].partition(".")[0] for path in folder.glob("lib*")}
    assert found & GPL <= {"libx264", "libx265"}


def test_the_bill_has_a_row_for_each_component(tmp_path):
    subprocess.run([sys.executable, str(SCRIPT), "--out", str(tmp_path)], check=True, capture_output=True)
    bill = json.loads((tmp_path / "components.cdx.json").read_bytes())
    rows = (tmp_path / "licences.txt").read_text("utf-8").splitlines()
    assert len(rows) == len(bill["components"])
