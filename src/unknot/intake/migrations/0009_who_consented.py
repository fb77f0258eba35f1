from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("intake", "0008_rules_wall"),
    ]

    operations = [
        migrations.AddField(
            model_name="consent",
            name="assent",
            field=models.CharField(blank=True, choices=[("told", "told"), ("yes", "yes")], default="", max_length=4),
        ),
        migrations.AddField(
            model_name="consent",
            name="given_as",
            field=models.CharField(
                choices=[("self", "self"), ("guardian", "guardian"), ("decision_maker", "decision_maker")],
                default="self",
                max_length=14,
            ),
        ),
    ]
