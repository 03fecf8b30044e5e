"""The plots of a page, drawn by pygal on the server: they need no JavaScript and print as they look.

pygal's SVG is stripped of its own style and script, which the pages' Content-Security-Policy refuses; colours
come from portal.css, so that a plot follows the theme. Every plot carries its figures as a table.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import Any

import pygal
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format, number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pygal.graph.graph import Graph
from pygal.style import Style

from onboarding import chart_axis, chart_labels, drawings
from onboarding.chart_labels import BELOW, FONT, LINE, WIDTH

# For plugins that we do not use, pygal adds a finder of a kind that Python 3.11 warns of at every import.
sys.meta_path[:] = [
    finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)
]

HEIGHT = 200  # units of the drawing; the page gives it its size
SHOWN = 36  # months: more would be too thin to tell apart
GROWING = "*"

PLAIN: dict[str, Any] = {  # what every drawing has, and does without
    "css": [],
    "js": [],
    "disable_xml_declaration": True,
    "show_legend": False,
    "show_minor_x_labels": False,
    "truncate_label": -1,
    "margin": 4,
    "include_x_axis": True,
    "dots_size": 3,
}

Value = int | float | None


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A drawing and its text alternative: one sentence, and every figure in a table."""

    name: str
    title: str
    svg: SafeString
    note: str  # beside the title
    legend: tuple[str, ...]  # names of the series where there are several
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    is_cut: bool = False  # the drawing leaves out older months, which the table has
    is_growing: bool = False  # one of its months is not over: GROWING stands behind its name


def monthly(
    name: str, title: str, rows: Mapping[str, int], *, today: date | None = None
) -> Plot | None:
    """Rows per month as bars, from the first month to the last, gaps included. None: nothing to draw.

    `rows` by month, as "2026-01". The month of `today` is marked: it is not over.
    """
    if not rows:
        return None
    months = _months(min(rows), max(rows))
    shown = months[-SHOWN:]
    values = [rows.get(month, 0) for month in shown]
    under_way = f"{today:%Y-%m}" if today else ""
    return Plot(
        name=name,
        title=title,
        svg=_drawn(
            pygal.Bar,
            title,
            [_marked(month_name(month, short=True), month == under_way) for month in shown],
            {title: values},
        ),
        note=_("at most %(top)s in a month") % {"top": intcomma(max(values))},
        legend=(),
        head=(_("Month"), title),
        rows=tuple(
            (_marked(month_name(month), month == under_way), str(intcomma(rows[month])))
            for month in sorted(rows, reverse=True)
        ),
        is_cut=len(months) > len(shown),
        is_growing=under_way in shown,
    )


def _marked(month: str, is_growing: bool) -> str:
    return f"{month}{GROWING}" if is_growing else month


def bars(
    name: str,
    title: str,
    *,
    of: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[Value]],
    lying: bool = False,
) -> Plot | None:
    """Groups of bars, one group per label. `of`: what the labels are, for the table.

    `lying`: one below the other, so that each has room for its name.
    """
    if not lying:
        return _plot(pygal.Bar, name, title, of=of, labels=labels, series=series)
    drawn = {one: values[::-1] for one, values in series.items()}  # from the bottom up
    plot = _plot(pygal.HorizontalBar, name, title, of=of, labels=labels[::-1], series=drawn)
    return plot and replace(plot, rows=plot.rows[::-1])


def lines(
    name: str, title: str, *, of: str, labels: Sequence[str], series: Mapping[str, Sequence[Value]]
) -> Plot | None:
    """One line per series, for what changes without counting anything: durations, shares."""
    return _plot(pygal.Line, name, title, of=of, labels=labels, series=series)


def month_name(month: str, *, short: bool = False) -> str:
    """ "2026-01" -> "January 2026" or "Jan. 2026", in the active language."""
    year, number = month.split("-")
    return date_format(date(int(year), int(number), 1), "N Y" if short else "F Y")


def _plot(
    kind: type[Graph],
    name: str,
    title: str,
    *,
    of: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[Value]],
) -> Plot | None:
    if not labels or not any(value is not None for values in series.values() for value in values):
        return None
    columns = zip(*series.values(), strict=True)
    return Plot(
        name=name,
        title=title,
        svg=_drawn(kind, title, labels, series),
        note="",
        legend=tuple(series) if len(series) > 1 else (),
        head=(of, *series),
        rows=tuple(
            (label, *(_number(value) for value in values))
            for label, values in zip(labels, columns, strict=True)
        ),
    )


def _drawn(
    kind: type[Graph], title: str, labels: Sequence[str], series: Mapping[str, Sequence[Value]]
) -> SafeString:
    figures = tuple((name, tuple(values)) for name, values in series.items())
    language = get_language()
    return _picture(kind, title, tuple(labels), figures, language)  # type: ignore[arg-type]  # hashable, as classes are


@lru_cache(maxsize=256)
def _picture(
    kind: type[Graph],
    title: str,
    labels: tuple[str, ...],
    figures: tuple[tuple[str, tuple[Value, ...]], ...],
    _language: str | None,
) -> SafeString:
    """Ten milliseconds of work: the same figures in the same language are drawn once."""
    series = dict(figures)
    steps = chart_axis.steps([value for values in series.values() for value in values])
    are_lying = kind is pygal.HorizontalBar
    are_in_two = not are_lying and chart_labels.are_wrapped(labels)
    chart = kind(
        width=WIDTH,
        height=HEIGHT,
        **PLAIN,
        style=Style(label_font_size=FONT, major_label_font_size=FONT),
        margin_bottom=4 + BELOW + (LINE if are_in_two else 0),
        margin_right=36,  # the last name below the axis is centred under its bar
        value_formatter=_number,
        range=(0, steps[-1]),
    )
    chart.y_labels = chart.y_labels_major = steps
    chart.x_labels = list(labels)
    chart.x_labels_major = list(labels) if are_lying else chart_labels.spread(labels)
    for name, values in series.items():
        chart.add(name, list(values))
    said = _summary(title, labels, series)
    chart.add_xml_filter(lambda root: drawings.fit(root, said))
    chart.add_xml_filter(lambda root: chart_labels.named_below(root, are_in_two=are_in_two))
    # What came from outside is text and attributes to the library, which escapes both.
    svg: str = chart.render(is_unicode=True)
    return mark_safe(svg)  # noqa: S308


def _top(series: Mapping[str, Sequence[Value]]) -> int | float:
    return max(value for values in series.values() for value in values if value is not None)


def _summary(title: str, labels: Sequence[str], series: Mapping[str, Sequence[Value]]) -> str:
    return _("%(title)s, %(first)s to %(last)s, at most %(top)s. The table has every figure.") % {
        "title": title,
        "first": labels[0],
        "last": labels[-1],
        "top": _number(_top(series)),
    }


def _number(value: Value) -> str:
    """1234.5 -> "1,234.5", in the active language."""
    if value is None:
        return "—"
    whole = float(value).is_integer()
    return number_format(
        int(value) if whole else value, decimal_pos=0 if whole else 1, force_grouping=True
    )


def _months(first: str, last: str) -> list[str]:
    """Every month from `first` to `last`; a shop's mistyped year draws no more than is shown."""
    return list(_back_to(first, last))[::-1]


def _back_to(first: str, last: str) -> Iterator[str]:
    year, month = map(int, last.split("-"))
    for _step in range(SHOWN + 1):
        yield f"{year:04}-{month:02}"
        if f"{year:04}-{month:02}" <= first:
            return
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
