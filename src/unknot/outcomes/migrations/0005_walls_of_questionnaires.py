"""Tenant walls of questionnaires and wishes."""

from django.db import migrations

from unknot.db.walls import wall


class Migration(migrations.Migration):
    dependencies = [("outcomes", "0004_questionnaires_and_wishes")]

    operations = [
        wall("outcomes_questionnaire"),
        wall("outcomes_wish"),
    ]
