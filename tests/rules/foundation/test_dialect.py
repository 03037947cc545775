"""One SQL text, compiled for two engines."""

import pytest

from linkops.db.dialect import PostgresDialect, SqliteDialect

TEXT = "SELECT a FROM t JOIN {rows: id bigint, note text} r ON r.id = t.id WHERE t.x LIKE 'a%' AND t.y = :y{for_update}"


def test_sqlite_reads_lists_by_json_each() -> None:
    compiled = SqliteDialect().compile(TEXT)
    assert compiled.lists == ("rows",)
    assert "(SELECT value ->> 0 AS id, value ->> 1 AS note FROM json_each(:rows)) r" in compiled.sql
    assert compiled.sql.endswith("LIKE 'a%' AND t.y = :y")


def test_postgres_reads_lists_by_jsonb_array_elements_and_escapes_percent_signs() -> None:
    compiled = PostgresDialect().compile(TEXT)
    assert "CAST(v ->> 0 AS bigint) AS id" in compiled.sql
    assert "jsonb_array_elements(CAST(%(rows)s AS jsonb))" in compiled.sql
    assert compiled.sql.endswith("LIKE 'a%%' AND t.y = %(y)s FOR UPDATE")


@pytest.mark.parametrize("dialect", [SqliteDialect(), PostgresDialect()])
def test_column_types_are_filled_in(dialect: SqliteDialect | PostgresDialect) -> None:
    sql = dialect.compile("CREATE TABLE t (id {serial}, name {text} NOT NULL, raw {bytes})").sql
    assert "{" not in sql
