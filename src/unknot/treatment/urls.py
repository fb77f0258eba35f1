"""Addresses of the room."""

from django.urls import path

from unknot.treatment.views import client, maps
from unknot.treatment.views.therapist import check_ins, marks, note, paper, session, templates, visit

app_name = "treatment"
urlpatterns = [
    path("p/<slug:practice>/desk/visits/<uuid:visit_id>/", visit.visit, name="visit"),
    path("p/<slug:practice>/desk/visits/<uuid:visit_id>/plan/", visit.plan, name="plan"),
    path("p/<slug:practice>/desk/visits/<uuid:visit_id>/start/", visit.start, name="start"),
    path("p/<slug:practice>/desk/visits/<uuid:visit_id>/session/", session.session, name="session"),
    path("p/<slug:practice>/desk/visits/<uuid:visit_id>/session/stream/", session.stream, name="stream"),
    path("session-worker.js", marks.worker, name="session_worker"),
    path("p/<slug:practice>/desk/visits/<uuid:visit_id>/session/marks/", marks.marks, name="marks"),
    path("p/<slug:practice>/desk/visits/<uuid:visit_id>/session/end/", session.end, name="end"),
    path("p/<slug:practice>/desk/visits/<uuid:visit_id>/note/", note.note, name="note"),
    path("p/<slug:practice>/desk/visits/<uuid:visit_id>/note/amend/", note.amend, name="amend"),
    path("p/<slug:practice>/desk/visits/<uuid:visit_id>/note/print/", paper.note_print, name="note_print"),
    path("p/<slug:practice>/desk/visits/<uuid:visit_id>/note/pdf/", paper.pdf, name="note_pdf"),
    path("p/<slug:practice>/desk/note-templates/", templates.templates, name="templates"),
    path("p/<slug:practice>/desk/note-templates/<uuid:template_id>/", templates.template, name="template"),
    path("p/<slug:practice>/desk/clients/<uuid:client_id>/maps/", maps.client_maps, name="client_maps"),
    path("p/<slug:practice>/my/maps/", maps.my_maps, name="my_maps"),
    path("p/<slug:practice>/desk/check-ins/", check_ins.check_ins, name="check_ins"),
    path("p/<slug:practice>/desk/check-ins/<uuid:check_in_id>/seen/", check_ins.seen, name="check_in_seen"),
    path("p/<slug:practice>/my/visits/<uuid:visit_id>/comfort/", client.comfort, name="comfort"),
    path("p/<slug:practice>/my/visits/<uuid:visit_id>/aftercare/", client.aftercare, name="aftercare"),
    path("p/<slug:practice>/my/check-ins/<uuid:check_in_id>/", client.check_in, name="check_in"),
    path("p/<slug:practice>/s/", client.joined, name="joined"),
    path("p/<slug:practice>/s/<str:code>/", client.join, name="join"),
]
