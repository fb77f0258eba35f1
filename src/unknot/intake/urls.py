"""Addresses of the guide, the screening and what a client agrees to."""

from django.urls import path

from unknot.intake.views import client, public

app_name = "intake"
urlpatterns = [
    path("p/<slug:practice>/guide/", public.guide, name="guide"),
    path("p/<slug:practice>/guide/result/", public.guide_result, name="guide_result"),
    path("p/<slug:practice>/screening/", public.screening, name="screening"),
    path("p/<slug:practice>/screening/result/", public.screening_result, name="screening_result"),
    path("p/<slug:practice>/my/body-map/", client.my_body_map, name="my_body_map"),
    path("p/<slug:practice>/my/consent/<uuid:visit_id>/", client.consent, name="consent"),
]
