"""What monitoring asks."""

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client


@pytest.mark.django_db
def test_a_service_with_its_database_is_ready(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"Ready.\n")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("failure", [OperationalError("host db, user app"), InterfaceError("connection closed")])
def test_without_its_database_it_says_so_and_nothing_else(
    client: Client, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def fail() -> None:
        raise failure

    monkeypatch.setattr(connection, "cursor", fail)
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (503, b"The database does not answer.\n")


def test_it_answers_no_form(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
