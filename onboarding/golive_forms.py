"""What people enter on the way to going live: signatures and reasons."""

from django import forms
from django.utils.translation import gettext_lazy as _

from onboarding.signed_lines import WANTED


class TickForm(forms.Form):
    """A line to sign, or to take back. `seen`: the fingerprint of the page that was shown."""

    item = forms.ChoiceField(choices=[(key, key) for key in WANTED])
    signed = forms.BooleanField(required=False)
    seen = forms.CharField(required=False, max_length=64)


class UndoForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it undone?"),
        help_text=_("The merchant reads this."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2_000,
    )


class SendBackForm(forms.Form):
    """A reason for the whole, and one for each line that is on the merchant."""

    reason = forms.CharField(
        label=_("About the whole"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2_000,
        required=False,
    )

    def __init__(self, *args: object, rows: dict[str, str], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # passed on as they come
        self.rows = rows
        for key, title in rows.items():
            self.fields[f"line_{key}"] = forms.CharField(
                label=title, required=False, max_length=500
            )

    def clean(self) -> dict[str, object]:
        given: dict[str, object] = super().clean() or {}
        if not given.get("reason") and not self.reasons(given):
            raise forms.ValidationError(_("Write down why, so that the merchant knows what to do."))
        return given

    def reasons(self, given: dict[str, object]) -> dict[str, str]:
        """Reason by line."""
        return {key: str(text) for key in self.rows if (text := given.get(f"line_{key}"))}
