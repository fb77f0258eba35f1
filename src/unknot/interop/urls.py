"""Addresses for other programs, and the page on which they are made."""

from django.urls import path

from unknot.interop.views import desk, public

app_name = "interop"
_P = "p/<slug:practice>/"
_DESK = f"{_P}desk/calendars/"
urlpatterns = [
    path(f"{_P}feeds/<str:token>/diary.ics", public.feed, name="feed"),
    path(_DESK, desk.calendars, name="calendars"),
    path(f"{_DESK}feed/", desk.feed, name="own_feed"),
    path(f"{_DESK}outside/", desk.add_outside, name="add_outside"),
    path(f"{_DESK}outside/<uuid:calendar_id>/", desk.outside, name="outside"),
    path(f"{_DESK}rule/", desk.rule, name="rule"),
    path(f"{_DESK}questions/<uuid:question_id>/", desk.question, name="question"),
]
