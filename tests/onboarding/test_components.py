"""The page of components, and that templates ask only for icons that are there."""

import re

from django.conf import settings

from onboarding.staff_views import components
from onboarding.templatetags.portal import SPRITE
from tests.onboarding.conftest import World


def test_the_page_shows_every_example_with_its_source(world: World) -> None:
    page = world.client("staff").get("/console/components").content.decode()
    assert len(components.files()) >= 20
    for path in components.files():
        assert f'id="code-{path.stem}"' in page
    assert page.count('class="line line-long"') == 3
    assert page.count('class="pygal-chart"') == 2
    assert "{% status &quot;good&quot; &quot;Ready&quot; %}" in page


def test_it_is_there_for_staff_alone(world: World) -> None:
    assert world.client("owner").get("/console/components").status_code == 404
    assert world.client("anonymous").get("/console/components").status_code == 302


def test_every_icon_that_is_asked_for_is_in_the_sprite() -> None:
    templates = settings.BASE_DIR / "templates"
    sprite = (templates / "static" / SPRITE).read_text()
    there = set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))
    asked = re.compile(r"""\{% icon ["']([a-z0-9-]+)["']|icon_name=["']([a-z0-9-]+)["']""")
    texts = [path.read_text() for path in templates.rglob("*.html")]
    wanted = {one or other for text in texts for one, other in asked.findall(text)}
    assert len(wanted) > 10
    assert wanted - there == set()
