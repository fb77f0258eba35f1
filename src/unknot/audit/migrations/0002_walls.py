"""The record's wall: a practice's entries for that practice; platform entries can be added by anyone, read by none of them."""

from django.db import migrations

from unknot.db.walls import PRACTICE

FORWARD = f"""
ALTER TABLE audit_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY practice_wall ON audit_entry
    USING (practice_id IS NOT DISTINCT FROM {PRACTICE})
    WITH CHECK (practice_id IS NOT DISTINCT FROM {PRACTICE});
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(
            FORWARD, "ALTER TABLE audit_entry DISABLE ROW LEVEL SECURITY; DROP POLICY practice_wall ON audit_entry"
        )
    ]
