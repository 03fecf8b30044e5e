""".env.example names every setting that the environment may give, and no other."""

import re

from django.conf import settings

FROM_THE_LAUNCHER = {"PORT", "BROKER_SERVER"}


def test_every_variable_of_the_settings_is_in_the_example_and_the_other_way_round() -> None:
    source = (settings.BASE_DIR / "kleep_portal/settings.py").read_text()
    read = set(re.findall(r"""\benv\.\w+\(\s*["']([A-Z_]+)["']""", source))
    example = (settings.BASE_DIR / ".env.example").read_text()
    named = set(re.findall(r"^#?([A-Z_]+)=", example, flags=re.MULTILINE))
    assert named == read | FROM_THE_LAUNCHER


def test_the_example_sets_nothing_by_itself() -> None:
    lines = (settings.BASE_DIR / ".env.example").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
