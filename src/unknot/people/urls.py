"""Addresses of sign-in."""

from django.conf import settings
from django.urls import path

from unknot.people.views import demo, public

app_name = "people"
urlpatterns = [
    path("sign-in/", public.sign_in_page, name="sign_in"),
    path("sign-in/strengthen/", public.strengthen, name="strengthen"),
    path("sign-out/", public.sign_out, name="sign_out"),
]
if settings.UNKNOT_DEMO:
    urlpatterns += [
        path("demo/", demo.people, name="demo"),
        path("demo/sign-in/", demo.sign_in_as, name="demo_sign_in"),
    ]
