"""The API's values as they travel. The OpenAPI document is made from these types.

Positions and lengths are samples at the programme's `sample_rate`, times of day are Unix seconds. Ids are
text. A field that may be null always stands in the JSON, so that a client finds every name it knows.
"""

from rythmo_plugin.service.wire.base import (
    Asked as Asked,
)
from rythmo_plugin.service.wire.base import (
    Base as Base,
)
from rythmo_plugin.service.wire.base import (
    Done as Done,
)
from rythmo_plugin.service.wire.base import (
    Failure as Failure,
)
from rythmo_plugin.service.wire.base import (
    Language as Language,
)
from rythmo_plugin.service.wire.base import (
    MaybePath as MaybePath,
)
from rythmo_plugin.service.wire.base import (
    Name as Name,
)
from rythmo_plugin.service.wire.base import (
    PathText as PathText,
)
from rythmo_plugin.service.wire.base import (
    Problem as Problem,
)
from rythmo_plugin.service.wire.base import (
    Text as Text,
)
from rythmo_plugin.service.wire.deliveries import (
    ConformAsked as ConformAsked,
)
from rythmo_plugin.service.wire.deliveries import (
    ConformPlan as ConformPlan,
)
from rythmo_plugin.service.wire.deliveries import (
    ConformRow as ConformRow,
)
from rythmo_plugin.service.wire.deliveries import (
    DeliverAsked as DeliverAsked,
)
from rythmo_plugin.service.wire.deliveries import (
    DeliveryFacts as DeliveryFacts,
)
from rythmo_plugin.service.wire.deliveries import (
    Planned as Planned,
)
from rythmo_plugin.service.wire.deliveries import (
    RevealAsked as RevealAsked,
)
from rythmo_plugin.service.wire.edits import (
    Changed as Changed,
)
from rythmo_plugin.service.wire.edits import (
    ChoiceAsked as ChoiceAsked,
)
from rythmo_plugin.service.wire.edits import (
    Colour as Colour,
)
from rythmo_plugin.service.wire.edits import (
    Edited as Edited,
)
from rythmo_plugin.service.wire.edits import (
    LineAsked as LineAsked,
)
from rythmo_plugin.service.wire.edits import (
    MergeAsked as MergeAsked,
)
from rythmo_plugin.service.wire.edits import (
    Samples as Samples,
)
from rythmo_plugin.service.wire.edits import (
    SpeakerAsked as SpeakerAsked,
)
from rythmo_plugin.service.wire.edits import (
    SplitAsked as SplitAsked,
)
from rythmo_plugin.service.wire.edits import (
    VoiceAsked as VoiceAsked,
)
from rythmo_plugin.service.wire.jobs import (
    Amount as Amount,
)
from rythmo_plugin.service.wire.jobs import (
    Cost as Cost,
)
from rythmo_plugin.service.wire.jobs import (
    Count as Count,
)
from rythmo_plugin.service.wire.jobs import (
    EstimateAsked as EstimateAsked,
)
from rythmo_plugin.service.wire.jobs import (
    Event as Event,
)
from rythmo_plugin.service.wire.jobs import (
    Events as Events,
)
from rythmo_plugin.service.wire.jobs import (
    Job as Job,
)
from rythmo_plugin.service.wire.jobs import (
    JobAsked as JobAsked,
)
from rythmo_plugin.service.wire.jobs import (
    JobKind as JobKind,
)
from rythmo_plugin.service.wire.jobs import (
    JobResult as JobResult,
)
from rythmo_plugin.service.wire.jobs import (
    LineCounts as LineCounts,
)
from rythmo_plugin.service.wire.jobs import (
    Priority as Priority,
)
from rythmo_plugin.service.wire.jobs import (
    PriorityAsked as PriorityAsked,
)
from rythmo_plugin.service.wire.jobs import (
    Stage as Stage,
)
from rythmo_plugin.service.wire.jobs import (
    StageState as StageState,
)
from rythmo_plugin.service.wire.jobs import (
    State as State,
)
from rythmo_plugin.service.wire.machine import (
    Check as Check,
)
from rythmo_plugin.service.wire.machine import (
    Checks as Checks,
)
from rythmo_plugin.service.wire.machine import (
    Engines as Engines,
)
from rythmo_plugin.service.wire.machine import (
    Entry as Entry,
)
from rythmo_plugin.service.wire.machine import (
    Folder as Folder,
)
from rythmo_plugin.service.wire.machine import (
    FolderAsked as FolderAsked,
)
from rythmo_plugin.service.wire.machine import (
    FormatFacts as FormatFacts,
)
from rythmo_plugin.service.wire.machine import (
    LanguageFacts as LanguageFacts,
)
from rythmo_plugin.service.wire.machine import (
    Listing as Listing,
)
from rythmo_plugin.service.wire.machine import (
    ServiceFacts as ServiceFacts,
)
from rythmo_plugin.service.wire.machine import (
    Upload as Upload,
)
from rythmo_plugin.service.wire.projects import (
    Flag as Flag,
)
from rythmo_plugin.service.wire.projects import (
    FlagCounts as FlagCounts,
)
from rythmo_plugin.service.wire.projects import (
    Limits as Limits,
)
from rythmo_plugin.service.wire.projects import (
    Line as Line,
)
from rythmo_plugin.service.wire.projects import (
    LineWithWords as LineWithWords,
)
from rythmo_plugin.service.wire.projects import (
    OpenAsked as OpenAsked,
)
from rythmo_plugin.service.wire.projects import (
    Pending as Pending,
)
from rythmo_plugin.service.wire.projects import (
    Picture as Picture,
)
from rythmo_plugin.service.wire.projects import (
    Placement as Placement,
)
from rythmo_plugin.service.wire.projects import (
    Programme as Programme,
)
from rythmo_plugin.service.wire.projects import (
    Project as Project,
)
from rythmo_plugin.service.wire.projects import (
    ProjectFacts as ProjectFacts,
)
from rythmo_plugin.service.wire.projects import (
    Size as Size,
)
from rythmo_plugin.service.wire.projects import (
    Sound as Sound,
)
from rythmo_plugin.service.wire.projects import (
    Speaker as Speaker,
)
from rythmo_plugin.service.wire.projects import (
    Stem as Stem,
)
from rythmo_plugin.service.wire.projects import (
    Take as Take,
)
from rythmo_plugin.service.wire.projects import (
    Voice as Voice,
)
from rythmo_plugin.service.wire.projects import (
    Word as Word,
)
