"""The first day: real files, bad files, previews, running it again, and the links for the administrators."""

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.invitations import invite_everybody
from accounts.models import ChampionAppointment, RoleAssignment, ServiceArea, User
from accounts.selectors import holders_of, service_area_of
from accounts.vocabulary import Role
from audit.models import Event
from safeguarding.kit import outbox
from safeguarding.kit.clock import now
from sharing.models import Agency

pytestmark = pytest.mark.django_db

EXAMPLES = Path(__file__).parents[3] / "docs" / "examples"
BEA, CARL = "Bea Costa <Bea@landlord.example>", "Carl Jensen <carl@landlord.example>"


def set_up(folder: Path | None, *administrators: str, preview: bool = False) -> str:
    out = StringIO()
    arguments = [] if folder is None else [str(folder)]
    call_command("set_up_organisation", *arguments, administrator=list(administrators), preview=preview, stdout=out)
    return out.getvalue()


def mistakes_in(folder: Path) -> list[str]:
    """What the command complains of; nothing may have been written."""
    err = StringIO()
    before = (User.objects.count(), ServiceArea.objects.count(), Agency.objects.count(), Event.objects.count())
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("set_up_organisation", str(folder), stderr=err, no_color=True)
    after = (User.objects.count(), ServiceArea.objects.count(), Agency.objects.count(), Event.objects.count())
    assert after == before
    return err.getvalue().splitlines()


def write(folder: Path, name: str, text: str, *, encoding: str = "utf-8") -> None:
    (folder / name).write_bytes(text.encode(encoding))


def test_the_examples_make_an_organisation() -> None:
    out = set_up(EXAMPLES, BEA, CARL)
    assert ServiceArea.objects.count() == 3
    assert User.objects.count() == 14
    assert set(holders_of(Role.ADMINISTRATOR).values_list("email", flat=True)) == {
        "bea@landlord.example",
        "carl@landlord.example",
    }
    roofer = User.objects.get(email="o.silva@builders.example")
    area = service_area_of(roofer)
    assert area is not None
    assert (roofer.full_name, roofer.firm, area.code) == ("Otávio Silva", "Silva Roofing Ltd", "repairs")
    lund = RoleAssignment.objects.filter(user__email="i.lund@landlord.example").values_list("role", flat=True)
    assert set(lund) == {"designated_senior_manager", "senior_manager"}
    assert ChampionAppointment.objects.filter(service_area__code="housing").count() == 2
    assert Agency.objects.get(kind="lado").notes == "Consult within one working day"
    assert "staff.csv, row 2: add Rosemary Okoye" in out
    assert "Each link works once, for 3 days" in out


def test_a_preview_tells_the_same_and_changes_nothing() -> None:
    told = set_up(EXAMPLES, BEA, CARL, preview=True)
    assert not User.objects.exists()
    assert not Event.objects.exists()
    assert "Nothing was changed." in told
    assert "/password/reset/key/" not in told
    done = set_up(EXAMPLES, BEA, CARL)
    assert [line for line in told.splitlines() if ", row " in line] == [
        line for line in done.splitlines() if ", row " in line
    ]


def test_running_it_again_changes_nothing_and_then_only_what_differs(tmp_path: Path) -> None:
    set_up(EXAMPLES, BEA, CARL)
    events = Event.objects.count()
    assert "0 changes made, 24 rows are as they were." in set_up(EXAMPLES)
    assert Event.objects.count() == events
    for file in EXAMPLES.glob("*.csv"):
        text = file.read_text(encoding="utf-8")
        text = text.replace("Parveen Khan,Housing officer", "Parveen Khan-Bell,Senior housing officer")
        text = text.replace("repairs,Repairs and maintenance", "repairs,Repairs")
        write(tmp_path, file.name, text.replace("01632 960 304,,lado@", "01632 960 399,,lado@"))
    out = set_up(tmp_path)
    assert "staff.csv, row 10: change Parveen Khan: full_name, job_title" in out
    assert "service_areas.csv, row 3: rename service area repairs to Repairs" in out
    assert "agencies.csv, row 5: change, and to be checked anew, agency LADO" in out
    assert "3 changes made" in out
    assert User.objects.get(email="p.khan@landlord.example").full_name == "Parveen Khan-Bell"


def test_each_administrator_sets_a_password_by_a_link_that_works_once(client: Client) -> None:
    out = set_up(None, BEA, CARL)
    links = re.findall(r"http://\S+/account/password/reset/key/\S+", out)
    assert len(links) == 2
    path = "/" + links[0].split("/", 3)[3]
    page = client.get(path, follow=True)
    new = "a long enough password 7"
    assert client.post(page.request["PATH_INFO"], {"password1": new, "password2": new}).status_code == 302
    assert client.post("/account/login/", {"login": "bea@landlord.example", "password": new}).status_code == 302
    assert "too old" in Client().get(path, follow=True).content.decode()
    assert links[0] not in str(Event.objects.values())


def test_a_second_run_makes_no_new_links_for_those_who_have_an_account() -> None:
    set_up(None, BEA, CARL)
    assert "/password/reset/key/" not in set_up(None, BEA, CARL)


@pytest.mark.parametrize("wanted", [[BEA], ["Bea", CARL], ["bea@landlord.example", CARL], ["Bea <bea>", CARL]])
def test_two_administrators_are_needed(wanted: list[str]) -> None:
    with pytest.raises(CommandError, match="Nothing was changed"):
        set_up(None, *wanted)
    assert not User.objects.exists()


def test_nothing_to_do_and_no_folder_are_said() -> None:
    with pytest.raises(CommandError, match="Name a folder"):
        set_up(None)
    with pytest.raises(CommandError, match="There is no folder"):
        set_up(Path("/nowhere/at/all"))


def test_a_folder_without_files_is_said(tmp_path: Path) -> None:
    assert "None of these files is here" in mistakes_in(tmp_path)[0]


def test_byte_order_mark_and_semicolons_are_read(tmp_path: Path) -> None:
    write(tmp_path, "service_areas.csv", "code;name\r\nhousing;Housing\r\n\r\n;\r\n", encoding="utf-8-sig")
    assert "add service area Housing" in set_up(tmp_path)
    assert ServiceArea.objects.get().name == "Housing"


def test_wrong_encoding_names_the_row(tmp_path: Path) -> None:
    write(tmp_path, "staff.csv", "email,full_name\na@b.example,Ann\nz@b.example,Zoë\n", encoding="cp1252")
    (line,) = mistakes_in(tmp_path)
    assert line.startswith("staff.csv, row 3: This is not UTF-8 text.")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "staff.csv, row 1: The file is empty."),
        ("full_name\nAnn\n", "staff.csv, row 1, column email: This column is missing."),
        ("email,full_name,shoe_size\n", "staff.csv, row 1, column shoe_size: There is no such column."),
        ("email,full_name,email\n", "staff.csv, row 1, column email: This column is there twice."),
        ('email,full_name\na@b.example,"Ann\n', "staff.csv: The quotation marks in this file don’t match up."),
        ("email,full_name\na@b.example,Ann,too,much\n", "staff.csv, row 2: This row has more cells than"),
        ("email,full_name\na@b.example,\n", "staff.csv, row 2, column full_name: This cell is empty."),
        ("email,full_name\nnot an address,Ann\n", "staff.csv, row 2, column email: Enter an e-mail address"),
        (
            "email,full_name\na@b.example,Ann\nA@B.example,Bob\n",
            "staff.csv, row 3, column email: This is in row 2 already.",
        ),
        ("email,full_name,service_area\na@b.example,Ann,moon\n", "staff.csv, row 2, column service_area: There is no"),
        ("email,full_name,employment\na@b.example,Ann,boss\n", "staff.csv, row 2, column employment: Choose one of"),
        (
            "email,full_name,employment\na@b.example,Ann,contractor\n",
            "column line_manager_email: A contractor’s worker",
        ),
        ("email,full_name,roles\na@b.example,Ann,queen\n", "staff.csv, row 2, column roles: “queen” is no role."),
        ("email,full_name,roles\na@b.example,Ann,administrator\n", "column roles: Administrators are made with"),
        ("email,full_name,phone\na@b.example,Ann,+44 1632 960 000 extension four hundred\n", "column phone: Enter 30"),
        (
            "email,full_name,line_manager_email\na@b.example,Ann,nobody@b.example\n",
            "staff.csv, row 2, column line_manager_email: Nobody with this e-mail address",
        ),
        (
            "email,full_name,line_manager_email\na@b.example,Ann,a@b.example\n",
            "staff.csv, row 2, column line_manager_email: Nobody can be their own line manager.",
        ),
    ],
)
def test_mistakes_in_staff_are_named_by_row_and_column(tmp_path: Path, text: str, complaint: str) -> None:
    write(tmp_path, "staff.csv", text)
    assert any(complaint in line for line in mistakes_in(tmp_path))


def test_a_loop_of_managers_is_refused(tmp_path: Path) -> None:
    rows = ["email,full_name,line_manager_email"]
    rows += ["a@b.example,Ann,b@b.example", "b@b.example,Bob,c@b.example", "c@b.example,Cy,a@b.example"]
    write(tmp_path, "staff.csv", "\n".join(rows))
    (line,) = mistakes_in(tmp_path)
    assert "column line_manager_email: This would make the person their own manager’s manager." in line.replace(
        "'", "’"
    )


def test_two_people_can_change_places_in_one_file(tmp_path: Path) -> None:
    heading = "email,full_name,line_manager_email\n"
    write(tmp_path, "staff.csv", f"{heading}a@b.example,Ann,\nb@b.example,Bob,a@b.example\n")
    set_up(tmp_path)
    write(tmp_path, "staff.csv", f"{heading}a@b.example,Ann,b@b.example\nb@b.example,Bob,\n")
    set_up(tmp_path)
    ann, bob = User.objects.order_by("email")
    assert (ann.line_manager, bob.line_manager) == (bob, None)


def test_all_mistakes_of_all_files_come_at_once_in_order(tmp_path: Path) -> None:
    write(tmp_path, "service_areas.csv", "code,name\nbad code,Housing\nrepairs,\n")
    write(tmp_path, "champions.csv", "email,service_area,confirmed_on\nx@b.example,housing,1/2/2027\n")
    write(
        tmp_path,
        "agencies.csv",
        "kind,name,usual_method,secure_email\nufo,Mulder,,\nlado,LADO,pigeon,\nlado,LADO,,no\n",
    )
    complaints = [line.split(":")[0] for line in mistakes_in(tmp_path)]
    assert complaints == [
        "agencies.csv, row 2, column kind",
        "agencies.csv, row 3, column usual_method",
        "agencies.csv, row 4, column kind",
        "champions.csv, row 2, column email",
        "service_areas.csv, row 2, column code",
        "service_areas.csv, row 3, column name",
    ]


def test_bad_agency_address_is_named(tmp_path: Path) -> None:
    write(tmp_path, "agencies.csv", "kind,name,secure_email,portal_url\nlado,LADO,not-an-address,nowhere\n")
    complaints = [line.split(":")[0] for line in mistakes_in(tmp_path)]
    assert complaints == ["agencies.csv, row 2, column portal_url", "agencies.csv, row 2, column secure_email"]


def test_everybody_without_a_password_is_invited_once_and_gets_in(client: Client) -> None:
    set_up(EXAMPLES, BEA, CARL)
    call_command("send_invitations", stdout=StringIO())
    outbox.deliver_due(at=now())
    assert len(mail.outbox) == 14
    assert "/account/password/reset/" in mail.outbox[0].body
    assert "key" not in mail.outbox[0].body
    assert invite_everybody(by=None, at=now()) == 0
    mail.outbox.clear()
    client.post("/account/password/reset/", {"email": "P.Khan@landlord.example"})
    outbox.deliver_due(at=now())
    (sent,) = mail.outbox
    link = next(word for word in sent.body.split() if "/password/reset/key/" in word)
    page = client.get("/" + link.split("/", 3)[3], follow=True)
    new = "a long enough password 8"
    client.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
    assert client.post("/account/login/", {"login": "p.khan@landlord.example", "password": new}).status_code == 302
