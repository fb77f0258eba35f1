"""Addresses of the website."""

from django.urls import path

from unknot.website.views import public, robots

app_name = "website"
urlpatterns = [
    path("robots.txt", robots.robots, name="robots"),
    path("sitemap.xml", robots.sitemap, name="sitemap"),
    path("p/<slug:practice>/", public.home, name="home"),
    path("p/<slug:practice>/therapists/", public.therapists, name="therapists"),
    path("p/<slug:practice>/therapists/<slug:slug>/", public.therapist, name="therapist"),
    path("p/<slug:practice>/articles/", public.articles, name="articles"),
    path("p/<slug:practice>/articles/<slug:slug>/", public.article, name="article"),
]
