from django.db import migrations, models
from django.db.models import Q


def forget_drafts(apps, schema_editor):
    """A draft's figures are counted whenever it is read (ADR 30)."""
    report = apps.get_model("champions", "QuarterlyReport")
    report.objects.filter(released_at__isnull=True).update(figures=None, hidden=None, digest="")


class Migration(migrations.Migration):
    dependencies = [("champions", "0001_initial")]

    operations = [
        migrations.AlterField("quarterlyreport", "figures", models.JSONField(blank=True, null=True)),
        migrations.AlterField("quarterlyreport", "hidden", models.JSONField(blank=True, null=True)),
        migrations.AlterField("quarterlyreport", "digest", models.CharField(blank=True, max_length=64)),
        # The way back leaves drafts without figures: to be released or deleted first.
        migrations.RunPython(forget_drafts, migrations.RunPython.noop),
        migrations.AddConstraint(
            "quarterlyreport",
            models.CheckConstraint(
                name="report_frozen_when_released",
                condition=Q(released_at__isnull=True, figures__isnull=True, hidden__isnull=True, digest="")
                | Q(released_at__isnull=False, figures__isnull=False, hidden__isnull=False) & ~Q(digest=""),
            ),
        ),
    ]
