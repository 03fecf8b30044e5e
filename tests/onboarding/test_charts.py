"""Plots: what is drawn, what stands in the table, and that the Content-Security-Policy lets them be."""

import re
from datetime import date
from xml.etree import ElementTree

import pytest
from django.utils import translation

from onboarding import chart_axis, charts

NAMESPACE = "{http://www.w3.org/2000/svg}"


def _bars(plot: charts.Plot) -> list[tuple[str, float]]:
    """What each bar says when pointed at, and its height."""
    found = ElementTree.fromstring(plot.svg).iter(f"{NAMESPACE}g")
    bars = [group for group in found if group.get("class") == "bar"]
    return [
        (
            str(group.findtext(f"{NAMESPACE}title")),
            float(str(group.find(f"{NAMESPACE}rect").get("height"))),  # type: ignore[union-attr]
        )
        for group in bars
    ]


def test_every_month_is_a_bar_also_one_without_rows() -> None:
    plot = charts.monthly("orders", "order lines", {"2025-11": 20, "2026-01": 10})
    assert plot is not None
    bars = _bars(plot)
    assert [text for text, _height in bars] == ["Nov. 2025: 20", "Dec. 2025: 0", "Jan. 2026: 10"]
    november, december, january = (height for _text, height in bars)
    assert december == 0
    assert abs(november - 2 * january) < 0.01
    assert plot.rows == (("January 2026", "10"), ("November 2025", "20"))
    assert plot.note == "at most 20 in a month"


def test_three_years_at_most_are_drawn_whatever_a_shop_writes() -> None:
    plot = charts.monthly("orders", "order lines", {"0024-01": 1, "2026-03": 1000})
    assert plot is not None
    assert plot.is_cut
    bars = _bars(plot)
    assert (len(bars), bars[0][0], bars[-1][0]) == (36, "April 2023: 0", "March 2026: 1,000")
    assert len(plot.rows) == 2
    assert charts.monthly("orders", "order lines", {}) is None


def test_a_plot_says_in_words_what_it_shows() -> None:
    plot = charts.lines(
        "t",
        "seconds",
        of="Night",
        labels=["1", "2", "3"],
        series={"a": [1, None, 2.5], "b": [0, 0, 0]},
    )
    assert plot is not None
    root = ElementTree.fromstring(plot.svg)
    assert root.get("role") == "img"
    said = "seconds, 1 to 3, at most 2.5. The table has every figure."
    assert root.get("aria-label") == said
    assert plot.head == ("Night", "a", "b")
    assert plot.rows == (("1", "1", "0"), ("2", "—", "0"), ("3", "2.5", "0"))
    assert charts.lines("t", "x", of="Night", labels=["1"], series={"a": [None]}) is None


def test_nothing_in_it_is_refused_by_the_policy_or_escapes_as_markup() -> None:
    plot = charts.bars("t", '<script>"', of="x", labels=["<b>&"], series={'"><script>': [1]})
    assert plot is not None
    assert re.findall(r"<(?:script|style|b)\b|\sstyle=|\son\w+=", plot.svg) == []
    assert ElementTree.fromstring(plot.svg).get("aria-label", "").startswith('<script>"')


def test_a_month_that_is_not_over_is_marked() -> None:
    rows = {"2026-10": 20, "2026-11": 10}
    plot = charts.monthly("orders", "order lines", rows, today=date(2026, 11, 26))
    over = charts.monthly("orders", "order lines", rows, today=date(2026, 12, 1))
    assert plot is not None
    assert over is not None
    assert [text for text, _height in _bars(plot)] == ["Oct. 2026: 20", "Nov. 2026*: 10"]
    assert plot.rows == (("November 2026*", "10"), ("October 2026", "20"))
    assert [text for text, _height in _bars(over)] == ["Oct. 2026: 20", "Nov. 2026: 10"]
    assert (plot.is_growing, over.is_growing) == (True, False)


@pytest.mark.parametrize(
    ("values", "steps"),
    [
        ([165, 211], [0, 50, 100, 150, 200, 250]),
        ([42], [0, 10, 20, 30, 40, 50]),
        ([200], [0, 50, 100, 150, 200]),
        ([3, None], [0, 1, 2, 3]),
        ([0], [0, 1]),
        ([0.1, 0], [0, 0.2, 0.4, 0.6, 0.8, 1]),
        ([1, 2.5], [0, 0.5, 1, 1.5, 2, 2.5]),
        ([12_000], [0, 5_000, 10_000, 15_000]),
    ],
)
def test_an_axis_holds_the_largest_value_in_round_steps(
    values: list[float | None], steps: list[float]
) -> None:
    assert chart_axis.steps(values) == steps


@pytest.mark.parametrize("is_lying", [True, False])
def test_the_axis_of_a_drawing_ends_above_its_largest_bar(is_lying: bool) -> None:
    plot = charts.bars("t", "x", of="x", labels=["a", "b"], series={"x": [211, 20]}, lying=is_lying)
    assert plot is not None
    drawn = [text.text for text in ElementTree.fromstring(plot.svg).iter(f"{NAMESPACE}text")]
    assert [text for text in drawn if text not in ("a", "b")] == [
        "0",
        "50",
        "100",
        "150",
        "200",
        "250",
    ]


def test_figures_follow_the_language() -> None:
    with translation.override("fr"):
        plot = charts.monthly("orders", "lignes", {"2026-02": 12_000})
        assert plot is not None
        assert plot.rows == (("février 2026", "12\xa0000"),)
        assert _bars(plot)[0][0] == "fév. 2026\xa0: 12\xa0000"


def _below(plot: charts.Plot) -> list[list[str | None]]:
    """The names below the axis, line by line."""
    axes = ElementTree.fromstring(plot.svg).iter(f"{NAMESPACE}g")
    axis = next(group for group in axes if group.get("class") == "axis x")
    texts = axis.iter(f"{NAMESPACE}text")
    return [[span.text for span in text] or [text.text] for text in texts]


def test_a_long_name_below_a_bar_takes_two_lines_before_it_meets_the_next() -> None:
    names = ["Données", "Produits", "Bouton", "Fichiers", "Mise en ligne", "Terminé"]
    six = charts.bars("t", "x", of="x", labels=names, series={"x": [5, 2, 1, 0, 0, 0]})
    three = charts.bars("t", "x", of="x", labels=names[3:], series={"x": [0, 0, 0]})
    assert six is not None
    assert three is not None
    in_two = [
        ["Données"],
        ["Produits"],
        ["Bouton"],
        ["Fichiers"],
        ["Mise en", "ligne"],
        ["Terminé"],
    ]
    assert _below(six) == in_two
    assert _below(three) == [[name] for name in names[3:]]


def test_bars_that_lie_stand_in_the_order_of_the_table_and_all_have_their_name() -> None:
    names = [f"A long name of number {number}" for number in range(6)]
    plot = charts.bars(
        "t", "hours", of="What", labels=names, series={"Hours": [6, 5, 4, 3, 2, 1]}, lying=True
    )
    assert plot is not None
    assert [row[0] for row in plot.rows] == names
    groups = ElementTree.fromstring(plot.svg).iter(f"{NAMESPACE}text")
    heights = {text.text: float(str(text.get("y"))) for text in groups if text.text in names}
    assert sorted(heights, key=lambda name: heights[name]) == names


def test_an_axis_has_no_steps_that_read_alike() -> None:
    plot = charts.bars("t", "hours", of="What", labels=["a", "b"], series={"Hours": [0.1, 0]})
    assert plot is not None
    axis = [text.text for text in ElementTree.fromstring(plot.svg).iter(f"{NAMESPACE}text")]
    steps = [text for text in axis if text not in ("a", "b")]
    assert steps[0] == "0"
    assert steps[-1] == "1"
    assert len(set(steps)) == len(steps)
