"""What is handed to whoever stores, and together with what; and whose turn it is to ask."""

import threading
from concurrent.futures import Future
from datetime import UTC, datetime

import pytest

from connectors import asking
from connectors.asking import Places
from connectors.base import Page, Position
from connectors.errors import UnexpectedAnswerError
from connectors.handing import TOGETHER, Came, End, Hand
from connectors.models import PullSpan
from connectors.pace import Pace
from connectors.steps import Step
from tests.processes import wait_until

SPAN = PullSpan(pk=1, after=0, last=None, reached=0)


def page(number: int) -> Page:
    return Page(fetched=1, position=Position(datetime(2026, 3, 1, tzinfo=UTC), number))


def made(number: int) -> Came:
    future: Future[Page] = Future()
    future.set_result(page(number))
    return Came(SPAN, future)


def take(hand: Hand) -> list[Step] | End:
    return hand.take(60, lambda: None)


def test_what_is_there_is_handed_over_together_in_its_order() -> None:
    hand = Hand()
    for came in (made(1), made(2), made(3), Came(SPAN, None)):
        hand.put(came)
    assert take(hand) == [*(Step(page(number), SPAN) for number in (1, 2, 3)), Step(None, SPAN)]


def test_who_brings_more_waits_so_that_never_much_is_held() -> None:
    hand = Hand()
    for number in range(TOGETHER):
        hand.put(made(number))
    bringing = threading.Thread(target=hand.put, args=(made(TOGETHER),), daemon=True)
    bringing.start()
    bringing.join(timeout=0.1)
    assert bringing.is_alive()
    assert take(hand) == [Step(page(number), SPAN) for number in range(TOGETHER)]
    bringing.join(timeout=60)
    assert take(hand) == [Step(page(TOGETHER), SPAN)]


def test_nobody_waits_for_rows_that_are_being_made_to_hand_over_those_before_them() -> None:
    hand, future = Hand(), Future[Page]()
    hand.put(made(1))
    hand.put(Came(SPAN, future))
    hand.put(made(3))
    assert take(hand) == [Step(page(1), SPAN)]
    future.set_result(page(2))
    assert take(hand) == [Step(page(2), SPAN), Step(page(3), SPAN)]


def test_what_came_before_a_failure_is_handed_over_first() -> None:
    hand, future = Hand(), Future[Page]()
    future.set_exception(UnexpectedAnswerError(detail="no such label"))
    hand.put(made(1))
    hand.put(Came(SPAN, future))
    assert take(hand) == [Step(page(1), SPAN)]
    with pytest.raises(UnexpectedAnswerError):
        take(hand)


class Late(Future[Page]):
    """Its result comes in the moment after a wait for it ended."""

    def result(self, timeout: float | None = None) -> Page:
        if not self.done():
            self.set_result(page(1))
            raise TimeoutError
        return super().result(timeout)


def test_a_page_that_comes_with_the_end_of_a_wait_has_come() -> None:
    hand = Hand()
    hand.put(Came(SPAN, Late()))
    assert take(hand) == [Step(page(1), SPAN)]


def test_a_reader_that_leaves_is_told_after_what_it_brought() -> None:
    hand, end = Hand(), End(None)
    hand.put(made(1))
    hand.put(end)
    assert take(hand) == [Step(page(1), SPAN)]
    assert take(hand) is end


def test_a_place_is_taken_by_who_waits_before_who_left_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(asking, "HANDOVER", 60.0)
    places = Places(Pace(most=1), threading.Condition(), threading.Event())
    places.take()
    waiter = threading.Thread(target=places.take, daemon=True)
    waiter.start()
    wait_until(lambda: places._waiting, seconds=60, what="somebody who waits")
    places.leave()
    assert (places._taken, places._waiting) == (1, 0)
    waiter.join(timeout=60)
