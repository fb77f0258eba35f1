"""Is this process able to answer?"""

from django.db import connection
from django.http import HttpResponse

from unknot.web.access import ANYONE, PracticeRequest, page


@page(ANYONE, in_practice=False)
def healthz(request: PracticeRequest) -> HttpResponse:
    """200 and `ok` when the database answers too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")
