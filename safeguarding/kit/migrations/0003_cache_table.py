from django.core.management import call_command
from django.db import migrations

# The table of settings.CACHES, as it is named there. Django knows its shape; it has no model.
TABLE = "safeguarding_cache"


def make(apps, schema_editor):
    call_command("createcachetable", TABLE, database=schema_editor.connection.alias, verbosity=0)


def drop(apps, schema_editor):
    schema_editor.execute(f"DROP TABLE {schema_editor.quote_name(TABLE)}")


class Migration(migrations.Migration):
    dependencies = [
        ("kit", "0002_alter_outboxmessage_drop_reason"),
    ]

    operations = [migrations.RunPython(make, drop)]
