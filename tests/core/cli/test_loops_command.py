"""`rythmo loops`: the loops shown, other limits kept, and numbered again."""

from __future__ import annotations

from rythmo.cli import main
from rythmo.project.kept_loops import FILE


def test_loops_are_shown_with_who_is_in_them(project, capsys):
    assert main(["loops", str(project.root)]) == 0
    (row,) = capsys.readouterr().out.splitlines()
    assert row.split()[0] == "1" and row.endswith("Speaker 1, Speaker 2, Speaker 3")
    assert not (project.root / FILE).exists(), "looking hands out nothing"


def test_other_limits_stay_with_the_project(call, project):
    code, said = call("loops", project, "--loops", "by=character")
    assert (code, len(said["loops"])) == (0, 3)
    assert [len(loop["speakers"]) for loop in said["loops"]] == [1, 1, 1]
    assert len(call("loops", project)[1]["loops"]) == 3


def test_again_numbers_all_of_them_and_keeps_the_numbers(call, project):
    assert call("loops", project, "--again")[0] == 0
    assert (project.root / FILE).is_file()


def test_an_unknown_limit_is_refused(call, project):
    code, said = call("loops", project, "--loops", "colour=red")
    assert code == 2 and "colour" in said["message"]
