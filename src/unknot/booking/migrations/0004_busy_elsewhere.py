"""A therapist's taken time in other practices, without a word about what takes it.

The function runs as the owner of the table. A superuser (the embedded server's owner) sees all rows anyway. For a plain
owner the walls are forced too, so a policy opens this one table for reading to the owner's role, which could take the
walls down anyhow. The application's role is never a member of the owner's: for it that policy does not exist. If the
tables change hands, make the policy again for the new owner.

The body is bound to its table when the function is made (`BEGIN ATOMIC`), so no search path can turn it elsewhere.
"""

from django.db import migrations, models

FUNCTION = """
CREATE POLICY busy_elsewhere ON booking_appointment FOR SELECT TO CURRENT_USER USING (true);

CREATE FUNCTION booking_busy_elsewhere(practitioners uuid[], since timestamptz, until timestamptz)
RETURNS TABLE (practitioner_id uuid, blocked tstzrange)
LANGUAGE sql STABLE SECURITY DEFINER PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
BEGIN ATOMIC
    SELECT a.practitioner_id, a.blocked
    FROM booking_appointment a
    WHERE a.practitioner_id = ANY (practitioners)
      AND a.blocked && tstzrange(since, until)
      AND a.state IN ('held', 'requested', 'confirmed', 'arrived', 'in_session', 'completed')
      AND a.practice_id IS DISTINCT FROM nullif(current_setting('unknot.practice', true), '')::uuid;
END;

REVOKE ALL ON FUNCTION booking_busy_elsewhere(uuid[], timestamptz, timestamptz) FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'unknot_app') THEN
        GRANT EXECUTE ON FUNCTION booking_busy_elsewhere(uuid[], timestamptz, timestamptz) TO unknot_app;
    END IF;
END $$;
"""
UNDO = """
DROP FUNCTION IF EXISTS booking_busy_elsewhere(uuid[], timestamptz, timestamptz);
DROP POLICY IF EXISTS busy_elsewhere ON booking_appointment;
"""


class Migration(migrations.Migration):
    dependencies = [("booking", "0003_walls")]

    operations = [
        migrations.RunSQL(FUNCTION, UNDO),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(fields=["practice", "starts_at"], name="visit_by_start"),
        ),
    ]
