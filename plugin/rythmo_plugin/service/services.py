"""Everything that a route may ask for, put together once."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from rythmo.files import remove_orphans
from rythmo_plugin.hosts.sessions import Conversations
from rythmo_plugin.service.allowed_paths import Places
from rythmo_plugin.service.config import ServiceSettings
from rythmo_plugin.service.conform_plans import Plans
from rythmo_plugin.service.database import Database
from rythmo_plugin.service.entry_codes import EntryCodes
from rythmo_plugin.service.events import EventLog
from rythmo_plugin.service.job_results import Work
from rythmo_plugin.service.project_edits import Editing
from rythmo_plugin.service.projects import Projects
from rythmo_plugin.service.queue import JobQueue
from rythmo_plugin.service.service_file import own_folder
from rythmo_plugin.service.signed_urls import Tickets
from rythmo_plugin.service.uploads import Uploads
from rythmo_plugin.service.views import Views
from rythmo_plugin.service.waveform_peaks import Peaks


@dataclass
class Services:
    """One service's parts. `close` ends it; what was running is taken up by the next one."""

    settings: ServiceSettings
    database: Database
    events: EventLog
    places: Places
    projects: Projects
    queue: JobQueue
    tickets: Tickets
    views: Views
    work: Work
    editing: Editing
    uploads: Uploads
    plans: Plans
    streams: threading.BoundedSemaphore
    codes: EntryCodes = field(default_factory=EntryCodes)
    peaks: Peaks = field(default_factory=Peaks)
    hosts: Conversations = field(default_factory=Conversations)
    began: float = field(default_factory=time.time)

    def close(self) -> None:
        """End all that runs in this process."""
        self.queue.close()
        self.peaks.close()
        self.events.close()
        self.database.close()


def make(settings: ServiceSettings) -> Services:
    """Open the records and take up what was running."""
    home = own_folder(settings.home)
    remove_orphans(home.rglob("*.part"))
    database, events, tickets = Database(home / "service.db"), EventLog(), Tickets(settings.token)
    places, projects = Places(settings, database), Projects(database, events)
    queue, views = JobQueue(settings, database, events), Views(tickets)
    work = Work(settings, places, projects, views, events)
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
        editing=Editing(settings, projects, queue, views),
        uploads=Uploads(home / "uploads"),
        plans=Plans(),
        streams=threading.BoundedSemaphore(settings.streams),
    )
    queue.start(work)
    return services
