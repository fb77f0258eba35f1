"""Tenant walls of the room's tables."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("website", "0001_initial")]

    operations = [
        wall("website_article", public="state = 'published'"),
    ]
