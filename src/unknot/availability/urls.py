"""Addresses of the pages on which working hours are edited."""

from django.urls import path

from unknot.availability.views import desk

app_name = "availability"
_P = "p/<slug:practice>/"
urlpatterns = [
    path(f"{_P}desk/hours/holidays/", desk.holidays, name="holidays"),
    path(f"{_P}desk/hours/", desk.team, name="hours"),
    path(f"{_P}desk/hours/<uuid:therapist_id>/", desk.hours, name="hours_of"),
    path(f"{_P}desk/hours/<uuid:therapist_id>/days/", desk.days, name="days_of"),
]
