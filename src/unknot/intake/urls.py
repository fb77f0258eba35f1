"""Addresses of the guide, the screening and what a client agrees to."""

from django.urls import path

from unknot.intake.views import choosing, client, public, rules, therapist

app_name = "intake"
urlpatterns = [
    path("p/<slug:practice>/guide/", public.guide, name="guide"),
    path("p/<slug:practice>/guide/result/", public.guide_result, name="guide_result"),
    path("p/<slug:practice>/screening/", public.screening, name="screening"),
    path("p/<slug:practice>/screening/result/", public.screening_result, name="screening_result"),
    path("p/<slug:practice>/my/body-map/", client.my_body_map, name="my_body_map"),
    path("p/<slug:practice>/my/touch/", client.my_touch, name="my_touch"),
    path("p/<slug:practice>/desk/safety-rules/", rules.rules, name="rules"),
    path("p/<slug:practice>/desk/safety-rules/<str:rule>/", rules.rule, name="rule"),
    path("p/<slug:practice>/desk/clients/<uuid:client_id>/answers/", therapist.answers, name="answers"),
    path("p/<slug:practice>/desk/clients/<uuid:client_id>/answers/ask/", therapist.ask_in_the_room, name="ask"),
    path("p/<slug:practice>/desk/styles/", choosing.styles, name="styles"),
    path("p/<slug:practice>/desk/visits/<uuid:visit_id>/style/", choosing.style, name="style"),
    path("p/<slug:practice>/desk/visits/<uuid:visit_id>/consent/", therapist.consent, name="desk_consent"),
    path("p/<slug:practice>/desk/clients/<uuid:client_id>/touch/", therapist.touch, name="touch"),
    path("p/<slug:practice>/my/consent/<uuid:visit_id>/", client.consent, name="consent"),
]
