"""Addresses of practices."""

from django.urls import path

from unknot.practice.views import account

app_name = "practice"
urlpatterns = [
    path("me/", account.me, name="me"),
]
