"""Who accused their own manager before their name was protected for it (R43)."""

from django.db import migrations
from django.db.models import F, Q


def protect_reporters(apps, schema_editor):
    """As `rules.protects_reporter` has done since, as far as it is still known: the answer "my line manager", anybody
    above them ticked among other staff, or other staff where nobody is above them. No event of its own: nothing is taken
    away, and fewer people are told a name.
    """
    concerns = apps.get_model("concerns", "Concern").objects
    bars = apps.get_model("concerns", "Conflict").objects.filter(kind="barred", recorded_by=F("concern__reporter"))
    managers = dict(apps.get_model("accounts", "User").objects.values_list("pk", "line_manager"))
    above = [
        concern
        for concern, reporter, staff in bars.values_list("concern", "concern__reporter", "staff")
        if staff in _above(managers, reporter)
    ]
    accused = Q(implicated="manager") | Q(implicated="other_staff", reporter__line_manager__isnull=True)
    for rows in (concerns.filter(accused), concerns.filter(pk__in=above)):
        rows.update(is_reporter_protected=True)


def _above(managers, person):
    """Everybody above them in the line of management, also where that goes in a circle."""
    found = set()
    while (person := managers.get(person)) is not None and person not in found:
        found.add(person)
    return found


class Migration(migrations.Migration):
    dependencies = [("concerns", "0019_cautions_of_joined_concerns")]

    operations = [
        # The way back leaves them: a name that was kept stays so.
        migrations.RunPython(protect_reporters, migrations.RunPython.noop)
    ]
