"""The platforms: each sub-folder with a connector.py is one, named as its key, imported on first use."""

from functools import cache
from importlib import import_module
from pathlib import Path

from connectors.base import Connector
from connectors.without_api import FilesConnector


@cache
def platforms() -> dict[str, type[Connector]]:
    """Connector class by key, in the order of the folders' names."""
    return {folder: _loaded(folder) for folder in _folders()}


def connector_of(platform: str) -> type[Connector]:
    """Of a platform, or of a shop that only sends files. Raises KeyError."""
    if platform == FilesConnector.key:
        return FilesConnector
    if platform in _folders():  # a pull of one platform carries no other one's libraries
        return _loaded(platform)
    return platforms()[platform]


@cache
def _folders() -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in Path(__file__).parent.glob("*/connector.py")))


@cache
def _loaded(folder: str) -> type[Connector]:
    connector: type[Connector] = import_module(f"connectors.{folder}.connector").PLATFORM
    return connector
