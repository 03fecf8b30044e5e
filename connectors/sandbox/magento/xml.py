"""Answers as XML, which Magento gives to who asks for it."""

from typing import Any
from xml.sax.saxutils import escape


def document(value: Any) -> bytes:
    return f'<?xml version="1.0"?>\n<response>\n{_inside(value, "  ")}</response>\n'.encode()


def _inside(value: Any, indent: str) -> str:
    pairs = value.items() if isinstance(value, dict) else (("item", one) for one in value)
    return "".join(_element(name, one, indent) for name, one in pairs)


def _element(name: str, value: Any, indent: str) -> str:
    if isinstance(value, (dict, list)):
        return f"{indent}<{name}>\n{_inside(value, indent + '  ')}{indent}</{name}>\n"
    text = {None: "", True: "true", False: "false"}.get(value, str(value))
    return f"{indent}<{name}>{escape(text)}</{name}>\n"
