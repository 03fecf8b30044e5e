"""Kleep's script and hosts as the settings name them; docs/widget.md says what of it is our assumption."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings


@dataclass(frozen=True, kw_only=True)
class Kleep:
    """Where Kleep's script, its drawer and its API are, and how kleep.load() names what it takes."""

    script_url: str
    drawer_url: str
    api_url: str
    button_id: str
    arguments: Mapping[str, str]

    @classmethod
    def configured(cls) -> "Kleep":
        return cls(
            script_url=settings.WIDGET_SCRIPT_URL,
            drawer_url=settings.WIDGET_DRAWER_URL,
            api_url=settings.WIDGET_API_URL,
            button_id=settings.WIDGET_BUTTON_ID,
            arguments=settings.WIDGET_LOAD_ARGUMENTS,
        )

    @property
    def origins(self) -> tuple[str, ...]:
        """Script, API, drawer: each origin once."""
        urls = (self.script_url, self.api_url, self.drawer_url)
        return tuple(dict.fromkeys(map(origin, urls)))


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
