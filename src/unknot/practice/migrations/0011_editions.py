"""The edition of a practice: another value whenever a row changes that says what it offers and when.

Whoever keeps such rows in memory asks for the edition first: the same edition, the same rows. A value is never given
twice, also after a rollback or a restored backup, hence no counter. `practice_edition_changes` runs as the owner and
writes that one row. Tables of other rooms hang themselves on it with `watch_edition`.
"""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from unknot.db.triggers import after_each
from unknot.db.walls import wall

FUNCTION = """
CREATE POLICY kept_by_triggers ON practice_edition TO CURRENT_USER USING (true) WITH CHECK (true);

CREATE FUNCTION practice_edition_begins() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('INSERT INTO %I.practice_edition (practice_id, edition) SELECT id, gen_random_uuid() FROM new_rows',
                   TG_TABLE_SCHEMA);
    RETURN NULL;
END $$;

CREATE FUNCTION practice_edition_changes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('UPDATE %I.practice_edition SET edition = gen_random_uuid() WHERE practice_id IN (
                        SELECT practice_id FROM %I.practice_edition WHERE practice_id IN (SELECT %s FROM %s)
                        ORDER BY practice_id FOR UPDATE)',
                   TG_TABLE_SCHEMA, TG_TABLE_SCHEMA, TG_ARGV[0],
                   CASE TG_OP WHEN 'DELETE' THEN 'old_rows' ELSE 'new_rows' END);
    RETURN NULL;
END $$;

REVOKE ALL ON FUNCTION practice_edition_begins(), practice_edition_changes() FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'unknot_app') THEN
        GRANT EXECUTE ON FUNCTION practice_edition_begins(), practice_edition_changes() TO unknot_app;
    END IF;
END $$;

INSERT INTO practice_edition (practice_id, edition) SELECT id, gen_random_uuid() FROM practice_practice;
"""
UNDO = """
DROP FUNCTION IF EXISTS practice_edition_changes();
DROP FUNCTION IF EXISTS practice_edition_begins();
DROP POLICY IF EXISTS kept_by_triggers ON practice_edition;
"""
TABLES = ("place", "room", "kit", "service", "therapist", "offer", "credential")


class Migration(migrations.Migration):
    dependencies = [("practice", "0010_holidays")]

    operations = [
        migrations.CreateModel(
            name="Edition",
            fields=[
                (
                    "practice",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="practice.practice",
                    ),
                ),
                ("edition", models.UUIDField()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "across_practices",
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("across_practices", django.db.models.manager.Manager()),
            ],
        ),
        wall("practice_edition", public="true"),
        migrations.RunSQL(FUNCTION, UNDO),
        *after_each("practice_practice", "practice_edition_begins()", name="edition_on", events=["INSERT"]),
        *after_each("practice_practice", "practice_edition_changes('id')", name="edition_on", events=["UPDATE"]),
        *(
            one
            for table in TABLES
            for one in after_each(f"practice_{table}", "practice_edition_changes('practice_id')", name="edition_on")
        ),
    ]
