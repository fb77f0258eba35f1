"""Addresses of sign-in, a client's own details, and the desk's list of clients."""

from django.conf import settings
from django.urls import path

from unknot.people.views import care, client, demo, desk, public

app_name = "people"
urlpatterns = [
    path("sign-in/", public.sign_in_page, name="sign_in"),
    path("sign-in/strengthen/", public.strengthen, name="strengthen"),
    path("sign-out/", public.sign_out, name="sign_out"),
    path("p/<slug:practice>/my/details/", client.details, name="details"),
    path("p/<slug:practice>/my/people/", care.people, name="care"),
    path("p/<slug:practice>/my/people/add/", care.add, name="care_add"),
    path("p/<slug:practice>/my/people/<uuid:client_id>/hand-over/", care.hand_over, name="hand_over"),
    path("p/<slug:practice>/own-record/<str:token>/", care.own_record, name="own_record"),
    path("p/<slug:practice>/my/access-log/", client.access_log, name="access_log"),
    path("p/<slug:practice>/desk/clients/", desk.clients, name="desk_clients"),
]
if settings.UNKNOT_DEMO:
    urlpatterns += [
        path("demo/", demo.people, name="demo"),
        path("demo/sign-in/", demo.sign_in_as, name="demo_sign_in"),
    ]
