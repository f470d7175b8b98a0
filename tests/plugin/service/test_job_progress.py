"""A job's progress, out of the events of core."""

from rythmo_plugin.service import job_progress, schema

JOB = schema.Job(id="j", kind="dub", state="running", stages=job_progress.initial_stages("dub"))


def move(job, part, place, *, running=True, stage="separate"):
    return job_progress.move_place(job, stage, {"part": part, "place": place, "running": running})


def test_a_job_tells_what_runs_where():
    job = move(move(JOB, "chunk 1", "node a"), "chunk 2", "node b")
    assert [(one.part, one.place) for one in job.places] == [("chunk 1", "node a"), ("chunk 2", "node b")]
    assert job_progress.progress_key(job) != job_progress.progress_key(JOB)
    # The node was lost, and the chunk is done again elsewhere.
    job = move(job, "chunk 1", "node b")
    assert [(one.part, one.place) for one in job.places] == [("chunk 2", "node b"), ("chunk 1", "node b")]
    job = move(move(job, "chunk 1", "node b", running=False), "chunk 2", "node b", running=False)
    assert job.places == []
    assert job.stages == JOB.stages


def test_faces_and_lips_are_stages_of_a_dub_that_asks_for_them():
    plain = [stage.name for stage in JOB.stages]
    asked = {"settings": {"faces": {"find": True}, "lips": {"make": True}}}
    names = [stage.name for stage in job_progress.initial_stages("dub", asked)]
    assert [name for name in names if name not in ("faces", "lips")] == plain
    assert names.index("faces") < names.index("cast")
    assert names.index("mix") < names.index("lips") < names.index("qc")


def test_lines_are_told_with_their_count():
    job = move(JOB, "S1_0001", "node a", stage="voice")
    assert job.places
    assert job_progress.progress_key(job) == job_progress.progress_key(JOB)


def test_the_list_of_places_has_an_end():
    job = JOB
    for number in range(job_progress.MOST_PLACES + 5):
        job = move(job, f"S1_{number:04}", "node a", stage="voice")
    assert len(job.places) == job_progress.MOST_PLACES


def test_nothing_runs_once_the_job_is_done():
    job = job_progress.finish_job(move(JOB, "chunk 1", "node a"), schema.JobResult(), [])
    assert job.places == []
