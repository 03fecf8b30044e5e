"""How hard a shop is asked: halved when it refuses, eased when it slows, regained step by step."""

import pytest

from connectors.pace import LEAST, LONGEST_REST, PATIENCE, Pace


def test_it_begins_with_all_its_readers_and_without_a_rest():
    pace = Pace(most=2)
    assert (pace.readers, pace.allowed, pace.rest(100.0)) == (2, 2.0, 0.0)


def test_a_refusal_halves_and_the_shop_is_left_alone_as_long_as_it_asks():
    pace = Pace(most=2)
    pace.refused(100.0, 7.0)
    assert (pace.readers, pace.allowed) == (1, 1.0)
    assert (pace.rest(100.0), pace.rest(103.0), pace.rest(107.0)) == (7.0, 4.0, 0.0)


def test_what_two_readers_are_told_at_once_counts_once():
    pace = Pace(most=2)
    pace.refused(100.0, 5.0)
    pace.refused(101.0, 9.0)
    assert (pace.allowed, pace.rest(101.0)) == (1.0, 9.0)


def test_below_one_reader_it_rests_in_proportion_to_an_answers_time():
    pace = Pace(most=2)
    pace.answered(0.5)
    for moment in (100.0, 200.0):
        pace.refused(moment, 1.0)
    assert (pace.readers, pace.allowed) == (1, 0.5)
    assert pace.rest(300.0) == pytest.approx(0.5)


def test_it_never_stops_altogether():
    pace = Pace(most=2)
    pace.answered(60.0)
    for moment in range(0, 1000, 10):
        pace.refused(float(moment), 1.0)
    assert (pace.allowed, pace.readers) == (LEAST, 1)
    assert pace.rest(5000.0) == LONGEST_REST


def test_ten_good_answers_bring_a_reader_back():
    pace = Pace(most=2)
    pace.refused(0.0, 1.0)
    counts = []
    for _ in range(11):
        pace.answered(0.2)
        counts.append(pace.readers)
    assert counts == [1] * 9 + [2, 2]
    assert pace.allowed <= 2.0


def test_rising_latency_eases_before_the_shop_has_to_refuse():
    pace = Pace(most=2)
    for _ in range(10):
        pace.answered(0.5)
    pace.answered(2.0)
    assert (pace.allowed, pace.readers) == (1.5, 1)


def test_answers_that_were_under_way_already_are_not_held_against_the_shop_again():
    pace = Pace(most=2)
    for seconds in (0.5, 5.0, 5.0, 5.0):
        pace.answered(seconds)
    assert pace.allowed == 1.5
    for _ in range(PATIENCE):
        pace.answered(20.0)
    assert pace.allowed == 1.125


def test_noise_on_a_fast_shop_is_no_latency():
    pace = Pace(most=2)
    for seconds in (0.01, 0.05, 0.2, 0.01, 0.2):
        pace.answered(seconds)
    assert pace.allowed == 2.0
