"""The plots of a page: bars in whole numbers, drawn by a template as SVG.

No library fits: those that draw on the server put styles and scripts into their SVG, and those that use
CSS put sizes into style attributes; the pages' Content-Security-Policy refuses both.
"""

from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format

HEIGHT = 100  # units of the drawing
STEP = 10  # from one bar to the next
BAR = 8
SHOWN = 36  # months: more would be too thin to tell apart


@dataclass(frozen=True, kw_only=True)
class Bar:
    """`y` and `height` in units of the drawing, from its top."""

    label: str
    value: int
    x: int
    y: int
    height: int


@dataclass(frozen=True, kw_only=True)
class Plot:
    """Rows per month, from the first month to the last, gaps included."""

    name: str
    title: str
    bars: tuple[Bar, ...]
    is_cut: bool  # older months are in the table only

    @property
    def width(self) -> int:
        return STEP * len(self.bars)

    @property
    def last(self) -> Bar:
        return self.bars[-1]

    @property
    def top(self) -> int:
        return max(bar.value for bar in self.bars)


def plot(name: str, title: str, rows: dict[str, int]) -> Plot | None:
    """`rows` by month, as "2026-01". None where there is nothing to draw."""
    if not rows:
        return None
    months = _months(min(rows), max(rows))
    shown = months[-SHOWN:]
    top = max(rows.get(month, 0) for month in shown)
    bars = tuple(
        _bar(month, rows.get(month, 0), place=place, top=top) for place, month in enumerate(shown)
    )
    return Plot(name=name, title=title, bars=bars, is_cut=len(months) > len(shown))


def month_name(month: str) -> str:
    """ "2026-01" -> "January 2026", in the active language."""
    year, number = month.split("-")
    return date_format(date(int(year), int(number), 1), "F Y")


def _bar(month: str, value: int, *, place: int, top: int) -> Bar:
    height = max(1, round(HEIGHT * value / top)) if value else 0
    return Bar(
        label=month_name(month),
        value=value,
        x=STEP * place + (STEP - BAR) // 2,
        y=HEIGHT - height,
        height=height,
    )


def _months(first: str, last: str) -> list[str]:
    """Every month from `first` to `last`; a shop's mistyped year draws no more than is shown."""
    year, month = map(int, last.split("-"))
    found = [last]
    while found[-1] > first and len(found) <= SHOWN:
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        found.append(f"{year:04}-{month:02}")
    return found[::-1]
