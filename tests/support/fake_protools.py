"""A fake Pro Tools: a PTSL server on loopback that holds every request against the public definition.

It does what the definition, the Reference Guide and users say, and it has bad manners: message boxes that
leave calls unanswered, refusals, tasks that are not done at once, several spellings of the same value.
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from fake_protools_session import FakeSession, RefusedError, format_width
from ptsl_definition import (
    checked_answer,
    checked_request,
    command_name,
    message,
    number,
    outdated_names,
)

_READ_ONLY = {"HostReadyCheck", "RegisterConnection", "GetTaskStatus"}


@dataclass
class Manners:
    """How the fake behaves. Calls are named with their number: "SpotClipsByID 3" is the third of its kind.

    `boxes` open a message box: the call is left unanswered, and so is every other until `HostReadyCheck` was
    asked `box_asks` times. `done_behind` are those of them that Pro Tools carried out all the same. `refused`
    gives an error's number and words. `slow` commands are tasks that are asked for twice until they are done.
    `newer_only` refuses outdated names. `lost` answers success and does nothing, `shifted` places a clip a
    sample late. `waits`: an unanswered call is left to its deadline; else it ends as if that had passed.
    """

    boxes: set[str] = field(default_factory=set)
    done_behind: set[str] = field(default_factory=set)
    box_asks: int = 2
    refused: dict[str, tuple[int, str]] = field(default_factory=dict)
    slow: set[str] = field(default_factory=set)
    asks_user: bool = False
    lost: set[str] = field(default_factory=set)
    shifted: set[str] = field(default_factory=set)
    version: tuple[int, int] = (2025, 10)
    spelling: str = "old"
    convert_only: bool = False
    names_new_tracks: str = "{}"
    longest_answer: int = 1 << 20
    counter: str = "timecode"
    newer_only: bool = False
    waits: bool = False
    links_selection: bool = True
    error_numbers: str = "number"


class FakeProTools:
    """The server. `seen` are the names of all calls, in order; `session` is None while none is open."""

    def __init__(self, manners: Manners | None = None, session: FakeSession | None = None) -> None:
        self.manners = manners or Manners()
        self.session = session
        self.seen: list[str] = []
        self.on_call: Callable[[str], None] = lambda _: None
        self.port = 0
        self._counts: Counter[str] = Counter()
        self._box = 0
        self._tasks: dict[str, int] = {}
        self._lock = threading.RLock()

    # --- the wire

    def answer(self, data: bytes, context: grpc.ServicerContext) -> bytes:
        """Answer a request."""
        request = message("Request").FromString(data)
        name = command_name(request.header.command)
        with self._lock:
            self._counts[name] += 1
            call = f"{name} {self._counts[name]}"
            self.seen.append(name)
        self.on_call(call)
        response = message("Response")()
        response.header.command = request.header.command
        response.header.status = number("TaskStatus", "Completed")
        if self._is_blocked(call, name, request, context):
            return response.SerializeToString()
        try:
            with self._lock:
                body = self._carry_out(call, request)
            response.response_body_json = checked_answer(request.header.command, body)
        except RefusedError as error:
            response.header.status = number("TaskStatus", "Failed")
            response.response_error_json = self._error(error)
        else:
            self._make_slow(name, response)
        return response.SerializeToString()

    def _is_blocked(self, call: str, name: str, request: Any, context: Any) -> bool:
        """Leave a call unanswered while a message box is open."""
        if call in self.manners.boxes:
            self._box = self.manners.box_asks
            if call in self.manners.done_behind:
                with self._lock, suppress(RefusedError):
                    self._carry_out(call, request)
        elif name == "HostReadyCheck" or not self._box:
            return False
        if not self.manners.waits:
            context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "unanswered")
        gone = threading.Event()
        if context.add_callback(gone.set):
            gone.wait(60)
        return True

    def _make_slow(self, name: str, response: Any) -> None:
        if name in self.manners.slow:
            task = f"task-{len(self._tasks)}"
            self._tasks[task] = 2
            response.header.task_id = task
            response.header.status = number("TaskStatus", "InProgress")
            response.response_body_json = ""

    def _error(self, error: RefusedError) -> str:
        spelled = {"number": error.code, "text": str(error.code), "name": "PT_NoOpenedSession"}
        code = spelled[self.manners.error_numbers if error.code == 106 else "number"]
        told = {"command_error_type": code, "command_error_message": str(error), "is_warning": False}
        return json.dumps({"errors": [told]})

    def _carry_out(self, call: str, request: Any) -> dict[str, Any]:
        name = call.partition(" ")[0]
        body = checked_request(request.header.command, request.request_body_json)
        if name not in _READ_ONLY and request.header.session_id != "registered":
            raise RefusedError(403, "The client is not registered")
        if self.manners.newer_only:
            self._refuse_outdated(request.header.command, body)
        if call in self.manners.refused:
            raise RefusedError(*self.manners.refused[call])
        if call in self.manners.lost:
            return {}
        return getattr(self, f"_{name}")(body, call)

    def _refuse_outdated(self, command: int, body: dict[str, Any]) -> None:
        if old := outdated_names(command, body):
            raise RefusedError(140, f"{old[0]} is deprecated")
        if old := {"track_offset_options", "track_offset_opts", "session_start_time"} & body.keys():
            raise RefusedError(139, f"{min(old)} is deprecated")

    def _open(self) -> FakeSession:
        if self.session is None:
            raise RefusedError(106, "No session is currently open")
        return self.session

    def _spell(self, old: str, new: str, value: int) -> str | int:
        return {"old": old, "new": new, "number": value}[self.manners.spelling]

    # --- the commands

    def _HostReadyCheck(self, body: dict, call: str) -> dict:
        self._box = max(0, self._box - 1)
        return {"is_host_ready": not self._box}

    def _RegisterConnection(self, body: dict, call: str) -> dict:
        assert body["company_name"]
        assert body["application_name"]
        return {"session_id": "registered"}

    def _GetPTSLVersion(self, body: dict, call: str) -> dict:
        return dict(zip(("version", "version_minor"), self.manners.version, strict=True))

    def _GetTaskStatus(self, body: dict, call: str) -> dict:
        task = body["task_id"]
        self._tasks[task] -= 1
        waiting = "WaitingForUserInput" if self.manners.asks_user else "InProgress"
        name = "Completed" if self._tasks[task] <= 0 else waiting
        return {"task_id": task, "status": self._spell(name, f"TStatus_{name}", number("TaskStatus", name))}

    def _GetSessionName(self, body: dict, call: str) -> dict:
        return {"session_name": self._open().name}

    def _CreateSession(self, body: dict, call: str) -> dict:
        if self.session is not None:
            raise RefusedError(135, "Another session is open")
        location = Path(body["session_location"])
        assert body["session_location"].endswith("/")
        session = FakeSession(
            body["session_name"], number("SampleRate", body["sample_rate"]), 3, "00:00:00:00"
        )
        session.folder = location / session.name
        session.folder.mkdir()
        (session.folder / f"{session.name}.ptx").write_bytes(b"ptx")
        self.session = session
        self.made = session
        return {}

    def _OpenSession(self, body: dict, call: str) -> dict:
        assert Path(body["session_path"]).is_file()
        self.session = self.made
        return {}

    def _SetSessionTimeCodeRate(self, body: dict, call: str) -> dict:
        self._open().rate = number("SessionTimeCodeRate", body["time_code_rate"])
        return {}

    def _SetSessionStartTime(self, body: dict, call: str) -> dict:
        told = body.get("session_start_time") or body["location"]["location"]
        self._open().start = told
        return {}

    def _SaveSession(self, body: dict, call: str) -> dict:
        self._open().saved += 1
        return {}

    def _ExportSessionInfoAsText(self, body: dict, call: str) -> dict:
        text = self._open().text(edls=body["include_track_edls"])
        if number("ESI_OutputType", body["output_type"]) == 1:
            Path(body["output_path"]).write_text(text)
            return {}
        if len(text) > self.manners.longest_answer:
            raise RefusedError(136, "The response is too long")
        return {"session_info": text}

    def _page(self, rows: list, body: dict) -> list:
        asked = body["pagination_request"]
        return rows[asked["offset"] : asked["offset"] + asked["limit"]]

    def _GetTrackList(self, body: dict, call: str) -> dict:
        session = self._open()
        rows = []
        for index, track in enumerate(session.tracks, start=1):
            chosen = track.name in session.selected_tracks and session.selection[1] > session.selection[0]
            state = "SetExplicitly" if chosen else "None"
            marked = self._spell(state, f"TAState_{state}", number("TrackAttributeState", state))
            kind = self._spell("AudioTrack", "TType_Audio", 2) if track.kind == 2 else track.kind
            attributes = {"is_muted": track.muted, "has_edit_selection": marked}
            row = {"name": track.name, "id": track.id, "index": index, "type": kind}
            rows.append({**row, "track_attributes": attributes})
        page = self._page(rows, body)
        return {"track_list": page, "pagination_response": {"total": len(page)}}

    def _CreateNewTracks(self, body: dict, call: str) -> dict:
        assert body["number_of_tracks"] == 1
        name = self.manners.names_new_tracks.format(body["track_name"])
        track = self._open().add_track(name, format_width(body["track_format"]))
        return {"created_track_names": [track.name], "created_track_ids": [track.id], "number_of_tracks": 1}

    def _RenameTargetTrack(self, body: dict, call: str) -> dict:
        self._open().track(name=body["current_name"]).name = body["new_name"]
        return {}

    def _ImportAudioToClipList(self, body: dict, call: str) -> dict:
        (path,) = body["file_list"]
        if self.manners.convert_only != (number("AudioOperations", body["audio_operations"]) == 3):
            raise RefusedError(100, "No audio files were imported")
        clip = self._open().add_file(Path(path))
        file = {"file_id": clip.file, "file_path": path, "clip_id_list": clip.ids}
        return {"file_list": [{"original_input_path": path, "destination_file_list": [file]}]}

    def _GetClipList(self, body: dict, call: str) -> dict:
        key = "clips" if self.manners.spelling == "number" else "clip_list"
        return {key: self._page(self._open().listed(), body)}

    def _CreateAudioClips(self, body: dict, call: str) -> dict:
        made = []
        for entry in body["clip_list"]:
            (info,) = entry["clip_info"]
            places = [info[key]["position"] for key in ("src_start_point", "src_end_point")]
            assert all(isinstance(place, int) for place in places)
            clip = self._open().add_clip(entry["name"], info["file_id"], *places)
            made.append({"clip_ids": clip.ids})
        return {"clip_list": made}

    def _SpotClipsByID(self, body: dict, call: str) -> dict:
        assert not ("dst_track_id" in body and "dst_track_name" in body)
        place = body["dst_location_data"]["location"]
        assert place["time_type"] == "TLType_Samples"
        at = int(place["location"]) + (call in self.manners.shifted)
        muted = body.get("clip_instance_attributes", {}).get("is_muted", False)
        session = self._open()
        session.spot(body["src_clips"], session.track(key=body["dst_track_id"]), at, muted=muted)
        return {}

    def _SetTrackMuteState(self, body: dict, call: str) -> dict:
        for name in body["track_names"]:
            self._open().track(name=name).muted = body["enabled"]
        return {}

    def _GetEditMode(self, body: dict, call: str) -> dict:
        mode = self._open().edit_mode
        name = {1: "Shuffle", 2: "Slip"}[mode]
        return {"current_setting": self._spell(f"EMO_{name}", f"EMode_{name}", mode)}

    def _SetEditMode(self, body: dict, call: str) -> dict:
        self._open().edit_mode = number("EditMode", body["edit_mode"])
        return {}

    def _SelectTracksByName(self, body: dict, call: str) -> dict:
        for name in body["track_names"]:
            self._open().track(name=name)
        if self.manners.links_selection:
            self._open().selected_tracks = list(body["track_names"])
        return {}

    def _SetTimelineSelection(self, body: dict, call: str) -> dict:
        self._open().selection = (int(body["in_time"]), int(body["out_time"]))
        return {}

    def _GetEditSelection(self, body: dict, call: str) -> dict:
        start, end = self._open().selection
        return {"in_time": str(start), "out_time": str(end)}

    def _Clear(self, body: dict, call: str) -> dict:
        self._open().clear()
        return {}

    def _GetMemoryLocations(self, body: dict, call: str) -> dict:
        return {"memory_locations": self._page(list(self._open().markers.values()), body)}

    def _CreateMemoryLocation(self, body: dict, call: str) -> dict:
        self._open().add_marker(body, counter=self.manners.counter)
        return {}

    def _ClearMemoryLocation(self, body: dict, call: str) -> dict:
        for each in body["location_list"]:
            del self._open().markers[each]
        return {"success_count": len(body["location_list"])}


@contextmanager
def running(fake: FakeProTools) -> Iterator[FakeProTools]:
    """The fake, listening on a free port of loopback."""
    server = grpc.server(ThreadPoolExecutor(4))
    handler = grpc.method_handlers_generic_handler(
        "ptsl.PTSL", {"SendGrpcRequest": grpc.unary_unary_rpc_method_handler(fake.answer)}
    )
    server.add_generic_rpc_handlers((handler,))
    fake.port = server.add_insecure_port("localhost:0")
    server.start()
    try:
        yield fake
    finally:
        server.stop(None).wait()
