"""Which changes a pull asks for: pure rules, without clock, network or database.

A run reads what changed from its start up to `until`, both fixed when it begins. A slice of it goes on from
exactly where the last one stopped. The cursor remembers the farthest position ever stored; it never goes
back, although every run begins a little before it.
"""

from datetime import datetime, timedelta

from connectors.base import Position


def end(now: datetime, margin: timedelta) -> datetime:
    """`until` of a run that begins now: whole seconds, as shops count."""
    return (now - margin).replace(microsecond=0)


def start(
    cursor: Position | None, overlap: timedelta, *, since: datetime | None, full: bool
) -> datetime | None:
    """Where a new run begins; None: at the shop's beginning.

    `since` can only ask for more: beginning after the cursor would leave a gap that nobody ever reads.
    """
    if full:
        return None
    if cursor is None:
        return since
    usual = cursor.at - overlap
    return min(since, usual) if since else usual


def resume(reached: Position | None, begins: datetime | None) -> Position | None:
    """What the next slice of a run asks for: everything after this."""
    return reached or (Position(begins) if begins else None)


def farther(one: Position | None, other: Position | None) -> Position | None:
    """Of two positions the farther one; None is the beginning."""
    return max((position for position in (one, other) if position), default=None)
