"""The steps of the axis of a plot: round ones, from nothing to no less than the largest value."""

from collections.abc import Sequence
from math import ceil, floor, log10

MOST = 5  # steps
ROUND = (1, 2, 5, 10)


def steps(values: Sequence[int | float | None]) -> list[int | float]:
    """From 0 on: [0, 50, 100, 150, 200, 250] for 211. Whole where all values are, else of one decimal."""
    known = [value for value in values if value is not None]
    are_whole = all(float(value).is_integer() for value in known)
    top = max([1, *known])
    least = 1 if are_whole else 0.1
    size = 10 ** floor(log10(top / MOST))
    step = next(one * size for one in ROUND if one * size * MOST >= top and one * size >= least)
    return [round(step * number, 1) for number in range(ceil(top / step - 1e-9) + 1)]
