"""Row-level security as migration operations."""

from django.db.migrations.operations import RunSQL

PRACTICE = "nullif(current_setting('unknot.practice', true), '')::uuid"
ACCOUNT = "nullif(current_setting('unknot.account', true), '')::uuid"


def wall(table: str, *, key: str = "practice_id", own: str | None = None, public: str | None = None) -> RunSQL:
    """Forces row-level security on `table`: rows of the practice in force, for reading and writing.

    `own`: column with an account id whose owner may read the row from anywhere. `public`: SQL condition under which
    anybody may read the row (published facts).
    """
    statements = [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
        f"CREATE POLICY practice_wall ON {table} USING ({key} = {PRACTICE}) WITH CHECK ({key} = {PRACTICE})",
    ]
    undo = [
        f"DROP POLICY IF EXISTS practice_wall ON {table}",
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY",
    ]
    if own:
        statements.append(f"CREATE POLICY own_rows ON {table} FOR SELECT USING ({own} = {ACCOUNT})")
        undo.insert(0, f"DROP POLICY IF EXISTS own_rows ON {table}")
    if public:
        statements.append(f"CREATE POLICY public_rows ON {table} FOR SELECT USING ({public})")
        undo.insert(0, f"DROP POLICY IF EXISTS public_rows ON {table}")
    return RunSQL(";\n".join(statements), ";\n".join(undo))
