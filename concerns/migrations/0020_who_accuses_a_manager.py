"""Who accused their own manager before their name was protected for it (R43)."""

from django.db import migrations
from django.db.models import F


def protect_reporters(apps, schema_editor):
    """As `rules.protects_reporter` has done since, as far as it is still known: the answer "my line manager", or their
    manager ticked among other staff. No event of its own: nothing is taken away, and fewer people are told a name.
    """
    concerns = apps.get_model("concerns", "Concern").objects
    named = apps.get_model("concerns", "Conflict").objects.filter(
        kind="barred", recorded_by=F("concern__reporter"), staff=F("concern__reporter__line_manager")
    )
    for rows in (concerns.filter(implicated="manager"), concerns.filter(pk__in=named.values("concern"))):
        rows.update(is_reporter_protected=True)


class Migration(migrations.Migration):
    dependencies = [("concerns", "0019_cautions_of_joined_concerns")]

    operations = [
        # The way back leaves them: a name that was kept stays so.
        migrations.RunPython(protect_reporters, migrations.RunPython.noop)
    ]
