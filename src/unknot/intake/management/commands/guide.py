"""`unknot guide --answers FILE.json`."""

from unknot.intake import queries
from unknot.intake.management.answers import AnswersCommand


class Command(AnswersCommand):
    """Which massage may suit, from a file of answers."""

    help = "Which massage may suit, with reasons: answers from a JSON file, result as JSON. Nothing is kept."
    work_out = staticmethod(queries.guide_answer)
