"""Pictures of a report's figures, drawn on the server as SVG. Pure.

They are drawn from shown figures alone (`suppression.ShownTable`): a hidden figure is always the same hatched
mark with "[c]", never a length, and no scale is taken from it, so neither shapes nor alternative text tell it
(rules 3 and 9). Fills differ in lightness, so that a grey print reads as well as the screen. Only
presentation attributes are used: the Content-Security-Policy allows no inline style.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from champions.suppression import HIDDEN_MARK, ShownTable
from champions.tables import Picture

_WIDTH = 440
_DARK, _LIGHT, _LINE, _INK, _QUIET = "#0b4f6c", "#d8e3e8", "#8a9499", "#0b0c0c", "#484949"
_FONT = "Arial, 'Liberation Sans', Helvetica, sans-serif"
# The mark of a hidden figure: its size never depends on the figure.
_MARK_WIDTH, _MARK_HEIGHT = 40, 20


@dataclass(frozen=True)
class Point:
    """One figure of a picture; None is hidden."""

    label: str
    value: int | None


def draw(table: ShownTable, trend: Sequence[Point] = ()) -> str:
    """The picture of `table` as an SVG element, or "" where rule 3 allows none or there is nothing to draw.

    `trend` is the table's total over the quarters, oldest first, for the picture that shows it.
    """
    if table.is_too_small_to_draw:
        return ""
    match table.measure.picture:
        case Picture.TREND:
            return line_chart(table.key, table.measure.title, trend) if len(trend) > 1 else ""
        case Picture.COLUMNS:
            points = [Point(row.label, row.count) for row in table.rows]
            return column_chart(table.key, table.measure.title, points)
        case Picture.SHARE:
            first = table.rows[0]
            if first.percent is None:
                return ""
            return share_chart(table.key, table.measure.title, first.label, first.percent)
        case Picture.BARS:
            points = [Point(row.label, row.count) for row in table.listed_rows]
            note = "Groups with 0 are not drawn." if table.empty_rows else ""
            return bar_chart(table.key, table.measure.title, points, note)


def bar_chart(key: str, title: str, points: Sequence[Point], note: str = "") -> str:
    """Lying bars, each under its label."""
    if not points:
        return ""
    row_height, bar_height, room_for_value = 46, 20, 48
    scale = _scale(points, _WIDTH - room_for_value)
    parts = []
    for at, point in enumerate(points):
        top = at * row_height
        parts.append(_text(0, top + 15, point.label))
        y = top + 21
        if point.value is None:
            parts.append(_mark(0, y))
            parts.append(_text(_MARK_WIDTH + 8, y + 15, HIDDEN_MARK, colour=_QUIET))
        else:
            width = max(round(point.value * scale, 1), 1)
            parts.append(_rect(0, y, width, bar_height, _DARK))
            parts.append(_text(width + 8, y + 15, str(point.value), bold=True))
    return _svg(key, title, _figures_in_words("Bar chart", points, note), len(points) * row_height, parts)


def column_chart(key: str, title: str, points: Sequence[Point]) -> str:
    """Standing columns side by side, each over its label."""
    if not points:
        return ""
    height, base = 250, 190
    scale = _scale(points, base - 30)
    step = _WIDTH / len(points)
    width = min(56, round(step * 0.6))
    parts = []
    for at, point in enumerate(points):
        middle = round(step * (at + 0.5), 1)
        if point.value is None:
            parts.append(_mark(middle - _MARK_WIDTH / 2, base - _MARK_HEIGHT))
            parts.append(_text(middle, base - _MARK_HEIGHT - 8, HIDDEN_MARK, anchor="middle", colour=_QUIET))
        else:
            tall = max(round(point.value * scale, 1), 1)
            parts.append(_rect(middle - width / 2, round(base - tall, 1), width, tall, _DARK))
            parts.append(_text(middle, round(base - tall - 8, 1), str(point.value), anchor="middle", bold=True))
        parts.extend(
            _text(middle, base + 20 + 18 * line, words, anchor="middle", size=14)
            for line, words in enumerate(_lines(point.label, round(step / 7)))
        )
    parts.append(_line(0, base, _WIDTH, base))
    return _svg(key, title, _figures_in_words("Column chart", points), height, parts)


def share_chart(key: str, title: str, label: str, percent: int) -> str:
    """One bar of a hundred per cent, its part filled."""
    top, tall, width = 30, 40, _WIDTH - 2
    parts = [
        _text(0, 18, f"{label}: {percent}%", bold=True),
        _rect(1, top, width, tall, _LIGHT, outline=_LINE),
        _rect(1, top, round(width * percent / 100, 1), tall, _DARK),
        _text(0, top + tall + 20, "0%", size=14, colour=_QUIET),
        _text(_WIDTH, top + tall + 20, "100%", size=14, anchor="end", colour=_QUIET),
    ]
    return _svg(key, title, f"Part of a whole. {label}: {percent}%.", top + tall + 28, parts)


def line_chart(key: str, title: str, points: Sequence[Point]) -> str:
    """A line over the quarters, oldest first; a hidden quarter breaks it."""
    if len(points) < 2:
        return ""
    height, base = 230, 170
    scale = _scale(points, base - 40)
    step = _WIDTH / len(points)
    spots: list[tuple[float, float] | None] = []
    parts = []
    for at, point in enumerate(points):
        middle = round(step * (at + 0.5), 1)
        if point.value is None:
            spots.append(None)
            parts.append(_mark(middle - _MARK_WIDTH / 2, base - _MARK_HEIGHT))
            parts.append(_text(middle, base - _MARK_HEIGHT - 8, HIDDEN_MARK, anchor="middle", colour=_QUIET))
        else:
            spots.append((middle, round(base - point.value * scale, 1)))
        parts.extend(
            _text(middle, base + 20 + 17 * line, words, anchor="middle", size=13)
            for line, words in enumerate(_lines(point.label, round(step / 6.5)))
        )
    for before, after in pairwise(spots):
        if before is not None and after is not None:
            parts.append(_line(*before, *after, colour=_DARK, width=3))
    for point, spot in zip(points, spots, strict=True):
        if spot is not None:
            parts.append(f'<circle cx="{spot[0]:g}" cy="{spot[1]:g}" r="5" fill="{_DARK}"/>')
            parts.append(_text(spot[0], spot[1] - 12, str(point.value), anchor="middle", bold=True))
    parts.append(_line(0, base, _WIDTH, base))
    return _svg(key, title, _figures_in_words("Line chart", points), height, parts)


# --- Pieces ---------------------------------------------------------------------------------------


def _scale(points: Iterable[Point], room: float) -> float:
    """Pixels for one; from shown figures alone."""
    return room / max(max((point.value or 0 for point in points), default=0), 1)


def _figures_in_words(kind: str, points: Iterable[Point], note: str = "") -> str:
    """The alternative text: the same figures as are shown, hidden ones as hidden."""
    figures = "; ".join(f"{point.label}: {'hidden' if point.value is None else point.value}" for point in points)
    return f"{kind}. {figures}. {note}".strip()


def _svg(key: str, title: str, words: str, height: float, parts: Iterable[str]) -> str:
    name = escape(key, quote=True)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-labelledby="{name}-title {name}-words" '
        f'viewBox="0 0 {_WIDTH} {height:g}" width="{_WIDTH}" height="{height:g}" font-family="{_FONT}">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-words">{escape(words)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def _text(
    x: float,
    y: float,
    words: str,
    *,
    anchor: str = "start",
    size: int = 16,
    bold: bool = False,
    colour: str = _INK,
) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{weight}>'
        f"{escape(words)}</text>"
    )


def _rect(x: float, y: float, width: float, height: float, fill: str, outline: str = "") -> str:
    edge = f' stroke="{outline}"' if outline else ""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}"{edge}/>'


def _line(x1: float, y1: float, x2: float, y2: float, *, colour: str = _LINE, width: int = 1) -> str:
    return f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{colour}" stroke-width="{width}"/>'


def _mark(x: float, y: float) -> str:
    """A hidden figure: a hatched box of one size."""
    strokes = " ".join(f"M{at} {_MARK_HEIGHT}L{at + _MARK_HEIGHT} 0" for at in range(0, _MARK_WIDTH - 19, 10))
    return (
        f'<g transform="translate({x:g} {y:g})" fill="none" stroke="{_QUIET}">'
        f'<rect x="0.5" y="0.5" width="{_MARK_WIDTH - 1}" height="{_MARK_HEIGHT - 1}" fill="#ffffff" '
        f'stroke-dasharray="4 3"/><path d="{strokes}"/></g>'
    )


def _lines(words: str, most: int) -> list[str]:
    """`words` broken between words into lines of at most `most` letters, where they allow it."""
    lines: list[str] = []
    for word in words.split():
        if lines and len(lines[-1]) + 1 + len(word) <= most:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
