"""Pictures tell the figures that are shown, and nothing of those that are hidden."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from champions.charts import Point, bar_chart, column_chart, draw, line_chart, share_chart
from champions.suppression import Hidden, ShownTable, publish
from champions.tables import Measure, Nature, Picture, Row, Table

SVG = "{http://www.w3.org/2000/svg}"
EVERY_PICTURE = [
    bar_chart("k", "Title", [Point("Repairs", 23), Point("Housing", None)]),
    column_chart("k", "Title", [Point("Opened", 23), Point("Closed", None)]),
    line_chart("k", "Title", [Point("Jan-Mar 2026", 23), Point("Apr-Jun 2026", None), Point("x", 4)]),
    share_chart("k", "Title", "In time", 86),
]


def table(picture: Picture, *counts: int) -> Table:
    return Table(
        measure=Measure(
            key="areas",
            number="Q5",
            title="Concerns by service area",
            nature=Nature.PEOPLE,
            unit="concern",
            numerator="n",
            denominator="d",
            picture=picture,
            total_label="Concerns received",
        ),
        rows=tuple(Row("abcdefghijkl"[at], f"Area {at}", count) for at, count in enumerate(counts)),
        total=sum(counts),
    )


def shown(counted: Table, *hidden_rows: str) -> ShownTable:
    return publish([counted], Hidden(cells=frozenset((counted.key, row) for row in hidden_rows)))[0]


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314 - drawn by us


@pytest.mark.parametrize("svg", EVERY_PICTURE)
def test_a_picture_is_well_formed_named_and_described(svg: str) -> None:
    root = parsed(svg)
    title, words = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert root.attrib["role"] == "img"
    assert title is not None
    assert title.text == "Title"
    assert words is not None
    assert words.text
    assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], words.attrib["id"]]


@pytest.mark.parametrize("svg", EVERY_PICTURE)
def test_a_picture_obeys_the_content_security_policy(svg: str) -> None:
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=|href=", svg)


@pytest.mark.parametrize("picture", [Picture.BARS, Picture.COLUMNS])
def test_two_quarters_that_differ_in_hidden_figures_alone_look_the_same(picture: Picture) -> None:
    one = draw(shown(table(picture, 1, 7, 20), "a", "b"))
    other = draw(shown(table(picture, 4, 4, 20), "a", "b"))
    assert one == other
    assert one.count("[c]") == 2
    assert "Area 0: hidden; Area 1: hidden; Area 2: 20." in one


def test_the_largest_figure_gives_the_scale_only_when_it_is_shown() -> None:
    assert draw(shown(table(Picture.BARS, 3, 90, 20), "a", "b")) == draw(
        shown(table(Picture.BARS, 33, 60, 20), "a", "b")
    )


def test_bars_are_as_long_as_their_figures() -> None:
    root = parsed(bar_chart("k", "t", [Point("a", 40), Point("b", 10), Point("c", 0)]))
    widths = [float(rect.attrib["width"]) for rect in root.iter(f"{SVG}rect")]
    assert widths == [392, 98, 1]


def test_fewer_than_ten_are_not_drawn() -> None:
    assert draw(shown(table(Picture.BARS, 3, 6))) == ""
    assert draw(publish([table(Picture.BARS, 2, 2)], Hidden(tables=frozenset({"areas"})))[0]) == ""


def test_a_part_of_the_whole_is_drawn_only_when_the_part_is_shown() -> None:
    counted = table(Picture.SHARE, 19, 1)
    assert "Area 0: 95%" in draw(shown(counted))
    assert draw(shown(counted, "a", "b")) == ""


def test_a_hidden_quarter_breaks_the_line() -> None:
    points = [Point("a", 5), Point("b", 6), Point("c", None), Point("d", 7), Point("e", 8)]
    root = parsed(line_chart("k", "t", points))
    # Two pieces of line and the base line.
    assert len(list(root.iter(f"{SVG}line"))) == 3
    assert draw(replace(shown(table(Picture.TREND, 12)), rows=()), points[:1]) == ""


def test_rows_of_zero_leave_a_long_picture_and_it_says_so() -> None:
    drawn = draw(shown(table(Picture.BARS, 12, 0, 0, 0, 0, 0, 0, 0, 0)))
    assert "Area 1" not in drawn
    assert "Groups with 0 are not drawn." in drawn
    assert "Area 1: 0" in draw(shown(table(Picture.BARS, 12, 0)))


def test_words_from_the_database_are_escaped() -> None:
    drawn = bar_chart("k", "<b>&", [Point("</text><script>", 5)])
    assert "<script>" not in drawn
    assert parsed(drawn).find(f"{SVG}title").text == "<b>&"  # type: ignore[union-attr]
