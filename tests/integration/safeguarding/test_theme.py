"""Every page asks for the style sheet of the organisation's colour: it must cost nothing and stay in the cache."""

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.build.cast import make_cast
from tests.build.web import signed_in


@pytest.mark.django_db
def test_the_style_sheet_reads_no_session_and_stays_in_the_cache(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = signed_in(make_cast().amara)
    with django_assert_num_queries(0):
        response = client.get("/theme.css")
    assert response["Cache-Control"] == "public, max-age=300"
    assert "Set-Cookie" not in response
    assert "Cookie" not in response.get("Vary", "")
