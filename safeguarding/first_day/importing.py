"""Bringing a landlord's own people, areas and agencies in from CSV files: all or nothing, and again when they change.

A file says what should be so. What is there already and differs is changed; what is not in a file is left alone:
nobody is deactivated and no champion ended because a row is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import services
from accounts.models import ChampionAppointment, RoleAssignment, ServiceArea, User
from accounts.services import PersonDetails
from accounts.vocabulary import Employment, Role
from safeguarding.first_day.files import AGENCIES, AREAS, CHAMPIONS, STAFF, TABLES, Mistake, Row, read_table
from safeguarding.kit.errors import Refusal, Unsound
from sharing.models import Agency
from sharing.services.agencies import AgencyDetails, save_agency
from sharing.vocabulary import AgencyKind, SharingMethod


class Wrong(Exception):
    """The files have mistakes; nothing was written."""

    def __init__(self, mistakes: Iterable[Mistake]) -> None:
        self.mistakes = sorted(set(mistakes))
        super().__init__(f"{len(self.mistakes)} mistakes")


@dataclass
class Outcome:
    """What was done, or would be. Each line names a row of a file and what comes of it."""

    lines: list[str] = field(default_factory=list)
    unchanged: int = 0
    new_people: list[User] = field(default_factory=list)

    def add(self, row: Row, what: str) -> None:
        self.lines.append(f"{row.file}, row {row.number}: {what}")


@transaction.atomic
def import_files(folder: Path, *, at: datetime) -> Outcome:
    """Bring in the files of `folder`. Raises Wrong with every mistake that was found; nothing is written then."""
    mistakes: list[Mistake] = []
    present = {table: folder / table.file_name for table in TABLES if (folder / table.file_name).is_file()}
    if not present:
        names = ", ".join(table.file_name for table in TABLES)
        raise Wrong([Mistake(folder.name, 0, "", f"None of these files is here: {names}.")])
    rows = {table: read_table(path, table, mistakes) for table, path in present.items()}
    outcome = Outcome()
    run = _Import(at, mistakes, outcome).run
    run(rows.get(AREAS, ()), rows.get(STAFF, ()), rows.get(CHAMPIONS, ()), rows.get(AGENCIES, ()))
    if mistakes:
        raise Wrong(mistakes)
    return outcome


class _Import:
    """One run over all files. A row with a mistake is noted and passed over, so that all mistakes come at once."""

    def __init__(self, at: datetime, mistakes: list[Mistake], outcome: Outcome) -> None:
        self._at, self._mistakes, self._outcome = at, mistakes, outcome

    def run(
        self, areas: Sequence[Row], staff: Sequence[Row], champions: Sequence[Row], agencies: Sequence[Row]
    ) -> None:
        for row in self._once(areas, ("code",)):
            self._area(row)
        people = list(self._once(staff, ("email",)))
        for row in people:
            self._person(row)
        # Managers come second: a manager may stand further down in the file than the people whom they manage.
        self._managers(people)
        for row in people:
            self._roles(row)
        for row in self._once(champions, ("email", "service_area")):
            self._champion(row)
        for row in self._once(agencies, ("kind", "name", "local_authority")):
            self._agency(row)

    def _once(self, rows: Sequence[Row], key: tuple[str, ...]) -> Iterable[Row]:
        """Each row but those that repeat an earlier one."""
        seen: dict[tuple[str, ...], int] = {}
        for row in rows:
            value = tuple(row[column].lower() for column in key)
            if value in seen:
                self._wrong(row, key[0], f"This is in row {seen[value]} already.")
            else:
                seen[value] = row.number
                yield row

    def _wrong(self, row: Row, column: str, sentence: str) -> None:
        self._mistakes.append(row.mistake(column, sentence))

    def _refused(self, row: Row, refusal: Refusal, columns: Mapping[str, str]) -> None:
        """Note what a service refused, under the columns that its fields come from."""
        problems = refusal.problems if isinstance(refusal, Unsound) and refusal.problems else {"": [refusal.sentence]}
        for name, sentences in problems.items():
            for sentence in sentences:
                self._wrong(row, columns.get(name, name), sentence)

    # --- Service areas -----------------------------------------------------------------------------

    def _area(self, row: Row) -> None:
        area = ServiceArea.objects.filter(code=row["code"]).first()
        try:
            with transaction.atomic():
                if area is None:
                    services.add_service_area(code=row["code"], name=row["name"], by=None, at=self._at)
                    self._outcome.add(row, f"add service area {row['name']}")
                elif area.name != row["name"]:
                    services.rename_service_area(area=area, name=row["name"], by=None, at=self._at)
                    self._outcome.add(row, f"rename service area {area.code} to {row['name']}")
                else:
                    self._outcome.unchanged += 1
        except Refusal as refusal:
            self._refused(row, refusal, {})

    def _find_area(self, row: Row) -> ServiceArea | None:
        area = ServiceArea.objects.filter(code__iexact=row["service_area"]).first()
        if area is None and row["service_area"]:
            codes = ", ".join(ServiceArea.objects.values_list("code", flat=True))
            self._wrong(
                row, "service_area", f"There is no service area with this code. The codes are: {codes or 'none'}."
            )
        return area

    # --- Staff -------------------------------------------------------------------------------------

    def _person(self, row: Row) -> None:
        employment = row["employment"].lower() or Employment.EMPLOYEE
        area = self._find_area(row)
        if row["service_area"] and area is None:
            return
        person = User.objects.filter(email=row["email"].lower()).select_related("line_manager").first()
        if person is not None and not person.is_active:
            self._wrong(row, "email", "This person was deactivated. Take the row out of the file.")
            return
        # A contractor needs the contract manager at once; whoever else manages is set when everybody is in.
        manager = person.line_manager if person else None
        if employment == Employment.CONTRACTOR and manager is None:
            manager = User.objects.filter(email=row["line_manager_email"].lower(), is_active=True).first()
            if manager is None:
                sentence = "A contractor’s worker needs a contract manager, who must stand above them in the file."
                self._wrong(row, "line_manager_email", sentence)
                return
        details = PersonDetails(
            full_name=row["full_name"],
            job_title=row["job_title"],
            phone=row["phone"],
            employment=employment,
            firm=row["firm"],
            service_area=area,
            line_manager=manager,
        )
        try:
            with transaction.atomic():
                if person is None:
                    added = services.create_person(email=row["email"], details=details, by=None, at=self._at)
                    self._outcome.new_people.append(added)
                    self._outcome.add(row, f"add {added.full_name}")
                elif changed := services.change_person(person=person, details=details, by=None, at=self._at):
                    self._outcome.add(row, f"change {person.full_name}: {', '.join(changed)}")
                else:
                    self._outcome.unchanged += 1
        except Refusal as refusal:
            self._refused(row, refusal, {"line_manager": "line_manager_email"})

    def _managers(self, rows: Sequence[Row]) -> None:
        """Who manages whom. A row that would make a loop is tried again when the others have moved."""
        waiting = list(rows)
        while waiting:
            refused = [(row, refusal) for row in waiting if (refusal := self._manager(row)) is not None]
            if len(refused) == len(waiting):
                for row, refusal in refused:
                    self._refused(row, refusal, {"line_manager": "line_manager_email"})
                return
            waiting = [row for row, _ in refused]

    def _manager(self, row: Row) -> Refusal | None:
        person = User.objects.filter(email=row["email"].lower()).select_related("line_manager").first()
        if person is None:
            return None
        manager = None
        if row["line_manager_email"]:
            manager = User.objects.filter(email=row["line_manager_email"].lower()).first()
            if manager is None or not manager.is_active:
                self._wrong(row, "line_manager_email", "Nobody with this e-mail address is in the file or known here.")
                return None
        if person.line_manager == manager:
            return None
        moved = replace(PersonDetails.of(person), line_manager=manager)
        try:
            with transaction.atomic():
                services.change_person(person=person, details=moved, by=None, at=self._at)
        except Refusal as refusal:
            return refusal
        words = f"is managed by {manager.full_name}" if manager else "has no line manager"
        self._outcome.add(row, f"{person.full_name} {words}")
        return None

    def _roles(self, row: Row) -> None:
        person = User.objects.filter(email=row["email"].lower()).first()
        if person is None or not row["roles"]:
            return
        held = set(RoleAssignment.objects.filter(user=person, ended_at=None).values_list("role", flat=True))
        for code in (part.strip().lower() for part in row["roles"].replace("|", ",").split(",")):
            if code and code not in Role.values:
                self._wrong(row, "roles", f"“{code}” is no role. The roles are: {', '.join(Role.values)}.")
            elif code == Role.ADMINISTRATOR and code not in held:
                sentence = "Administrators are made with --administrator, not by a file."
                self._wrong(row, "roles", sentence)
            elif code and code not in held:
                try:
                    role = services.give_role(person=person, role=Role(code), by=None, at=self._at)
                except Refusal as refusal:
                    self._wrong(row, "roles", refusal.sentence)
                else:
                    self._outcome.add(row, f"{person.full_name} becomes {role}")

    # --- Champions ---------------------------------------------------------------------------------

    def _champion(self, row: Row) -> None:
        person = User.objects.filter(email=row["email"].lower(), is_active=True).first()
        if person is None:
            self._wrong(row, "email", "Nobody with this e-mail address is in staff.csv or known here.")
            return
        area = self._find_area(row)
        confirmed_on = self._date(row, "confirmed_on")
        if area is None or (row["confirmed_on"] and confirmed_on is None):
            return
        if ChampionAppointment.objects.filter(user=person, service_area=area, ended_at=None).exists():
            self._outcome.unchanged += 1
            return
        try:
            services.appoint_champion(person=person, area=area, by=None, at=self._at, confirmed_on=confirmed_on)
        except Refusal as refusal:
            self._wrong(row, "email", refusal.sentence)
            return
        self._outcome.add(row, f"{person.full_name} becomes champion of {area.name}")

    def _date(self, row: Row, column: str) -> date | None:
        if not row[column]:
            return None
        try:
            return date.fromisoformat(row[column])
        except ValueError:
            self._wrong(row, column, "Write the date like 2027-03-31.")
            return None

    # --- Agencies ----------------------------------------------------------------------------------

    def _agency(self, row: Row) -> None:
        kind, method = row["kind"].lower(), row["usual_method"].lower() or SharingMethod.PORTAL
        if kind not in AgencyKind.values:
            self._wrong(row, "kind", f"There is no such kind. The kinds are: {', '.join(AgencyKind.values)}.")
            return
        if method not in SharingMethod.values:
            self._wrong(row, "usual_method", f"There is no such way. The ways are: {', '.join(SharingMethod.values)}.")
            return
        agency = Agency.objects.filter(
            kind=kind, name=row["name"], local_authority=row["local_authority"], is_in_use=True
        ).first()
        details = AgencyDetails(
            kind=AgencyKind(kind),
            name=row["name"],
            local_authority=row["local_authority"],
            phone=row["phone"],
            out_of_hours_phone=row["out_of_hours_phone"],
            secure_email=row["secure_email"],
            portal_url=row["portal_url"],
            post_address=row["post_address"],
            usual_method=SharingMethod(method),
            notes=row["notes"],
        )
        told = {name: getattr(details, name) for name in AGENCIES.columns}
        if agency is not None and all(getattr(agency, name) == value for name, value in told.items()):
            self._outcome.unchanged += 1
            return
        try:
            Agency(**told).clean_fields(exclude=["ref", "created_at"])
        except ValidationError as error:
            for name, sentences in error.message_dict.items():
                for sentence in sentences:
                    self._wrong(row, name, sentence)
            return
        try:
            with transaction.atomic():
                save_agency(details=details, by=None, at=self._at, agency_id=agency.pk if agency else None)
        except Refusal as refusal:
            self._refused(row, refusal, {})
        else:
            what = "change, and to be checked anew," if agency else "add"
            self._outcome.add(row, f"{what} agency {details.name}")
