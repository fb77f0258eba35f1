"""`unknot screen --answers FILE.json`."""

from unknot.intake import queries
from unknot.intake.management.answers import AnswersCommand


class Command(AnswersCommand):
    """Outcome and precautions, from a file of answers."""

    help = "The safety screening: answers from a JSON file, outcome and precautions as JSON. Nothing is kept."
    work_out = staticmethod(queries.screening_answer)
