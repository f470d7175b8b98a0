"""Put together the parts of the service that routes use."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from rythmo.files import remove_orphans
from rythmo.scratch import sweep_scratch
from rythmo_plugin.hosts.sessions import Conversations
from rythmo_plugin.service.allowed_paths import AllowedPaths
from rythmo_plugin.service.config import ServiceSettings
from rythmo_plugin.service.conform_plans import ConformPlans
from rythmo_plugin.service.database import Database
from rythmo_plugin.service.entry_codes import EntryCodes
from rythmo_plugin.service.events import EventLog
from rythmo_plugin.service.import_plans import ImportPlans
from rythmo_plugin.service.imports import Imports
from rythmo_plugin.service.job_results import JobResults
from rythmo_plugin.service.picture_jobs import PictureJobs
from rythmo_plugin.service.project_edits import ProjectEditor
from rythmo_plugin.service.projects import Projects
from rythmo_plugin.service.queue import JobQueue
from rythmo_plugin.service.recordings import Recordings
from rythmo_plugin.service.rights_editor import RightsEditor
from rythmo_plugin.service.service_file import make_private_folder
from rythmo_plugin.service.signed_urls import UrlSigner
from rythmo_plugin.service.structure_edits import StructureEditor
from rythmo_plugin.service.take_edits import TakeEditor
from rythmo_plugin.service.take_plans import TakePlans
from rythmo_plugin.service.translation_edits import TranslationEditor
from rythmo_plugin.service.uploads import Uploads
from rythmo_plugin.service.views import Views
from rythmo_plugin.service.voice_casting import VoiceCasting
from rythmo_plugin.service.waveform_peaks import WaveformPeaks


@dataclass
class Services:
    """The parts of one service. After `close`, the next service resumes the jobs that were running."""

    settings: ServiceSettings
    database: Database
    events: EventLog
    places: AllowedPaths
    projects: Projects
    queue: JobQueue
    tickets: UrlSigner
    views: Views
    work: JobResults
    editing: ProjectEditor
    structure: StructureEditor
    uploads: Uploads
    imports: Imports
    plans: ConformPlans
    reviewing: TranslationEditor
    recordings: Recordings
    human_takes: TakeEditor
    casting: VoiceCasting
    rights: RightsEditor
    pictures: PictureJobs
    streams: threading.BoundedSemaphore
    translations: ImportPlans = field(default_factory=ImportPlans)
    takes: TakePlans = field(default_factory=TakePlans)
    codes: EntryCodes = field(default_factory=EntryCodes)
    peaks: WaveformPeaks = field(default_factory=WaveformPeaks)
    hosts: Conversations = field(default_factory=Conversations)
    began: float = field(default_factory=time.time)

    def close(self) -> None:
        """End everything that runs in this process."""
        self.queue.close()
        self.peaks.close()
        self.events.close()
        self.database.close()


def make_services(settings: ServiceSettings) -> Services:
    """Open the database, make all parts, and resume the jobs that were running."""
    home = make_private_folder(settings.home)
    remove_orphans(home.rglob("*.part"))
    sweep_scratch()
    database, events, tickets = Database(home / "service.db"), EventLog(), UrlSigner(settings.token)
    places, projects = AllowedPaths(settings, database), Projects(database, events)
    queue, views = JobQueue(settings, database, events), Views(tickets)
    editing = ProjectEditor(settings, projects, queue, views)
    recordings = Recordings(home / "recordings")
    work = JobResults(settings, places, projects, views, events)
    services = Services(
        settings=settings,
        database=database,
        events=events,
        places=places,
        projects=projects,
        queue=queue,
        tickets=tickets,
        views=views,
        work=work,
        editing=editing,
        structure=StructureEditor(editing),
        uploads=Uploads(home / "uploads"),
        imports=Imports(home / "imports", places),
        plans=ConformPlans(),
        reviewing=TranslationEditor(editing),
        recordings=recordings,
        human_takes=TakeEditor(editing, recordings),
        casting=VoiceCasting(projects, queue, places),
        rights=RightsEditor(projects, queue),
        pictures=PictureJobs(projects, queue, views),
        streams=threading.BoundedSemaphore(settings.streams),
    )
    queue.start(work)
    return services
