"""The web server with a clock that jumps."""

from django.core.wsgi import get_wsgi_application

from rigs import crooked_clock  # noqa: F401 - bends the clock

application = get_wsgi_application()
