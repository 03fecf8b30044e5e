"""A choice of time zone says what Django's own would, and takes what it offers alone."""

import pytest
from django import forms

from onboarding.zones import USUAL, zone_field, zones


class Asking(forms.Form):
    zone = zone_field("Time zone")


class AsDjango(forms.Form):
    zone = forms.ChoiceField(choices=zones, label="Time zone")


@pytest.mark.parametrize(
    "value", ["Europe/Paris", "America/Argentina/Ushuaia", "UTC", "", 'x"><b>']
)
def test_it_is_drawn_as_django_draws_it(value: str) -> None:
    mine, theirs = (str(kind(initial={"zone": value})["zone"]) for kind in (Asking, AsDjango))
    assert "".join(mine.split()) == "".join(theirs.split())
    assert mine.count(" selected") == int(value in dict(zones()))


def test_the_usual_ones_come_first_and_nothing_unknown_is_taken() -> None:
    assert tuple(key for key, _name in zones()[: len(USUAL)]) == USUAL
    assert len(zones()) > 300
    assert Asking({"zone": "Asia/Tokyo"}).is_valid()
    refused = Asking({"zone": "Mars/Olympus"})
    assert (refused.is_valid(), list(refused.errors)) == (False, ["zone"])
