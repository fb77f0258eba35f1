"""The edition of a practice: another value whenever a row changes that says what it offers and when.

Whoever keeps such rows in memory asks for the edition first: the same edition, the same rows. A value is never given
twice, also after a rollback or a restored backup, hence no counter. There is a row for the practice and one for each
therapist, locked in the same order as the marks of the search cards: changes of two therapists' hours don't wait for
each other. The function runs as the owner and writes those rows, nothing else; tables of other rooms hang themselves on
it too.
"""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from unknot.db.triggers import after_each
from unknot.db.walls import wall

FUNCTION = """
CREATE POLICY kept_by_triggers ON practice_edition TO CURRENT_USER USING (true) WITH CHECK (true);

CREATE FUNCTION practice_edition_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('INSERT INTO %I.practice_edition AS e (practice_id, therapist_id, edition)
                    SELECT *, gen_random_uuid() FROM (SELECT DISTINCT %s, %s FROM %s ORDER BY 1, 2) whose
                    ON CONFLICT (practice_id, therapist_id) DO UPDATE SET edition = excluded.edition',
                   TG_TABLE_SCHEMA, TG_ARGV[0], TG_ARGV[1],
                   CASE TG_OP WHEN 'DELETE' THEN 'old_rows' ELSE 'new_rows' END);
    RETURN NULL;
END $$;

REVOKE ALL ON FUNCTION practice_edition_changes() FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'unknot_app') THEN
        GRANT EXECUTE ON FUNCTION practice_edition_changes() TO unknot_app;
    END IF;
END $$;

INSERT INTO practice_edition (practice_id, therapist_id, edition)
SELECT id, NULL, gen_random_uuid() FROM practice_practice;
"""
UNDO = """
DROP FUNCTION IF EXISTS practice_edition_changes();
DROP POLICY IF EXISTS kept_by_triggers ON practice_edition;
"""
WHOLE = "NULL::uuid"
SOURCES = {
    "place": WHOLE,
    "room": WHOLE,
    "kit": WHOLE,
    "service": WHOLE,
    "therapist": "id",
    "offer": "therapist_id",
    "credential": "therapist_id",
}


def watch(table: str, practice: str, therapist: str, events: tuple[str, ...]) -> list[migrations.RunSQL]:
    call = f"practice_edition_changes('{practice}', '{therapist}')"
    return after_each(table, call, name="edition_on", events=events)


class Migration(migrations.Migration):
    dependencies = [("practice", "0010_holidays")]

    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("therapist_id", models.UUIDField(blank=True, null=True)),
                ("edition", models.UUIDField()),
                (
                    "practice",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="practice.practice"
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "across_practices",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("practice", "therapist_id"), name="edition_once", nulls_distinct=False
                    )
                ],
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("across_practices", django.db.models.manager.Manager()),
            ],
        ),
        wall("practice_edition", public="true"),
        migrations.RunSQL(FUNCTION, UNDO),
        *watch("practice_practice", "id", WHOLE, ("INSERT", "UPDATE")),
        *(
            one
            for table, therapist in SOURCES.items()
            for one in watch(f"practice_{table}", "practice_id", therapist, ("INSERT", "UPDATE", "DELETE"))
        ),
    ]
