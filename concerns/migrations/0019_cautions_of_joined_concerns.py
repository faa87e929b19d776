"""What concerns that were joined before cautions were brought along say of how somebody can be reached (R14, R96, I13)."""

from django.db import migrations


def bring_cautions(apps, schema_editor):
    """Into every survivor, as `joining.merge` has done since; what stands there stays. The oldest joining first: what
    was joined to a concern goes on with it. No event of its own: the ledger holds the joining, and nothing is taken away.
    """
    people = apps.get_model("concerns", "Person").objects
    for row in apps.get_model("concerns", "Merge").objects.filter(undone_at__isnull=True).order_by("at", "pk"):
        others = list(people.filter(involvements__concern=row.concern_id).exclude(name="").distinct())
        for known in people.filter(involvements__concern=row.into_id).exclude(name="").distinct():
            same = [other for other in others if other.pk != known.pk and _identity(other) == _identity(known)]
            for name in ("safe_contact", "unsafe_contact"):
                for other in same:
                    before, words = getattr(known, name).strip(), getattr(other, name).strip()
                    if words and f"\n{words}\n" not in f"\n{before}\n":
                        setattr(known, name, f"{before}\n{words}".strip())
            known.save(update_fields=["safe_contact", "unsafe_contact"])


def _identity(person):
    return person.search_text, person.date_of_birth


class Migration(migrations.Migration):
    dependencies = [("concerns", "0018_one_of_one_form")]

    operations = [
        # The way back leaves them: a caution is never lost.
        migrations.RunPython(bring_cautions, migrations.RunPython.noop)
    ]
