"""Routes of edits: lines, takes, speakers, undo and redo."""

from __future__ import annotations

from rythmo_plugin.service import schema
from rythmo_plugin.service.routing import Call, Routes
from rythmo_plugin.service.services import Services

ROUTES = Routes()
_LINE = "/projects/{project}/lines/{line}"
_SPEAKER = "/projects/{project}/speakers/{speaker}"


@ROUTES.add("PATCH", _LINE, "Change a line", body=schema.LineAsked, gives=schema.Edited)
def line(services: Services, call: Call) -> schema.Edited:
    """Change a line. The edit is saved when this returns; the take that follows is a job."""
    return services.editing.line(call.id("project"), call.id("line"), call.body)


@ROUTES.add(
    "POST",
    "/projects/{project}/lines",
    "Make a line of speech that has none",
    body=schema.AddLineAsked,
    gives=schema.Edited,
    status=201,
)
def add_line(services: Services, call: Call) -> schema.Edited:
    """As `rythmo line PROJECT --add`; the take that follows is a job."""
    return services.editing.add_line(call.id("project"), call.body)


@ROUTES.add(
    "POST", f"{_LINE}/split", "Split a line", body=schema.SplitLineAsked, gives=schema.Changed, status=201
)
def split_line(services: Services, call: Call) -> schema.Changed:
    """The first part keeps the id. Both parts are voiced: `jobs` makes their takes."""
    return services.structure.split(call.id("project"), call.id("line"), call.body)


@ROUTES.add(
    "POST",
    "/projects/{project}/lines/join",
    "Make neighbouring lines one",
    body=schema.JoinLinesAsked,
    gives=schema.Changed,
)
def join_lines(services: Services, call: Call) -> schema.Changed:
    """The joined line has the id of the first; the others are in `removed`."""
    return services.structure.join(call.id("project"), call.body)


@ROUTES.add("DELETE", _LINE, "Delete a line", gives=schema.Changed)
def delete_line(services: Services, call: Call) -> schema.Changed:
    """Delete a line. Its takes are kept, and it can be restored."""
    return services.structure.delete(call.id("project"), call.id("line"))


@ROUTES.add("POST", f"{_LINE}/restore", "Bring a deleted line back", gives=schema.Changed)
def restore_line(services: Services, call: Call) -> schema.Changed:
    """Bring a deleted line back as it was."""
    return services.structure.restore(call.id("project"), call.id("line"))


@ROUTES.add("PUT", f"{_LINE}/lock", "Lock or unlock a line", body=schema.LockAsked, gives=schema.Changed)
def lock_line(services: Services, call: Call) -> schema.Changed:
    """A locked line is changed by nothing but unlocking it."""
    return services.structure.lock(call.id("project"), call.id("line"), call.body)


@ROUTES.add(
    "PUT",
    f"{_LINE}/screen",
    "Say whether a line's speaker is on screen",
    body=schema.ScreenAsked,
    gives=schema.Changed,
)
def screen(services: Services, call: Call) -> schema.Changed:
    """What a person says comes before what was found in the picture. The line is fitted again."""
    return services.structure.screen(call.id("project"), call.id("line"), call.body)


@ROUTES.add(
    "PUT",
    "/projects/{project}/faces/{face}",
    "Say whose face it is",
    body=schema.NameFaceAsked,
    gives=schema.Changed,
)
def name_face(services: Services, call: Call) -> schema.Changed:
    """As `rythmo faces PROJECT --name`. Who is seen in which line is looked up again with the next mix."""
    return services.structure.name_face(call.id("project"), call.id("face"), call.body)


@ROUTES.add(
    "POST",
    "/projects/{project}/speech/leave",
    "Leave speech without a line as it is",
    body=schema.LeaveAsked,
    gives=schema.Changed,
)
def leave_speech(services: Services, call: Call) -> schema.Changed:
    """The original stays in the dub there, and the finding is settled."""
    return services.editing.leave_speech(call.id("project"), call.body)


@ROUTES.add("POST", f"{_LINE}/takes", "Another take of the same words", gives=schema.Job, status=201)
def take(services: Services, call: Call) -> schema.Job:
    """Queue another take. Earlier takes are kept."""
    return services.editing.another_take(call.id("project"), call.id("line"))


@ROUTES.add("PUT", f"{_LINE}/choice", "Use another take", body=schema.ChoiceAsked, gives=schema.Edited)
def choice(services: Services, call: Call) -> schema.Edited:
    """Choose a take. The line's words become those of the take."""
    return services.editing.choose(call.id("project"), call.id("line"), call.body)


@ROUTES.add(
    "PATCH", _SPEAKER, "Rename, recolour or recast a speaker", body=schema.SpeakerAsked, gives=schema.Changed
)
def speaker(services: Services, call: Call) -> schema.Changed:
    """Change a speaker. With a new voice, all the speaker's lines are spoken again."""
    return services.editing.speaker(call.id("project"), call.id("speaker"), call.body)


@ROUTES.add(
    "POST",
    f"{_SPEAKER}/merge",
    "Merge two speakers who are one person",
    body=schema.MergeAsked,
    gives=schema.Changed,
)
def merge(services: Services, call: Call) -> schema.Changed:
    """Give all lines of the speaker to the speaker `into`."""
    return services.editing.merge(call.id("project"), call.id("speaker"), call.body)


@ROUTES.add(
    "POST",
    f"{_SPEAKER}/split",
    "Give some lines to a new speaker",
    body=schema.SplitAsked,
    gives=schema.Changed,
)
def split(services: Services, call: Call) -> schema.Changed:
    """Split a speaker. `speaker` in the response is the new one."""
    return services.editing.split(call.id("project"), call.id("speaker"), call.body)


@ROUTES.add("POST", "/projects/{project}/undo", "Undo the last edit", gives=schema.Changed)
def undo(services: Services, call: Call) -> schema.Changed:
    """Undo the last edit. Takes are kept."""
    return services.editing.step(call.id("project"), redo=False)


@ROUTES.add("POST", "/projects/{project}/redo", "Redo the last undone edit", gives=schema.Changed)
def redo(services: Services, call: Call) -> schema.Changed:
    """Redo the last undone edit. The next edit ends this possibility."""
    return services.editing.step(call.id("project"), redo=True)


@ROUTES.add("POST", "/projects/{project}/remake", "Mix and deliver now", gives=schema.Job, status=201)
def remake(services: Services, call: Call) -> schema.Job:
    """Mix and deliver now instead of a moment after the last edit."""
    return services.editing.mix(call.id("project"))
