"""What our pages take of a drawing by pygal: no style, no script, and words for who cannot see it."""

from xml.etree.ElementTree import Element

from django.utils.translation import gettext as _


def fit(root: Element, said: str) -> Element:
    """Without style and script; one image to screen readers; a mouse learns each value."""
    for parent in list(root.iter()):
        for child in list(parent):
            if _is_left_out(child):
                parent.remove(child)
        notes = {note.get("class"): note for note in parent.findall("desc")}
        for note in notes.values():
            parent.remove(note)
        if "value" in notes:
            title = Element("title")
            label, value = notes.get("x_label"), notes["value"].text or ""
            named = {"name": label.text, "value": value} if label is not None else None
            title.text = _("%(name)s: %(value)s") % named if named else value
            parent.insert(0, title)
    del root.attrib["id"]
    root.set("role", "img")
    root.set("aria-label", said)
    return root


def _is_left_out(element: Element) -> bool:
    """Comments, what the policy refuses, and the parts of a pop-up that only pygal's script would show."""
    if not isinstance(element.tag, str) or element.tag in ("style", "script", "title", "defs"):
        return True
    return element.tag == "g" and "tooltip" in (element.get("class") or "").split()
