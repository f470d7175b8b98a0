"""No name and no link in a project leads out of its folder."""

import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rythmo.errors import ScriptError
from rythmo.files import write_atomically
from rythmo.project.workspace import Project
from rythmo.project_paths import path_in, require_own_files

links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")


@pytest.fixture
def project(tmp_path):
    folder = tmp_path / "film.rythmo"
    (folder / "takes" / "placed").mkdir(parents=True)
    (folder / "takes" / "S1_0001_t01.wav").write_bytes(b"ours")
    return folder


def test_a_name_of_the_project_is_a_path_in_it(project):
    assert path_in(project, "takes/S1_0001_t01.wav").read_bytes() == b"ours"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "/etc/passwd",
        "../x",
        "takes/../../x",
        "C:\\x",
        "c:x",
        "\\\\host\\share\\x",
        "//host/x",
        "a\0b",
        "a\\b",
    ],
)
def test_a_name_that_leads_out_is_refused(project, name):
    with pytest.raises(ScriptError):
        path_in(project, name)


@given(st.text(max_size=30))
def test_whatever_the_name_the_path_lies_inside(name):
    root = Path("film.rythmo").absolute()
    try:
        found = path_in(root, name)
    except ScriptError:
        return
    assert root in Path(os.path.normpath(found)).parents


@links
@pytest.mark.parametrize("where", ["takes", "takes/S1_0001_t01.wav", "takes/placed", "deliver"])
def test_a_link_at_any_depth_stops_the_work(project, tmp_path, where):
    outside = tmp_path / "outside"
    outside.mkdir()
    path = project / where
    if path.is_dir():
        path.rename(tmp_path / "was")
    path.unlink(missing_ok=True)
    path.symlink_to(outside)
    with pytest.raises(ScriptError, match="link"):
        require_own_files(project)
    with pytest.raises(ScriptError, match="link"):
        Project(project).acquire_lock()
    with pytest.raises(ScriptError, match="link"):
        Project(project).load()
    assert not any(outside.iterdir())


@links
def test_a_pipe_is_not_waited_for(project):
    os.mkfifo(project / "takes" / "S1_0002_t01.wav")
    with pytest.raises(ScriptError, match="pipe"):
        require_own_files(project)


@links
def test_nothing_is_written_through_a_link(project, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (project / "stems").symlink_to(outside)
    with pytest.raises(ScriptError):
        write_atomically(project / "stems" / "DX.wav", b"x")
    with pytest.raises(ScriptError):
        write_atomically(project / "stems" / "deeper" / "DX.wav", b"x")
    assert not any(outside.iterdir())


@links
def test_the_projects_own_folder_may_be_a_link(project, tmp_path):
    (tmp_path / "other.rythmo").symlink_to(project)
    write_atomically(tmp_path / "other.rythmo" / "takes" / "x.wav", b"x")
    require_own_files(tmp_path / "other.rythmo")
    assert (project / "takes" / "x.wav").read_bytes() == b"x"
