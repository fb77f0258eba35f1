"""Addresses of the diary's pages."""

from django.urls import path

from unknot.booking.views import choosing, client, desk, desk_book, desk_move, diary, public, requests

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
    path(f"{_P}desk/", diary.home, name="desk"),
    path(f"{_P}desk/day/", diary.day, name="day"),
    path(f"{_P}desk/week/", diary.week, name="week"),
    path(f"{_P}desk/pulse/", diary.pulse, name="pulse"),
    path(f"{_P}desk/book/", desk_book.book, name="desk_book"),
    path(f"{_P}desk/book/clients/", desk_book.clients, name="desk_book_clients"),
    path(f"{_P}desk/requests/", requests.waiting, name="requests"),
    path(f"{_P}desk/requests/<uuid:visit_id>/", requests.answer, name="answer"),
    path(f"{_P}desk/visits/<uuid:visit_id>/sheet/", desk.visit, name="desk_visit"),
    path(f"{_P}desk/visits/<uuid:visit_id>/move/", desk_move.move, name="desk_move"),
    path(f"{_P}desk/visits/<uuid:visit_id>/mark/", desk.mark, name="mark"),
    path(f"{_P}desk/visits/<uuid:visit_id>/cancel/", desk.cancel, name="desk_cancel"),
    path(f"{_P}desk/visits/<uuid:visit_id>/pay/", desk.pay, name="pay"),
]
