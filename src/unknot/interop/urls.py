"""Addresses for other programs, and the page on which they are made."""

from django.urls import path

from unknot.interop.views import public, therapist

app_name = "interop"
_P = "p/<slug:practice>/"
urlpatterns = [
    path(f"{_P}feeds/<str:token>/diary.ics", public.feed, name="feed"),
    path(f"{_P}desk/calendars/", therapist.calendars, name="calendars"),
    path(f"{_P}desk/calendars/feed/", therapist.feed, name="own_feed"),
]
