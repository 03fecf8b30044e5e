"""The platforms: each sub-folder with a connector.py is one, found by its name, imported on first use."""

from functools import cache
from importlib import import_module
from pathlib import Path

from connectors.base import Connector
from connectors.without_api import FilesConnector


@cache
def platforms() -> dict[str, type[Connector]]:
    """Connector class by key, in the order of the folders' names."""
    folders = sorted(path.parent.name for path in Path(__file__).parent.glob("*/connector.py"))
    found = [import_module(f"connectors.{folder}.connector").PLATFORM for folder in folders]
    return {connector.key: connector for connector in found}


def connector_of(platform: str) -> type[Connector]:
    """Of a platform, or of a shop that only sends files. Raises KeyError."""
    return FilesConnector if platform == FilesConnector.key else platforms()[platform]
