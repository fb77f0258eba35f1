"""Walls of the cards, and the triggers that mark them when a row they are made of changes, whoever changes it.

Anybody may read cards: they hold published facts. Only the practice in force writes its own. The walls say `true` for
reading, which PostgreSQL drops from the plan, so that the nearest-first index scan stays what it is.

`booking_cards_stale` marks the cards of whose diary changed, in every practice: a visit here takes time there. Row locks
on the cards order writers who never took the therapist's lock. What runs out by itself is not marked, since a card says
when that is, and since whoever tidies it up may hold another therapist's lock only. `booking_cards_mark` notes a practice or a therapist
whose published facts or hours changed: their cards are not used until they were made anew. Both run as the owner and
write a mark, nothing else. They find their tables beside the table that changed, in whatever schema that is.
"""

from django.db import migrations

from unknot.db.walls import wall

ACTIVE = "('held', 'requested', 'confirmed', 'arrived', 'in_session', 'completed')"
FUNCTIONS = f"""
ALTER TABLE booking_card SET (fillfactor = 70);

CREATE POLICY kept_by_triggers ON booking_card TO CURRENT_USER USING (true) WITH CHECK (true);
CREATE POLICY kept_by_triggers ON booking_cardmark TO CURRENT_USER USING (true) WITH CHECK (true);

CREATE FUNCTION booking_cards_stale() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE whose text;
BEGIN
    whose := CASE TG_OP
        WHEN 'INSERT' THEN $q$SELECT practitioner_id FROM new_rows WHERE state IN {ACTIVE}$q$
        WHEN 'DELETE' THEN $q$SELECT practitioner_id FROM old_rows WHERE state IN {ACTIVE}$q$
        ELSE $q$SELECT unnest(ARRAY[o.practitioner_id, n.practitioner_id]) FROM old_rows o JOIN new_rows n USING (id)
            WHERE (o.state IN {ACTIVE} OR n.state IN {ACTIVE})
              AND NOT (n.state = 'expired' AND (o.state = 'requested' OR o.state = 'held' AND n.ended_at IS NULL))
              AND (o.practitioner_id, o.state IN {ACTIVE}, o.state IN ('held', 'requested'), o.hold_expires_at,
                   o.answer_by, o.blocked, o.starts_at, o.ends_at, o.buffer_before, o.buffer_after,
                   o.place_id, o.home_lat, o.home_lon)
                  IS DISTINCT FROM
                  (n.practitioner_id, n.state IN {ACTIVE}, n.state IN ('held', 'requested'), n.hold_expires_at,
                   n.answer_by, n.blocked, n.starts_at, n.ends_at, n.buffer_before, n.buffer_after,
                   n.place_id, n.home_lat, n.home_lon)$q$
        END;
    EXECUTE format('UPDATE %I.booking_card SET stale = true WHERE id IN (SELECT id FROM %I.booking_card
                    WHERE practitioner_id IN (%s) ORDER BY id FOR UPDATE)', TG_TABLE_SCHEMA, TG_TABLE_SCHEMA, whose);
    RETURN NULL;
END $$;

CREATE FUNCTION booking_cards_mark() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    EXECUTE format('INSERT INTO %I.booking_cardmark AS m (practice_id, therapist_id, since)
                    SELECT *, clock_timestamp() FROM (SELECT DISTINCT %s, %s FROM %s ORDER BY 1, 2) whose
                    ON CONFLICT (practice_id, therapist_id) DO UPDATE SET since = excluded.since',
                   TG_TABLE_SCHEMA, TG_ARGV[0], TG_ARGV[1],
                   CASE TG_OP WHEN 'DELETE' THEN 'old_rows' ELSE 'new_rows' END);
    RETURN NULL;
END $$;

REVOKE ALL ON FUNCTION booking_cards_stale() FROM PUBLIC;
REVOKE ALL ON FUNCTION booking_cards_mark() FROM PUBLIC;
DO $$ BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'unknot_app') THEN
        GRANT EXECUTE ON FUNCTION booking_cards_stale(), booking_cards_mark() TO unknot_app;
    END IF;
END $$;
"""  # noqa: S608 - the states are ours
UNDO = """
DROP FUNCTION IF EXISTS booking_cards_mark();
DROP FUNCTION IF EXISTS booking_cards_stale();
DROP POLICY IF EXISTS kept_by_triggers ON booking_cardmark;
DROP POLICY IF EXISTS kept_by_triggers ON booking_card;
"""
WHOLE = "NULL::uuid"
# What a card is made of: table, whose cards, and what happens to it. A practice that goes takes its cards along.
SOURCES = [
    ("practice_practice", "id", WHOLE, "INSERT UPDATE"),
    ("practice_place", "practice_id", WHOLE, "INSERT UPDATE DELETE"),
    ("practice_room", "practice_id", WHOLE, "INSERT UPDATE DELETE"),
    ("practice_service", "practice_id", WHOLE, "INSERT UPDATE DELETE"),
    ("practice_therapist", "practice_id", "id", "INSERT UPDATE DELETE"),
    ("practice_offer", "practice_id", "therapist_id", "INSERT UPDATE DELETE"),
    ("practice_credential", "practice_id", "therapist_id", "INSERT UPDATE DELETE"),
    ("availability_openingrule", "practice_id", "therapist_id", "INSERT UPDATE DELETE"),
    ("availability_break", "practice_id", "therapist_id", "INSERT UPDATE DELETE"),
    ("availability_dayexception", "practice_id", "therapist_id", "INSERT UPDATE DELETE"),
]
ROWS = {
    "INSERT": "NEW TABLE AS new_rows",
    "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows",
    "DELETE": "OLD TABLE AS old_rows",
}


def watch(table: str, event: str, call: str) -> migrations.RunSQL:
    name = f"cards_on_{event.lower()}"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {ROWS[event]} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {call}",
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("booking", "0014_cards"),
        ("availability", "0003_walls"),
        ("practice", "0008_wall_of_kit"),
    ]

    operations = [
        wall("booking_card", public="true"),
        wall("booking_cardmark", public="true"),
        migrations.RunSQL(FUNCTIONS, UNDO),
        *(watch("booking_appointment", event, "booking_cards_stale()") for event in ROWS),
        *(
            watch(table, event, f"booking_cards_mark('{practice}', '{therapist}')")
            for table, practice, therapist, events in SOURCES
            for event in events.split()
        ),
    ]
