"""Fakes of paid services: they speak the real protocol, keep state, and count what would cost money."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import numpy as np
import soundfile
from fake_http import Answer, Loopback, Request, Socket, as_json


def voice_like(key: str, text: str, rate: int) -> np.ndarray:
    """A tone whose pitch depends on the voice and whose length on the text: int16 samples."""
    hertz = 100 + sum(key.encode()) % 200
    seconds = 0.3 + 0.06 * len(text)
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype("<i2")


@dataclass
class FakeElevenLabs:
    """Voices that can be made, found, used and deleted; `made` and `spoken` are what would be paid for."""

    server: Loopback
    voices: dict[str, str] = field(default_factory=dict)
    stock: dict[str, str] = field(
        default_factory=lambda: {"stock-m": "male", "stock-f": "female", "stock-n": ""}
    )
    made: list[str] = field(default_factory=list)
    spoken: list[tuple[str, str]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.server.route = self.route

    def route(self, request: Request) -> Answer:
        if request.headers.get("xi-api-key") != "xi-test-key":
            return as_json({"detail": {"status": "invalid_api_key", "message": "Invalid API key"}}, 401)
        path = urlsplit(request.path)
        with self._lock:
            if path.path == "/v1/voices/add":
                return self._add(request)
            if path.path == "/v2/voices":
                return self._list(parse_qs(path.query))
            if request.method == "DELETE":
                return self._delete(path.path.rsplit("/", 1)[1])
            if path.path.startswith("/v1/text-to-speech/"):
                return self._speak(request, path.path.rsplit("/", 1)[1], parse_qs(path.query))
        return as_json({"detail": "Not Found"}, 404)

    def _add(self, request: Request) -> Answer:
        name = re.search(rb'name="name"\r\n\r\n([^\r]+)', request.body)
        assert name, "the form has a name"
        assert b"RIFF" in request.body, "the form has a WAV"
        voice = f"voice{len(self.made)}"
        self.made.append(name[1].decode())
        self.voices[voice] = name[1].decode()
        return as_json({"voice_id": voice, "requires_verification": False})

    def _list(self, query: dict[str, list[str]]) -> Answer:
        wanted = query.get("search", [""])[0]
        found = [{"voice_id": k, "name": v, "labels": {}} for k, v in self.voices.items() if wanted in v]
        if query.get("category") == ["premade"]:
            found = [{"voice_id": k, "name": k, "labels": {"gender": v}} for k, v in self.stock.items()]
        return as_json({"voices": found, "has_more": False, "total_count": len(found)})

    def _delete(self, voice: str) -> Answer:
        if self.voices.pop(voice, None) is None:
            return as_json({"detail": {"status": "voice_not_found", "message": "gone"}}, 404)
        self.deleted.append(voice)
        return as_json({"status": "ok"})

    def _speak(self, request: Request, voice: str, query: dict[str, list[str]]) -> Answer:
        if voice not in self.voices and voice not in self.stock:
            return as_json({"detail": {"status": "voice_not_found", "message": "gone"}}, 404)
        body = json.loads(request.body)
        rate = int(query["output_format"][0].removeprefix("pcm_"))
        self.spoken.append((voice, body["text"]))
        data = voice_like(voice, body["text"], rate).tobytes()
        return Answer(data, content_type="audio/pcm", headers={"request-id": f"r{len(self.spoken)}"})


def wav_bytes(samples: np.ndarray, rate: int) -> bytes:
    data = samples.astype("<i2").tobytes()
    header = b"RIFF" + (36 + len(data)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    header += (1).to_bytes(2, "little") * 2 + rate.to_bytes(4, "little") + (2 * rate).to_bytes(4, "little")
    return header + b"\2\0\x10\0data" + len(data).to_bytes(4, "little") + data


@dataclass
class FakeOpenAI:
    """Speech and transcription; `spoken` and `heard` are what would be paid for.

    Transcription "hears" one word for each half second of each file that it is sent.
    """

    server: Loopback
    spoken: list[dict] = field(default_factory=list)
    heard: list[dict[str, str]] = field(default_factory=list)
    files: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server.route = self.route

    def route(self, request: Request) -> Answer:
        if request.path.endswith("/audio/speech"):
            return self._speak(request)
        if request.path.endswith("/audio/transcriptions"):
            return self._hear(request)
        return as_json({"error": {"message": "no such path"}}, 404)

    def _speak(self, request: Request) -> Answer:
        body = request.json()
        self.spoken.append(body)
        return Answer(
            wav_bytes(voice_like(body["voice"], body["input"], 24_000), 24_000), content_type="audio/wav"
        )

    def _hear(self, request: Request) -> Answer:
        boundary = request.headers["content-type"].split("boundary=")[1].encode()
        form: dict[str, str] = {}
        for part in request.body.split(b"--" + boundary)[1:-1]:
            head, _, value = part.partition(b"\r\n\r\n")
            name = re.search(rb'name="([^"]+)"', head)[1].decode()
            if name == "file":
                self.files.append(value[:-2])
            else:
                form[name] = value[:-2].decode()
        self.heard.append(form)
        samples, rate = soundfile.read(BytesIO(self.files[-1]))
        count = max(1, round(len(samples) / rate * 2))
        words = [{"word": f"word{n}", "start": n / 2, "end": n / 2 + 0.4} for n in range(count)]
        text = " ".join(f"Word{n}," for n in range(count))
        if form["response_format"] == "json":
            return as_json({"text": text})
        segment = {
            "id": 0,
            "seek": 0,
            "start": 0.0,
            "end": count / 2,
            "text": text,
            "tokens": [],
            "temperature": 0.0,
        }
        segment |= {"avg_logprob": -0.1, "compression_ratio": 1.0, "no_speech_prob": 0.0}
        return as_json(
            {
                "task": "transcribe",
                "language": "english",
                "duration": count / 2,
                "text": text,
                "words": words,
                "segments": [segment],
            }
        )


@dataclass
class FakeDashScope:
    """Qwen-TTS, also over its websocket, its clones, and Fun-ASR with its upload store; a transcription takes
    two looks to finish."""

    server: Loopback
    spoken: list[dict] = field(default_factory=list)
    started: list[dict] = field(default_factory=list)
    uploads: list[bytes] = field(default_factory=list)
    looks: int = 0
    fails: str = ""
    voices: dict[str, str] = field(default_factory=dict)
    """The clones there are, with the model that each is for."""
    made: list[str] = field(default_factory=list)
    heard: list[dict] = field(default_factory=list)
    """What clients said on the websocket."""
    replies: Callable[[Socket, dict, str], None] | None = None
    """How the websocket answers (session, text), where not as it should."""

    def __post_init__(self) -> None:
        self.server.route = self.route

    def route(self, request: Request) -> Answer:
        path = urlsplit(request.path).path
        if path.startswith("/sound/"):
            voice, text = self.spoken[int(path.rsplit("/", 1)[1])].values()
            return Answer(wav_bytes(voice_like(voice, text, 24_000), 24_000), content_type="audio/wav")
        if path == "/transcript.json":
            words = [
                {"begin_time": 100, "end_time": 400, "text": "Hello", "punctuation": ","},
                {"begin_time": 500, "end_time": 900, "text": "you", "punctuation": "."},
            ]
            sentences = [
                {"begin_time": 100, "end_time": 900, "text": "Hello, you.", "words": words},
                {"begin_time": 1000, "end_time": 2000, "text": "Good bye."},
            ]
            return as_json({"transcripts": [{"channel_id": 0, "text": "", "sentences": sentences}]})
        if path == "/store":
            self.uploads.append(request.body)
            return Answer(b"")
        if request.headers.get("authorization") != "Bearer sk-dash-0123456789":
            return as_json(
                {"code": "InvalidApiKey", "message": "Invalid API-key provided.", "request_id": "r"}, 401
            )
        return self._api(request, path)

    def _api(self, request: Request, path: str) -> Answer:
        if path == "/api-ws/v1/realtime":
            model = parse_qs(urlsplit(request.path).query)["model"][0]
            return Answer(kind="socket", talk=lambda socket: self._talk(socket, model))
        if path.endswith("/customization"):
            return self._customize(request.json()["input"])
        if path.endswith("/uploads"):
            policy = {
                "policy": "p",
                "signature": "s",
                "upload_dir": "dir",
                "upload_host": f"{self.server.url}/store",
            }
            policy |= {
                "oss_access_key_id": "k",
                "x_oss_object_acl": "private",
                "x_oss_forbid_overwrite": "true",
            }
            return as_json({"request_id": "r", "data": policy})
        if path.endswith("/transcription"):
            assert request.headers["x-dashscope-ossresourceresolve"] == "enable"
            self.started.append(request.json())
            self.looks = 0
            return as_json({"request_id": "r", "output": {"task_id": "t1", "task_status": "PENDING"}})
        if path.endswith("/tasks/t1"):
            self.looks += 1
            result = {
                "subtask_status": "SUCCEEDED",
                "transcription_url": f"{self.server.url}/transcript.json",
            }
            if self.fails:
                result = {"subtask_status": "FAILED", "code": self.fails, "message": self.fails}
            status = "SUCCEEDED" if self.looks > 1 else "RUNNING"
            return as_json(
                {"request_id": "r", "output": {"task_id": "t1", "task_status": status, "results": [result]}}
            )
        body = request.json()["input"]
        if self._is_unknown(body["voice"], request.json()["model"]):
            return as_json({"code": "BadRequest.VoiceNotFound", "message": "no", "request_id": "r"}, 400)
        self.spoken.append({"voice": body["voice"], "text": body["text"]})
        audio = {
            "url": f"{self.server.url}/sound/{len(self.spoken) - 1}",
            "data": "",
            "id": "a",
            "expires_at": 1,
        }
        return as_json({"request_id": "r", "output": {"finish_reason": "stop", "audio": audio}, "usage": {}})

    def _is_unknown(self, voice: str, model: str) -> bool:
        """A clone speaks with the model that it was made for, and while it is there."""
        return voice.startswith("qwen-tts-vc-") and self.voices.get(voice) != model

    def _customize(self, wanted: dict) -> Answer:
        if wanted["action"] == "create":
            name = wanted["preferred_name"]
            assert re.fullmatch(r"\w{1,16}", name, re.ASCII), "the service takes no other names"
            sound = base64.b64decode(wanted["audio"]["data"].removeprefix("data:audio/wav;base64,"))
            assert soundfile.info(BytesIO(sound)).samplerate >= 24_000
            voice = f"qwen-tts-vc-{name}-voice-2026-{len(self.made):04}"
            self.made.append(voice)
            self.voices[voice] = wanted["target_model"]
            return as_json({"request_id": "r", "output": {"voice": voice}, "usage": {"count": 1}})
        if wanted["action"] == "delete":
            if self.voices.pop(wanted["voice"], None) is None:
                return as_json({"code": "BadRequest.VoiceNotFound", "message": "no", "request_id": "r"}, 400)
            return as_json({"request_id": "r", "output": {"voice": wanted["voice"]}})
        start = wanted["page_index"] * wanted["page_size"]
        found = [{"voice": voice, "target_model": model} for voice, model in self.voices.items()]
        return as_json(
            {"request_id": "r", "output": {"voice_list": found[start : start + wanted["page_size"]]}}
        )

    def _talk(self, socket: Socket, model: str) -> None:
        """One session, as the service's reference describes it."""
        socket.say({"type": "session.created", "session": {"id": "s", "model": model}})
        session, text = {"model": model}, ""
        while event := socket.hear():
            self.heard.append(event)
            if event["type"] == "session.update":
                session |= event["session"]
                socket.say({"type": "session.updated", "session": session})
            elif event["type"] == "input_text_buffer.append":
                text += event["text"]
            elif event["type"] == "session.finish":
                (self.replies or self.speak)(socket, session, text)
                return

    def speak(self, socket: Socket, session: dict, text: str) -> None:
        """The line in pieces, and the end of the session."""
        if self._is_unknown(session["voice"], session["model"]):
            socket.say({"type": "error", "error": {"code": "invalid_value", "message": "voice not found"}})
            return
        self.spoken.append({"voice": session["voice"], "text": text})
        data = voice_like(session["voice"], text, session["sample_rate"]).tobytes()
        socket.say({"type": "response.created", "response": {"id": "r"}})
        for start in range(0, len(data), 16_000):
            piece = base64.b64encode(data[start : start + 16_000]).decode()
            socket.say({"type": "response.audio.delta", "delta": piece})
        socket.say({"type": "response.done", "response": {"id": "r", "status": "completed"}})
        socket.say({"type": "session.finished"})
        socket.send(b"\x03\xe8", 8)


@dataclass
class FakeCloudVoices:
    """Google's and Azure's speech interfaces, as their references describe them."""

    server: Loopback
    spoken: list[tuple[str, str]] = field(default_factory=list)
    ssml: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.server.route = self.route

    def route(self, request: Request) -> Answer:
        if "cloud-key-0123456789" not in (
            request.headers.get("x-goog-api-key"),
            request.headers.get("ocp-apim-subscription-key"),
        ):
            return as_json({"error": {"code": 401, "message": "the key is not valid"}}, 401)
        path = urlsplit(request.path)
        if path.path == "/v1/voices":
            names = {
                "es-ES-Standard-A": "FEMALE",
                "es-ES-Neural2-B": "MALE",
                "es-US-Chirp3-HD-Kore": "FEMALE",
                "es-ES-Neural2-C": "FEMALE",
                "es-ES-Studio-F": "MALE",
            }
            voices = [
                {"name": name, "ssmlGender": gender, "languageCodes": ["es-ES"]}
                for name, gender in names.items()
            ]
            return as_json({"voices": voices} if parse_qs(path.query)["languageCode"] == ["es"] else {})
        if path.path == "/v1/text:synthesize":
            body = request.json()
            return as_json(
                {
                    "audioContent": base64.b64encode(
                        self._say(body["voice"]["name"], body["input"]["text"])
                    ).decode()
                }
            )
        if path.path == "/cognitiveservices/voices/list":
            names = {
                "es-ES-ElviraNeural": "Female",
                "es-ES-AlvaroNeural": "Male",
                "en-US-JennyNeural": "Female",
                "es-MX-DaliaNeural": "Female",
            }
            return as_json(
                [
                    {"ShortName": name, "Gender": gender, "Locale": name[:5], "StyleList": ["whispering"]}
                    for name, gender in names.items()
                ]
            )
        return self._azure(request)

    def _azure(self, request: Request) -> Answer:
        assert request.headers["x-microsoft-outputformat"] == "riff-24khz-16bit-mono-pcm"
        self.ssml.append(request.body.decode())
        root = ElementTree.fromstring(self.ssml[-1])
        voice = root[0]
        duration = voice.find("{http://www.w3.org/2001/mstts}audioduration")
        seconds = None if duration is None else int(duration.attrib["value"].removesuffix("ms")) / 1000
        return Answer(
            self._say(voice.attrib["name"], "".join(voice.itertext()), seconds), content_type="audio/x-wav"
        )

    def _say(self, voice: str, text: str, seconds: float | None = None) -> bytes:
        self.spoken.append((voice, text))
        sound = voice_like(voice, text, 24_000)
        if seconds is not None:
            sound = np.resize(sound, round(seconds * 24_000))
        return wav_bytes(sound, 24_000)
