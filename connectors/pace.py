"""How hard we may ask a shop: pure rules, without clock or network. Its visitors come first.

Additive increase, multiplicative decrease: half as much after each refusal, a little less when answers get
slow, a little more after each good one. `allowed` is the number of requests under way at once; below one,
the single reader rests between its requests.
"""

from dataclasses import dataclass, field

STEP = 0.1  # regained with each good answer
HALF = 0.5
SLOWER = 0.75
LEAST = 0.125
TWICE, AT_LEAST = (
    2.0,
    0.25,
)  # an answer is slow from twice the usual time on, and a quarter second more
PATIENCE = 5  # answers after a slow one that are not held against the shop: they were under way
LONGEST_REST = 10.0  # seconds


@dataclass
class Pace:
    """Of one connection's readers; whoever calls guards it against two threads at once."""

    most: int
    allowed: float = field(init=False)
    usual: float | None = field(default=None, init=False)  # seconds that an answer takes
    not_before: float = field(default=0.0, init=False)  # by the caller's clock
    forgiving: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.allowed = float(self.most)

    @property
    def readers(self) -> int:
        return max(int(self.allowed), 1)

    def rest(self, now: float) -> float:
        """Seconds to wait before the next request."""
        between = (self.usual or 0.0) * (1 / min(self.allowed, 1.0) - 1)
        return max(min(between, LONGEST_REST), self.not_before - now, 0.0)

    def answered(self, seconds: float) -> None:
        """A page came after so many seconds."""
        usual = seconds if self.usual is None else self.usual
        is_slow = seconds > max(usual * TWICE, usual + AT_LEAST)
        self.usual = usual + (seconds - usual) * STEP
        if is_slow and not self.forgiving:
            self.allowed = max(self.allowed * SLOWER, LEAST)
            self.forgiving = PATIENCE
        elif not is_slow:
            self.allowed = min(self.allowed + STEP, self.most)
        self.forgiving = max(self.forgiving - 1, 0)

    def refused(self, now: float, retry_after: float) -> None:
        """The shop asked for less, and for no more questions until `retry_after` seconds from now.

        What several readers are told at the same time counts once.
        """
        if now >= self.not_before:
            self.allowed = max(self.allowed * HALF, LEAST)
        self.not_before = max(self.not_before, now + retry_after)
