"""What comes several times is found in order, also where it is looked for in parts."""

import random

import pytest

from connectors.files import repeats
from connectors.files.repeats import Repeats


@pytest.fixture(params=[7, 1_000_000])
def part(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(repeats, "PART", request.param)
    return int(request.param)


def made(values: list[str], *, batch: int = 10) -> Repeats:
    found = Repeats()
    for at in range(0, len(values), batch):
        some = values[at : at + batch]
        found.add(some, range(at + 2, at + 2 + len(some)))
    return found


def test_against_the_plain_way(part: int) -> None:
    chance = random.Random(7)
    values = [str(chance.randrange(400)) for _ in range(500)]
    found = made(values)
    again = [at + 2 for at, value in enumerate(values) if value in values[:at]]
    once = [at + 2 for at, value in enumerate(values) if values.count(value) == 1]
    assert (list(found.repeated()), list(found.single())) == (again, once)
    assert found.has_repeated
    assert found.different == len(set(values))
    found.close()


@pytest.mark.parametrize("values", [[], ["a"], ["a", "b"]])
def test_where_nothing_is_repeated(part: int, values: list[str]) -> None:
    found = made(values)
    assert (list(found.repeated()), found.has_repeated) == ([], False)
    assert list(found.single()) == list(range(2, 2 + len(values)))
    found.close()
