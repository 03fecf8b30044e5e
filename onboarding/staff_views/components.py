"""The living page of the templates' vocabulary: what it shows as source is what it renders.

English alone: it is read by those who build pages.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.views.decorators.http import require_safe

from onboarding import access, charts
from onboarding.access import MemberRequest
from onboarding.events import Line

FOLDER = "console/components"
HEADING = re.compile(r"\{# (?P<name>[^:\n]+): (?P<use>[^\n]*?) #\}\n")


@dataclass(frozen=True)
class Example:
    """One file of the folder: its first line says what it is for, the rest is rendered and shown."""

    key: str
    file: str
    name: str
    use: str
    source: str
    shown: str


class SampleForm(forms.Form):
    """Every kind of field. It is shown with its mistakes."""

    name = forms.CharField(label="Name", help_text="As your colleagues call it.")
    address = forms.URLField(label="Address", assume_scheme="https")
    platform = forms.ChoiceField(label="Platform", choices=[("magento", "Magento")], required=False)
    source = forms.ChoiceField(
        label="Where do returns come from?",
        choices=[("rma", "Adobe Commerce returns"), ("files", "A file that you send")],
        widget=forms.RadioSelect,
    )
    languages = forms.MultipleChoiceField(
        label="Languages",
        choices=[("en", "English"), ("fr", "French")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    message = forms.CharField(label="Message", widget=forms.Textarea, required=False)
    agreed = forms.BooleanField(label="I have told my colleagues")


class FileForm(forms.Form):
    file = forms.FileField(label="File with the dimensions", help_text="CSV, at most 20 MB.")


@require_safe
@access.staff_page
def components(request: MemberRequest) -> HttpResponse:
    context = _samples()
    examples = [_example(path, context, request) for path in files()]
    return render(request, "console/components.html", {"examples": examples})


def files() -> list[Path]:
    return sorted((settings.BASE_DIR / "templates" / FOLDER).glob("*.html"))


def _example(path: Path, context: dict[str, Any], request: MemberRequest) -> Example:
    text = path.read_text(encoding="utf-8")
    heading = HEADING.match(text)
    if heading is None:
        raise ValueError(f"{path.name} does not begin with what it is for")
    return Example(
        key=path.stem,
        file=path.name,
        name=heading["name"],
        use=heading["use"],
        source=text[heading.end() :].strip(),
        shown=render_to_string(f"{FOLDER}/{path.name}", context, request),
    )


def _samples() -> dict[str, Any]:
    now = timezone.now()
    months = {f"2025-{month:02}": 400 + 97 * month % 310 for month in range(1, 13)}
    return {
        "now": now,
        "form": SampleForm({"name": "", "address": "not an address"}),
        "file_form": FileForm(),
        "events": [
            Line(at=now, title="A check was started", who="Ada Lovelace"),
            Line(at=now, title="New credentials were tested and saved", who="Ada Lovelace"),
            Line(at=now, title="The shop was added", who=""),
        ],
        "tabs": [("html", "HTML", "#html"), ("magento", "Magento", "#magento")],
        "snippet": '<button id="kleep-size-button" type="button">What is my size?</button>\n',
        "pairs": [("Address", "https://shop.example"), ("Store view", "fr"), ("Returns", "")],
        "plots": [
            charts.monthly("sample-monthly", "order lines", months),
            charts.lines(
                "sample-lines",
                "seconds per pull",
                of="Night",
                labels=[f"{day} March" for day in range(1, 15)],
                series={
                    "products": [31 + day * 7 % 11 for day in range(14)],
                    "orders": [12.5 + day % 3 for day in range(14)],
                },
            ),
        ],
        "picture": static("img/mark.svg"),
    }
