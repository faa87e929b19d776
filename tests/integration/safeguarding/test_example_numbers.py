"""A number that reaches nobody must not look like one that does (R36, R40)."""

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

WARNING = "The phone numbers on these pages are examples"


@pytest.mark.django_db
def test_every_page_says_so_while_a_phone_number_is_an_example(client: Client, settings: Settings) -> None:
    assert WARNING in client.get("/account/login/").content.decode()
    settings.DUTY_PHONE = "0114 496 0000"
    settings.ADULTS_OUT_OF_HOURS_PHONE = "0114 496 0001"
    settings.CHILDREN_OUT_OF_HOURS_PHONE = "0114 496 0002"
    assert WARNING not in client.get("/account/login/").content.decode()


@pytest.mark.django_db
def test_the_demo_says_that_it_is_one_instead(client: Client, settings: Settings) -> None:
    settings.IS_DEMO = True
    page = client.get("/account/login/").content.decode()
    assert WARNING not in page
    assert "Fictional people" in page
