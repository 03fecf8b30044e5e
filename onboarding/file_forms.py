"""Forms about files: what is sent, what was asked about it, how files come."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from connectors.datasets import DATASETS
from connectors.files.layout import Question
from connectors.models import ReceivedFile
from onboarding import owing
from onboarding.models import FileSource
from onboarding.zones import zone_field


class UploadForm(forms.Form):
    """One file. Which button was pressed says whether it is only checked."""

    dataset = forms.ChoiceField(label=gettext_lazy("What is in it"))
    file = forms.FileField(
        label=gettext_lazy("Your file"),
        help_text=gettext_lazy("CSV, also as .gz or .zip."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv,.gz,.zip,.xlsx,.xls"}),
        error_messages={"required": gettext_lazy("Choose the file first.")},
    )

    def __init__(self, *args: Any, due: list[owing.Due], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["dataset"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # declared above
        field.choices = [(one.name, one.label) for one in due]
        if len(due) == 1:
            field.widget = forms.HiddenInput()
            field.initial = due[0].name


class RulesForm(forms.ModelForm[FileSource]):
    """What is done with every file from now on."""

    class Meta:
        model = FileSource
        fields = ["policy", "archive", "time_zone"]
        widgets = {"policy": forms.RadioSelect}
        labels = {
            "policy": gettext_lazy("If some rows of a file are wrong"),
            "archive": gettext_lazy("Move files that were taken into the folder archive"),
            "time_zone": gettext_lazy("Time zone of your shop"),
        }
        help_texts = {
            "time_zone": gettext_lazy("Files are expected between 02:00 and 05:00 of that time."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        declared = self.fields["time_zone"]
        self.fields["time_zone"] = zone_field(declared.label or "", declared.help_text)


class PublicKeyForm(forms.Form):
    """A key that somebody pastes. What was pasted is never shown again: it may be the private one."""

    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=100,
        required=False,
        help_text=gettext_lazy("So that you know later whose it is, e.g. “ERP server”."),
    )
    key = forms.CharField(
        label=gettext_lazy("Public key"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("The content of the file that ends in .pub."),
    )


class NameForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, required=False, widget=forms.TextInput
    )


class ServerForm(forms.Form):
    """The first step to a merchant's own server: where it is, so that its key can be shown."""

    host = forms.CharField(
        label=gettext_lazy("Server"),
        help_text=gettext_lazy("Its name or address, for example sftp.example.com."),
        max_length=253,
    )
    port = forms.IntegerField(
        label=gettext_lazy("Port"), initial=22, min_value=1, max_value=65_535, required=False
    )


class AnswersForm(forms.Form):
    """What a file did not say itself: one field for each question."""

    def __init__(self, data: Any = None, *, file: ReceivedFile) -> None:
        super().__init__(data)
        self.file = file
        self.questions = [Question(**asked) for asked in file.questions]
        self.columns: dict[str, str] = {}  # our column by field
        for question in self.questions:
            getattr(self, f"_ask_{question.kind}")(question)

    def _ask_dataset(self, question: Question) -> None:
        names = question.choices or list(DATASETS)
        self.fields["dataset"] = forms.ChoiceField(
            label=_("What is in this file?"),
            choices=[(name, owing.LABELS.get(name, name)) for name in names],
            widget=forms.RadioSelect,
        )

    def _ask_columns(self, question: Question) -> None:
        headings = [("", _("Choose the column")), *((name, name) for name in question.choices)]
        needed = _(
            "It is needed. Where your file does not have it, add it there and send the file again."
        )
        for column in question.missing:
            field = f"column-{column}"
            self.columns[field] = column
            self.fields[field] = forms.ChoiceField(
                label=_("Which column of your file is %(column)s?") % {"column": column},
                choices=headings,
                error_messages={"required": needed},
                help_text=_meaning(self.file.dataset, column),
            )

    def _ask_date_order(self, question: Question) -> None:
        self.fields["date_order"] = forms.ChoiceField(
            label=_("How are the dates in %(column)s written?") % {"column": question.column},
            choices=[
                ("dmy", _("Day first: 03/04/2026 is the third of April")),
                ("mdy", _("Month first: 03/04/2026 is the fourth of March")),
            ],
            widget=forms.RadioSelect,
            help_text=_("In your file: %(examples)s")
            % {"examples": ", ".join(question.examples[:3])},
        )

    def _ask_date_system(self, question: Question) -> None:
        self.fields["date_system"] = forms.ChoiceField(
            label=_("Your dates are a spreadsheet's numbers. Which program made them?"),
            choices=[
                ("1900", _("Excel on Windows, or any newer one: 1 is the first day of 1900")),
                ("1904", _("An old Excel on a Mac: 0 is the first day of 1904")),
            ],
            widget=forms.RadioSelect,
            help_text=_("In your file: %(examples)s")
            % {"examples": ", ".join(question.examples[:3])},
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        chosen = [heading for field in self.columns if (heading := data.get(field))]
        if len(set(chosen)) < len(chosen):
            raise forms.ValidationError(_("You chose one column of your file twice."))
        return data

    @property
    def dates(self) -> list[str]:
        """How the dates are written, as far as that was asked."""
        given = (self.cleaned_data.get(name) for name in ("date_order", "date_system"))
        return [answered for answered in given if answered]

    @property
    def mapping(self) -> dict[str, str]:
        """{heading of the file: our column}"""
        return {
            self.cleaned_data[field]: column
            for field, column in self.columns.items()
            if self.cleaned_data.get(field)
        }


def _meaning(dataset: str, column: str) -> str:
    found = DATASETS.get(dataset)
    names = {one.name: one for one in found.columns} if found else {}
    return _(names[column].description) if column in names else ""
