"""Addresses of mail preferences."""

from django.urls import path

from unknot.notifications.views import public

app_name = "notifications"
urlpatterns = [path("mail/stop/<str:token>/", public.stop_mail, name="stop")]
