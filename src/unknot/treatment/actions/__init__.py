"""Every write of the room: plan, session, note, check-ins."""

from unknot.treatment.actions.check_ins import NotDueError, answer_check_in, follow_record, mark_seen, remind_check_in
from unknot.treatment.actions.comfort import BadTapError, SessionOverError, acknowledge, tap
from unknot.treatment.actions.ending import end_by_client, end_session
from unknot.treatment.actions.marks import Mark, MarkAnswer, record_marks
from unknot.treatment.actions.notes import NoteMovedOnError, amend_note, save_note, sign_note
from unknot.treatment.actions.plans import Edit, PlanInUseError, PlanMovedOnError, agree_plan, edit_plan, propose_plan
from unknot.treatment.actions.sessions import (
    HeldByAnswersError,
    PlanNotAgreedError,
    PlanOutdatedError,
    TakenBackError,
    move_to_segment,
    start_session,
)
from unknot.treatment.actions.templates import TemplateMovedOnError, put_away_template, save_template
from unknot.treatment.actions.withdrawing import heed, take_back, warn_of_answers

__all__ = [
    "BadTapError",
    "Edit",
    "HeldByAnswersError",
    "Mark",
    "MarkAnswer",
    "NotDueError",
    "NoteMovedOnError",
    "PlanInUseError",
    "PlanMovedOnError",
    "PlanNotAgreedError",
    "PlanOutdatedError",
    "SessionOverError",
    "TakenBackError",
    "TemplateMovedOnError",
    "acknowledge",
    "agree_plan",
    "amend_note",
    "answer_check_in",
    "edit_plan",
    "end_by_client",
    "end_session",
    "follow_record",
    "heed",
    "mark_seen",
    "move_to_segment",
    "propose_plan",
    "put_away_template",
    "record_marks",
    "remind_check_in",
    "save_note",
    "save_template",
    "sign_note",
    "start_session",
    "take_back",
    "tap",
    "warn_of_answers",
]
