"""Words sent without a session come back to their sender, and to nobody else."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

OWN = "http://testserver"
WORDS = "<script>alert(1)</script> she said"


def test_a_form_of_this_site_comes_back_with_its_words_escaped(client: Client) -> None:
    answer = client.post("/account/stay/", {"words": WORDS, "kind": ["a", "b"]}, headers={"origin": OWN})
    assert answer.status_code == 403
    text = answer.content.decode()
    assert "Send again" in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; she said" in text
    assert WORDS not in text
    assert text.count('name="kind"') == 2
    assert text.count('name="csrfmiddlewaretoken"') == 1


def test_a_browser_that_leaves_out_the_origin_may_name_the_site_instead(client: Client) -> None:
    answer = client.post("/account/stay/", {"words": WORDS}, headers={"sec-fetch-site": "same-origin"})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [{}, {"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}],
)
def test_what_another_site_sends_is_not_handed_back(client: Client, headers: dict[str, str]) -> None:
    answer = client.post("/account/stay/", {"words": WORDS}, headers=headers)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/account/login/")


def test_a_password_is_never_handed_back() -> None:
    client = Client(enforce_csrf_checks=True)
    form = {"login": "ruth@larkfield.example", "password": "a secret of hers"}
    answer = client.post("/account/login/", form, headers={"origin": OWN})
    assert answer.status_code == 403
    assert "a secret of hers" not in answer.content.decode()
    assert "This page was open for too long" in answer.content.decode()


def test_a_forged_form_is_refused_without_a_token_to_send_it_again() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/account/stay/", {"words": WORDS}, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "Send again" not in answer.content.decode()
