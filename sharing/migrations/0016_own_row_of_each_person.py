"""Concerns that were joined shared the rows of people, and went on sharing them when they were separated (I3).

Here, since it also reads what this floor keeps about a person.
"""

import json

from django.db import migrations
from django.db.models import Q

from concerns.references import folded, new_reference

# Where somebody is and how they are reached.
_WAYS = ("address", "tenancy_ref", "phone", "safe_contact", "unsafe_contact", "moved_on", "moved_to")

# A caution never goes without a word (I13).
_INSTEAD = {"moved_on": None, "unsafe_contact": "Ask a safeguarding lead before you contact them."}


def give_own_rows(apps, schema_editor):
    """Every concern has its own row of a person, as `joining.merge` gives it one since; nothing frozen changes.

    Whoever is named for good by their reference, in a signed decision, an assessment of capacity or a DASH record, is
    known by that row there: so every concern with one keeps it, and where several have one those still share it. Else
    it stays where most attempts to be in touch name it, of equals in the one that took it in last. What a concern wrote of how somebody is reached after it was separated goes from the rows of the others, if
    those are open to anybody whom it is closed to; nothing else is taken away.
    """
    person_model, merges = apps.get_model("concerns", "Person"), apps.get_model("concerns", "Merge").objects
    parts = apps.get_model("concerns", "Involvement").objects
    for row in merges.filter(undone_at__isnull=True):
        row.added_involvements = [pair for each in row.added_involvements for pair in _pairs(parts, row, each)]
        row.save(update_fields=["added_involvements"])
    ever = Q(involvements__concern__merges__isnull=False) | Q(involvements__concern__taken_in__isnull=False)
    for person in person_model.objects.filter(ever).distinct().order_by("pk"):
        _part(apps, person)


def _pairs(parts, row, added):
    """What was one id becomes that and the part of the joined concern that it was made from."""
    if isinstance(added, list):
        return [added]
    part = parts.filter(pk=added).first()
    made_from = part and parts.filter(concern=row.concern_id, person=part.person_id, role=part.role).first()
    return [[added, made_from.pk]] if made_from else []


def _part(apps, person):
    def rows(app, name, **of):
        return apps.get_model(app, name).objects.filter(**of)

    parts = rows("concerns", "Involvement", person=person)
    clocks = rows("concerns", "Deadline", kind="contact", about=person.ref)
    tasks = rows("sharing", "FollowUp", person=person)
    concerns = {
        *parts.values_list("concern", flat=True),
        *clocks.values_list("concern", flat=True),
        *tasks.values_list("record__concern", flat=True),
    }
    if len(concerns) < 2:
        return
    named = {
        *rows("concerns", "DashRecord", person=person).values_list("concern", flat=True),
        *rows("sharing", "CapacityRecord", person=person).values_list("decision__concern", flat=True),
        *rows("sharing", "CoveredPerson", involvement__person=person).values_list("record__concern", flat=True),
    }
    tried = list(rows("concerns", "Contact", person=person).values_list("concern", flat=True))
    newest = dict(parts.order_by("pk").values_list("concern", "pk"))
    last = max(concerns, key=lambda concern: (tried.count(concern), newest.get(concern, 0)))
    keepers = named & concerns or {last}
    written = _last_written(apps, person, concerns)
    ref = person.ref
    for concern in sorted(concerns - keepers):
        own = apps.get_model("concerns", "Person").objects.get(pk=person.pk)
        own.pk, own.ref, own._state.adding = None, new_reference("P"), True
        _forget(apps, own, concern, written)
        own.save()
        parts.filter(concern=concern).update(person=own)
        clocks.filter(concern=concern).update(about=own.ref)
        tasks.filter(record__concern=concern).update(person=own)
        for draft in rows("sharing", "Decision", concern=concern, status="draft"):
            # The answers about each person stand under the reference.
            for name in ("answers", "typed", "pages"):
                setattr(draft, name, json.loads(json.dumps(getattr(draft, name)).replace(ref, own.ref)))
            draft.save(update_fields=["answers", "typed", "pages"])
    if len(keepers) == 1:
        _forget(apps, person, *keepers, written)
        person.save()


def _last_written(apps, person, concerns):
    """Of each way of reaching somebody: which concern wrote it last, and when."""
    said = apps.get_model("audit", "Event").objects.filter(
        concern_id__in=concerns, code__in=["concern.person_changed", "concern.died_or_moved"]
    )
    written = {}
    for event in said.order_by("pk"):
        if event.data.get("person") != person.ref:
            continue
        fields = event.data.get("fields", "").split()
        if event.data.get("change") == "moved":
            fields = ["moved_on", "moved_to"]
        written.update(dict.fromkeys(fields, (event.concern_id, event.at)))
    return written


def _forget(apps, person, concern, written):
    for name in _WAYS:
        writer, at = written.get(name, (concern, None))
        if writer != concern and _is_closed(apps, writer, to=concern) and _was_apart(apps, writer, concern, at):
            setattr(person, name, _INSTEAD.get(name, ""))
    person.search_text = folded(f"{person.name} {person.address} {person.tenancy_ref}")


def _is_closed(apps, writer, *, to):
    """Whether anybody may read `to` who may not read `writer`, as far as bars, recusals and restrictions say."""
    concerns = apps.get_model("concerns", "Concern").objects.in_bulk([writer, to])
    conflicts = apps.get_model("concerns", "Conflict").objects.filter(lifted_at__isnull=True)
    out, out_there = (set(conflicts.filter(concern=pk).values_list("staff", flat=True)) for pk in (writer, to))
    return bool(out - out_there) or (concerns[writer].is_restricted and not concerns[to].is_restricted)


def _was_apart(apps, writer, concern, at):
    """Whether the two were separated, and stayed so, before something was written in one of them."""
    if _survivor(apps, writer) == _survivor(apps, concern):
        return False
    undone = apps.get_model("concerns", "Merge").objects.filter(undone_at__isnull=False)
    between = Q(concern=writer, into=concern) | Q(concern=concern, into=writer)
    ends = list(undone.filter(between).values_list("undone_at", flat=True))
    # Joined by way of another: from when on either came away.
    either = Q(concern__in=[writer, concern]) | Q(into__in=[writer, concern])
    since = max(ends) if ends else min(undone.filter(either).values_list("undone_at", flat=True), default=None)
    return since is not None and at > since


def _survivor(apps, concern):
    row = apps.get_model("concerns", "Concern").objects.get(pk=concern)
    return row.pk if row.merged_into_id is None else _survivor(apps, row.merged_into_id)


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0003_numbered_from_one"),
        ("concerns", "0019_cautions_of_joined_concerns"),
        ("sharing", "0015_namings_lifted_and_unlinked"),
    ]

    operations = [migrations.RunPython(give_own_rows, migrations.RunPython.noop)]
