"""Addresses of messages: mail preferences, and the demo's mailbox in demo mode only."""

from django.conf import settings
from django.urls import path

from unknot.notifications.views import demo, public

app_name = "notifications"
urlpatterns = [path("mail/stop/<str:token>/", public.stop_mail, name="stop")]
if settings.UNKNOT_DEMO:
    urlpatterns.append(path("demo/mail/", demo.mailbox, name="demo_mail"))
