"""Second steps that were set up before there was a key for them (ADR 18)."""

from django.db import migrations

from accounts.concealing import conceal, is_concealed


def conceal_all(apps, schema_editor):
    """Every secret of an app and of recovery codes that stands there as it is. What is concealed already stays so."""
    kept = apps.get_model("mfa", "Authenticator").objects.filter(type__in=("totp", "recovery_codes"))
    for row in kept.select_for_update():
        for name in ("secret", "seed"):
            if name in row.data and not is_concealed(row.data[name]):
                row.data[name] = conceal(row.data[name])
        row.save(update_fields=["data"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_chief_executive_by_two"), ("mfa", "0003_authenticator_type_uniq")]

    operations = [
        # The way back leaves them: the code of before would read nothing, and nobody's second step is laid open.
        migrations.RunPython(conceal_all, migrations.RunPython.noop)
    ]
