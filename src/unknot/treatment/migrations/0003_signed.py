"""A signed note never changes, whoever asks."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION treatment_note_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.signed_at IS NOT NULL THEN
        RAISE EXCEPTION 'a signed note never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER treatment_note_final BEFORE UPDATE OR DELETE ON treatment_note
    FOR EACH ROW EXECUTE FUNCTION treatment_note_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("treatment", "0002_walls")]

    operations = [
        migrations.RunSQL(
            FORWARD, "DROP TRIGGER treatment_note_final ON treatment_note; DROP FUNCTION treatment_note_is_final()"
        )
    ]
