"""Indexes that let PostgreSQL find a part of a word in a million rows. SQLite, for one person trying it out, does without."""

from django.db import migrations

INDEXES = {
    "concern_search_trigrams": "concerns_concern",
    "person_search_trigrams": "concerns_person",
}


def make(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for name, table in INDEXES.items():
        schema_editor.execute(f"CREATE INDEX {name} ON {table} USING gin (search_text gin_trgm_ops)")


def drop(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for name in INDEXES:
        schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    dependencies = [("concerns", "0002_two_people_and_merges")]

    operations = [migrations.RunPython(make, drop, elidable=False)]
