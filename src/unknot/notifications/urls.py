<<<<<<< HEAD
"""Addresses of messages: the demo's mailbox, and nothing outside demo mode."""

from django.conf import settings
from django.urls import URLPattern, path

from unknot.notifications.views import demo

app_name = "notifications"
urlpatterns: list[URLPattern] = [path("demo/mail/", demo.mailbox, name="demo_mail")] if settings.UNKNOT_DEMO else []
=======
"""Addresses of mail preferences."""

from django.urls import path

from unknot.notifications.views import public

app_name = "notifications"
urlpatterns = [path("mail/stop/<str:token>/", public.stop_mail, name="stop")]
>>>>>>> helper/diary
