"""Addresses of the marketplace."""

from django.urls import path

from unknot.matching.views import public

app_name = "matching"
urlpatterns = [
    path("", public.front, name="front"),
    path("find/", public.find, name="find"),
    path("find/how/", public.how, name="how"),
]
