"""The role the application works as: it owns nothing, bypasses nothing, and can only append to the audit."""

from django.apps import apps
from django.db.backends.base.base import BaseDatabaseWrapper

from unknot.db.urls import APP_ROLE


def grant_app_role(connection: BaseDatabaseWrapper) -> None:
    """Creates `unknot_app` if need be and grants it exactly what it needs on the current schema. Run by the owner.

    Tables of models with `append_only = True` can be read and added to, never changed; the migration table only read.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema(), current_user, 1 FROM pg_roles WHERE rolname = %s", [APP_ROLE])
        found = cursor.fetchone()
        if found is None:
            cursor.execute(
                f"""DO $$ BEGIN CREATE ROLE {APP_ROLE} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS;
                EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"""
            )
            cursor.execute("SELECT current_schema(), current_user, 1")
            found = cursor.fetchone()
        schema, owner = (connection.ops.quote_name(name) for name in found[:2])
        cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {APP_ROLE}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {APP_ROLE}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {schema} TO {APP_ROLE}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {APP_ROLE}")
        cursor.execute(
            """SELECT oid::regprocedure::text FROM pg_proc
               WHERE prosecdef AND pronamespace = current_schema()::regnamespace"""
        )
        for (function,) in cursor.fetchall():  # the few that look over the walls; tests/db lists them
            cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {APP_ROLE}")
        for model in apps.get_models():
            if getattr(model, "append_only", False):
                table = connection.ops.quote_name(model._meta.db_table)
                cursor.execute(f"SELECT to_regclass({_literal(model._meta.db_table)})")
                if cursor.fetchone()[0]:
                    cursor.execute(f"REVOKE UPDATE, DELETE ON {table} FROM {APP_ROLE}")
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            cursor.execute(f"GRANT {APP_ROLE} TO {owner}")


def _literal(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
