"""The walls between practices stand in the database."""

import pytest
from django.apps import apps
from django.db import ProgrammingError, connection, transaction

from unknot.db import tenancy
from unknot.db.tenancy import TenantModel, UnscopedQueryError
from unknot.kernel.ids import new_id
from unknot.practice.models import Place, Practice

pytestmark = pytest.mark.django_db

# Tables without a practice, each with the reason why that is right.
PLATFORM_TABLES = {
    "people_account": "a person is one across practices",
    "people_token": "belongs to an account",
    "web_ratecounter": "hashed keys and counts",
    "web_idempotentanswer": "hashed keys; the caller is in the key",
    "web_cache": "limits and one-time state",
}
# Functions that run as the owner and so look over the walls, each with all that it gives away.
FUNCTIONS_OVER_THE_WALLS = {
    "booking_busy_elsewhere": "a therapist's taken ranges in other practices: account and time, nothing else",
    "booking_cards_stale": "a trigger: marks the search cards of a therapist whose diary changed, in every practice",
    "practice_edition_changes": "a trigger: a practice gets another edition when what it offers changed",
    "booking_cards_mark": "a trigger: notes that a practice's or therapist's search cards are to be made anew",
}
FOREIGN_PREFIXES = ("django_", "auth_", "account_", "mfa_", "procrastinate_")


def make_practice(slug: str) -> Practice:
    practice = Practice(
        id=new_id(), slug=slug, name=slug, kind="solo", timezone="America/Edmonton", jurisdiction="CA-AB"
    )
    with tenancy.scope(practice_id=practice.id):
        practice.save(force_insert=True)
        Place(practice=practice, slug="base", name="Home", kind="base", lat=53.5, lon=-113.5).save()
    return practice


def test_every_table_is_walled_or_says_why_not() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
                      EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'practice_wall')
               FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'm')"""
        )
        found = cursor.fetchall()
    open_tables = {name for name, forced, policy in found if not (forced and policy)}
    ours = {name for name in open_tables if not name.startswith(FOREIGN_PREFIXES)}
    assert ours == set(PLATFORM_TABLES)
    assert len(found) > 40


def test_every_tenant_model_has_the_practice_column() -> None:
    for model in apps.get_models():
        if model.__module__.startswith("unknot.") and any(f.name == "practice" for f in model._meta.fields):
            assert issubclass(model, TenantModel), model


def test_the_application_role_owns_nothing_and_bypasses_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
        assert cursor.fetchone() == ("unknot_app", False, False)
        cursor.execute("SELECT count(*) FROM pg_class WHERE relowner = 'unknot_app'::regrole")
        assert cursor.fetchone() == (0,)


def test_without_a_scope_there_is_nothing() -> None:
    make_practice("alder")
    assert Place.across_practices.count() == 0


def test_code_refuses_an_unscoped_query() -> None:
    with pytest.raises(UnscopedQueryError):
        Place.objects.count()


def test_each_practice_sees_its_own_rows_only() -> None:
    alder, birch = make_practice("alder"), make_practice("birch")
    with tenancy.scope(practice_id=alder.id):
        assert [p.practice_id for p in Place.across_practices.all()] == [alder.id]
        with tenancy.scope(practice_id=birch.id):
            assert [p.practice_id for p in Place.across_practices.all()] == [birch.id]
        assert [p.practice_id for p in Place.across_practices.all()] == [alder.id]
    assert Place.across_practices.count() == 0


def test_a_row_can_not_be_written_into_another_practice() -> None:
    alder, birch = make_practice("alder"), make_practice("birch")
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        transaction.atomic(),
        tenancy.scope(practice_id=alder.id),
    ):
        Place(practice=birch, slug="x", name="x", lat=0, lon=0).save()


def test_another_practice_can_not_be_changed() -> None:
    alder, birch = make_practice("alder"), make_practice("birch")
    with tenancy.scope(practice_id=alder.id):
        assert Practice.objects.filter(pk=birch.id).update(name="taken") == 0
        assert Practice.objects.filter(pk=alder.id).update(name="Alder") == 1


def test_the_record_can_only_be_added_to() -> None:
    from unknot.audit.actions import record
    from unknot.audit.models import Entry
    from unknot.kernel.actors import system

    alder = make_practice("alder")
    with tenancy.scope(practice_id=alder.id):
        record(by=system(alder.id), verb="test", subject="practice", subject_id=alder.id)
        for statement in ("UPDATE audit_entry SET verb = 'x'", "DELETE FROM audit_entry"):
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                connection.cursor().execute(statement)
        assert Entry.objects.get().verb == "test"


def test_few_functions_look_over_the_walls_and_only_the_application_may_call_them() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT p.proname, p.proconfig, has_function_privilege('unknot_app', p.oid, 'EXECUTE'),
                      EXISTS (SELECT 1 FROM aclexplode(p.proacl) a WHERE a.grantee = 0)
               FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = current_schema()::regnamespace"""
        )
        found = {name: (config, ours, everybody) for name, config, ours, everybody in cursor.fetchall()}
    assert set(found) == set(FUNCTIONS_OVER_THE_WALLS)
    for config, ours, everybody in found.values():
        assert "search_path=pg_catalog, pg_temp" in config
        assert (ours, everybody) == (True, False)


def test_policies_for_the_owner_alone_are_known() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename, policyname, roles::text[] FROM pg_policies WHERE NOT 'public' = ANY (roles)")
        found = cursor.fetchall()
    assert {row[:2] for row in found} == {
        ("booking_appointment", "busy_elsewhere"),
        ("booking_card", "kept_by_triggers"),
        ("booking_cardmark", "kept_by_triggers"),
        ("practice_edition", "kept_by_triggers"),
    }
    assert all("unknot_app" not in row[2] for row in found)
