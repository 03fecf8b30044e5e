"""The names below the axis of a plot: which of them, in how many lines, and where."""

from collections.abc import Sequence
from itertools import pairwise
from xml.etree.ElementTree import Element, SubElement

WIDTH = 480  # units of the drawing; the page gives it its size
SIDES = 70  # units left and right of the bars
SOME = 4  # names where not all have room: more would meet on a narrow screen
WRAPPED = 8  # names that may take two lines
LETTER = 8.5  # units that a letter of a name takes, about
FONT = 16  # for the room that names need; portal.css sets less where a plot is large
LINE = FONT + 2
BELOW = 5  # units lower than pygal puts the names: its 0 stands there, too


def named_below(root: Element, *, are_in_two: bool) -> Element:
    """The names below the axis, a little lower, each in two lines where that gives them room."""
    for axis in root.iter("g"):
        if (axis.get("class") or "").split()[:2] != ["axis", "x"]:
            continue
        for text in axis.iter("text"):
            text.set("y", str(float(text.get("y", "0")) + BELOW))
            if are_in_two:
                words, text.text = _in_two(text.text or ""), None
                for number, line in enumerate(words):
                    span = SubElement(text, "tspan", x=text.get("x", "0"), dy=str(number * LINE))
                    span.text = line
    return root


def are_wrapped(labels: Sequence[str]) -> bool:
    """One line has no room for them all, two have."""
    if len(labels) > WRAPPED or _have_room(labels):
        return False
    return _have_room([max(_in_two(one), key=len) for one in labels])


def _in_two(label: str) -> list[str]:
    """A name at the blank that is nearest to its middle."""
    blanks = [place for place, letter in enumerate(label) if letter == " "]
    if not blanks:
        return [label]
    place = min(blanks, key=lambda place: abs(place - len(label) / 2))
    return [label[:place], label[place + 1 :]]


def _have_room(labels: Sequence[str]) -> bool:
    room = (WIDTH - SIDES) / max(len(labels), 1)
    widest = max((len(one) + len(other) for one, other in pairwise(labels)), default=0) / 2
    return widest * LETTER < room


def spread(labels: Sequence[str]) -> list[str]:
    """All labels where they have room; else the first, the last, and a few between them."""
    count = min(SOME, len(labels))
    if count < 2 or _have_room(labels) or are_wrapped(labels):
        return list(labels)
    return [labels[round(i * (len(labels) - 1) / (count - 1))] for i in range(count)]
