"""Addresses of reviews."""

from django.urls import path

from unknot.reviews.views import client

app_name = "reviews"
urlpatterns = [
    path("p/<slug:practice>/my/visits/<uuid:visit>/review/", client.review, name="review"),
]
