"""Every read of the room. Chart reads are recorded where they happen."""

from unknot.treatment.queries.check_ins import CheckInFacts, attention_count, attention_list, check_in
from unknot.treatment.queries.desk import OpenedVisit, opened_visit
from unknot.treatment.queries.history import PastVisit
from unknot.treatment.queries.limits import Limits, PrecautionLine
from unknot.treatment.queries.live import watch
from unknot.treatment.queries.maps import VisitMap, visit_maps
from unknot.treatment.queries.notes import AftercareFacts, NoteFacts, aftercare, note_of
from unknot.treatment.queries.plans import PlanFacts
from unknot.treatment.queries.sessions import (
    Pulse,
    SessionFacts,
    TapFacts,
    find_session_scope,
    join_code,
    joined_session,
    may_watch,
    pulse,
    running_visits,
    written_down,
)
from unknot.treatment.queries.templates import TemplateFacts, template, templates
from unknot.treatment.queries.workspace import (
    ComfortPage,
    NoteDraft,
    SessionScreen,
    comfort_page,
    note_draft,
    session_screen,
)

__all__ = [
    "AftercareFacts",
    "CheckInFacts",
    "ComfortPage",
    "Limits",
    "NoteDraft",
    "NoteFacts",
    "OpenedVisit",
    "PastVisit",
    "PlanFacts",
    "PrecautionLine",
    "Pulse",
    "SessionFacts",
    "SessionScreen",
    "TapFacts",
    "TemplateFacts",
    "VisitMap",
    "aftercare",
    "attention_count",
    "attention_list",
    "check_in",
    "comfort_page",
    "find_session_scope",
    "join_code",
    "joined_session",
    "may_watch",
    "note_draft",
    "note_of",
    "opened_visit",
    "pulse",
    "running_visits",
    "session_screen",
    "template",
    "templates",
    "visit_maps",
    "watch",
    "written_down",
]
