"""Addresses of the diary's pages."""

from django.urls import path

from unknot.booking.views import choosing, client, desk, desk_book, desk_move, diary, public, requests, series, waitlist

app_name = "booking"
_P = "p/<slug:practice>/"
urlpatterns = [
    path(f"{_P}book/", choosing.choose, name="choose"),
    path(f"{_P}book/times/", public.times, name="times"),
    path(f"{_P}book/hold/", public.hold, name="hold"),
    path(f"{_P}book/details/<uuid:hold_id>/", public.details, name="details"),
    path(f"{_P}book/series/", series.plan, name="plan_series"),
    path(f"{_P}my/series/<uuid:series_id>/", series.series, name="series"),
    path(f"{_P}my/series/<uuid:series_id>/move/", series.move, name="series_move"),
    path(f"{_P}my/series/<uuid:series_id>/cancel/", series.cancel, name="series_cancel"),
    path(f"{_P}desk/clients/<uuid:client_id>/series/", series.desk_plan, name="desk_plan_series"),
    path(f"{_P}desk/series/<uuid:series_id>/", series.desk_series, name="desk_series"),
    path(f"{_P}desk/series/<uuid:series_id>/move/", series.desk_move, name="desk_series_move"),
    path(f"{_P}desk/series/<uuid:series_id>/cancel/", series.desk_cancel, name="desk_series_cancel"),
    path(f"{_P}desk/series/<uuid:series_id>/answer/", series.answer, name="series_answer"),
    path(f"{_P}book/waitlist/", waitlist.join, name="wait"),
    path(f"{_P}my/waitlist/", waitlist.waits, name="waits"),
    path(f"{_P}my/waitlist/<uuid:entry_id>/leave/", waitlist.leave, name="leave"),
    path(f"{_P}my/offers/<uuid:offer_id>/", waitlist.offer, name="offer"),
    path(f"{_P}desk/waitlist/", waitlist.line, name="waitlist"),
    path(f"{_P}desk/waitlist/<uuid:entry_id>/remove/", waitlist.remove, name="waitlist_remove"),
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
