from datetime import UTC, datetime
from typing import Any

from django.core.management import CommandError
from django.db import migrations, models

CAN_BE_READ = models.Q(at__gte=datetime(1970, 1, 1, tzinfo=UTC), at__lt=datetime(9999, 1, 1, tzinfo=UTC))


def refuse_what_cannot_be_read(apps: Any, schema_editor: Any) -> None:
    """Raises CommandError, with nothing changed, while there is a row that the constraints refuse: no clock says such a
    moment, so somebody put it there, and has to be found before it goes."""
    using = schema_editor.connection.alias
    found = [
        f"{name.lower()} {number}"
        for name in ("Event", "Seal")
        for number in apps.get_model("audit", name)
        .objects.using(using)
        .exclude(CAN_BE_READ)
        .order_by("pk")
        .values_list("pk", flat=True)[:10]
    ]
    if found:
        raise CommandError(
            f"Forged, of a moment that no clock says: {', '.join(found)}. Nothing was changed. Do what docs/deployment.md,"
            " “What to watch”, says of what is forged, and migrate again."
        )


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_numbered_from_one"),
    ]

    operations = [
        migrations.RunPython(refuse_what_cannot_be_read, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="event",
            constraint=models.CheckConstraint(condition=CAN_BE_READ, name="audit_event_at_can_be_read"),
        ),
        migrations.AddConstraint(
            model_name="seal",
            constraint=models.CheckConstraint(condition=CAN_BE_READ, name="audit_seal_at_can_be_read"),
        ),
    ]
