"""Addresses of the diary's pages."""

from django.urls import path

from unknot.booking.views import choosing, client, desk, public, requests

app_name = "booking"
_P = "p/<slug:practice>/"
urlpatterns = [
    path(f"{_P}book/", choosing.choose, name="choose"),
    path(f"{_P}book/times/", public.times, name="times"),
    path(f"{_P}book/hold/", public.hold, name="hold"),
    path(f"{_P}book/details/<uuid:hold_id>/", public.details, name="details"),
    path(f"{_P}my/", client.visits, name="visits"),
    path(f"{_P}my/visits/<uuid:visit_id>/", client.visit, name="visit"),
    path(f"{_P}my/visits/<uuid:visit_id>/cancel/", client.cancel, name="cancel"),
    path(f"{_P}my/visits/<uuid:visit_id>/move/", client.move, name="move"),
    path(f"{_P}my/visits/<uuid:visit_id>/change/", requests.withdraw, name="withdraw"),
    path(f"{_P}my/visits/<uuid:visit_id>/calendar.ics", client.calendar, name="calendar"),
    path(f"{_P}desk/", desk.home, name="desk"),
    path(f"{_P}desk/day/", desk.day, name="day"),
    path(f"{_P}desk/book/", desk.book, name="desk_book"),
    path(f"{_P}desk/requests/", requests.waiting, name="requests"),
    path(f"{_P}desk/requests/<uuid:visit_id>/", requests.answer, name="answer"),
    path(f"{_P}desk/visits/<uuid:visit_id>/mark/", desk.mark, name="mark"),
    path(f"{_P}desk/visits/<uuid:visit_id>/cancel/", desk.cancel, name="desk_cancel"),
    path(f"{_P}desk/visits/<uuid:visit_id>/pay/", desk.pay, name="pay"),
]
