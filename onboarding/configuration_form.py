"""The questions about a shop's products as a form, made from what the shop's own attributes are."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from connectors import languages
from connectors.attributes import SEVERAL, Codes, Offer, configured
from onboarding.models import Shop
from onboarding.product_questions import QUESTIONS, Question

UNKNOWN, NONE = "?", "-"
CUSTOM, OWN_ROUTE = "custom", "custom_returns"
MORE = 3  # attributes beside the first one, where several may play a role
ATTRIBUTES, FILES = "attributes", "files"
I_DO_NOT_KNOW = (UNKNOWN, _("I do not know: Kleep looks at it with me"))
BLANK = {"required": _("Choose an answer: “I do not know” is one.")}
DIMENSIONS_FROM = [
    (ATTRIBUTES, _("Yes, in attributes of the shop")),
    (FILES, _("We fill in Kleep's template")),
    (NONE, _("No")),
    I_DO_NOT_KNOW,
]

Choices = list[tuple[str, Any]]


class ConfigurationForm(forms.Form):
    """A field per question that the platform has; what is not asked keeps its configuration."""

    def __init__(self, data: Any = None, *, shop: Shop, offer: Offer) -> None:
        super().__init__(data)
        self.shop, self.offer = shop, offer
        self.roles = shop.connection.connector_class.roles if shop.connection else ()
        self.stored: Mapping[str, Any] = shop.connection.config if shop.connection else {}
        self.answered = getattr(shop, "product_configuration", None)
        self._attributes: Choices = [
            (one.code, _named(one.code, one.label, one.samples)) for one in offer.attributes
        ]
        for question in QUESTIONS.values():  # in the order of the page, like the summary of errors
            if question.role in self.roles:
                self._ask(question)
        self._ask_dimensions()
        self._ask_the_rest()

    def more(self, role: str) -> list[BoundField]:
        """The further attributes of a role that several may play."""
        return [self[f"{role}_{number}"] for number in range(2, 2 + MORE)]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("dimensions_from") != ATTRIBUTES:
            self.errors.pop("dimensions", None)  # it was not asked
        return given

    def config(self) -> dict[str, Any]:
        """The configuration of the connection as answered, after is_valid()."""
        attributes: Codes = {
            role: codes for role, codes in configured(self.stored).items() if role not in self.roles
        }
        for role in self.roles:
            if role in QUESTIONS and self.cleaned_data[role] != UNKNOWN:
                attributes[role] = self._codes(role)
        if "dimensions" in self.roles and self.cleaned_data["dimensions_from"] != UNKNOWN:
            is_here = self.cleaned_data["dimensions_from"] == ATTRIBUTES
            attributes["dimensions"] = self._codes("dimensions") if is_here else []
        config = {**self.stored, "attributes": attributes}
        source = self.cleaned_data.get("returns", UNKNOWN)
        if source not in (UNKNOWN, self._source) and not self._needs_kleep:
            config["returns"] = {"source": source}
        return config

    def unknown(self) -> list[str]:
        """The questions that were answered with “I do not know”, or that Kleep has to do something for."""
        given = self.cleaned_data
        asked = [role for role in self.roles if role in QUESTIONS]
        found = [role for role in (*asked, "returns") if given.get(role) == UNKNOWN]
        found += ["dimensions"] if given["dimensions_from"] == UNKNOWN else []
        return found + ([OWN_ROUTE] if self._needs_kleep else [])

    @property
    def in_files(self) -> bool:
        return bool(self.cleaned_data["dimensions_from"] == FILES)

    @property
    def _source(self) -> str:
        return str((self.stored.get("returns") or {}).get("source") or "")

    def _codes(self, role: str) -> list[str]:
        """The attributes that were chosen for a role, each once, in their order."""
        names = [role, *(f"{role}_{number}" for number in range(2, 2 + MORE))]
        given = [self.cleaned_data.get(name) or "" for name in names]
        known = self._known(role)
        if role not in SEVERAL and known and given[0] == known[0]:
            return known  # with those that stand in for it, which are not asked for
        return list(dict.fromkeys(one for one in given if one and one not in (UNKNOWN, NONE)))

    def _ask(self, question: Question) -> None:
        role = question.role
        codes = self._known(role)
        first = codes[0] if codes else self._no_code(question)
        chosen = UNKNOWN if self.answered and role in self.answered.unknown else first
        choices = [*self._choices(codes), (NONE, question.none), I_DO_NOT_KNOW]
        self.fields[role] = forms.ChoiceField(
            label=str(question.label),
            help_text=str(question.help),
            initial=chosen,
            error_messages=BLANK,
            choices=choices if chosen else [("", _("Please choose")), *choices],
        )
        if role in SEVERAL:
            self._ask_for_more(role, codes[1:])

    def _no_code(self, question: Question) -> str:
        is_answered = question.role in configured(self.stored)
        return "" if question.must and not is_answered else NONE

    def _ask_for_more(self, role: str, codes: list[str]) -> None:
        for place in range(MORE):
            self.fields[f"{role}_{2 + place}"] = forms.ChoiceField(
                label=_("And also"),
                required=False,
                choices=[("", "—"), *self._choices(codes)],
                initial=codes[place] if place < len(codes) else "",
            )

    def _ask_dimensions(self) -> None:
        codes = self._known("dimensions") if "dimensions" in self.roles else []
        choices = [one for one in DIMENSIONS_FROM if one[0] != ATTRIBUTES or self._attributes]
        self.fields["dimensions_from"] = forms.ChoiceField(
            label=_("Does your catalogue have the dimensions of the products?"),
            help_text=_(
                "Measured on the article, for example chest 52 cm, length 68 cm for a size M. They make"
                " the advice more precise."
            ),
            widget=forms.RadioSelect,
            choices=choices,
            initial=self._dimensions_from(codes),
            error_messages=BLANK,
        )
        if "dimensions" in self.roles:
            self.fields["dimensions"] = forms.ChoiceField(
                label=_("Which attribute holds a dimension?"),
                error_messages={"required": _("Choose the attribute that holds a dimension.")},
                choices=[("", "—"), *self._choices(codes)],
                initial=codes[0] if codes else "",
            )
            self._ask_for_more("dimensions", codes[1:])

    def _dimensions_from(self, codes: list[str]) -> str:
        if self.answered is None:
            return ATTRIBUTES if codes else ""
        if "dimensions" in self.answered.unknown:
            return UNKNOWN
        if self.answered.dimensions_in_files:
            return FILES
        return ATTRIBUTES if codes else NONE

    def _ask_the_rest(self) -> None:
        self.fields["languages"] = forms.MultipleChoiceField(
            label=_("Which languages do your shoppers read?"),
            help_text=_("The button and the advice are shown in these."),
            widget=forms.CheckboxSelectMultiple,
            choices=languages.choices(),
            initial=self.shop.languages,
            error_messages={"required": _("Choose at least one language.")},
        )
        sources = (
            self.shop.connection.connector_class.return_sources if self.shop.connection else ()
        )
        if sources:
            self.fields["returns"] = forms.ChoiceField(
                label=_("Where do your returns come from?"),
                help_text=_("Returns with their reasons teach Kleep where sizes do not fit."),
                widget=forms.RadioSelect,
                choices=[*sources, I_DO_NOT_KNOW],
                initial=self._returns_answer(),
                error_messages=BLANK,
            )
        self.fields["remark"] = forms.CharField(
            label=_("Is there anything else that Kleep should know?"),
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 3}),
            initial=self.answered.remark if self.answered else "",
        )

    def _returns_answer(self) -> str:
        unknown = self.answered.unknown if self.answered else []
        if OWN_ROUTE in unknown:
            return CUSTOM
        return UNKNOWN if "returns" in unknown else self._source

    @property
    def _needs_kleep(self) -> bool:
        """A route of the shop's own is read by its path and the names of its fields: Kleep enters those."""
        return self.cleaned_data.get("returns") == CUSTOM != self._source

    def _known(self, role: str) -> list[str]:
        given = configured(self.stored)
        return given[role] if role in given else list(self.offer.proposed.get(role, []))

    def _choices(self, codes: list[str]) -> Choices:
        """The likely ones first; what is configured stays a choice where the shop no longer lists it."""
        named = dict(self._attributes)
        likely = [(code, named.get(code, code)) for code in codes]
        others = [(code, name) for code, name in self._attributes if code not in codes]
        groups: list[tuple[Any, Choices]] = [
            (_("Likely"), likely),
            (_("Other attributes of your shop"), others),
        ]
        return [(name, group) for name, group in groups if group]


def _named(code: str, label: str, samples: tuple[str, ...]) -> str:
    """ "Taille (taille): S, M, L"."""
    name = label if label == code else f"{label} ({code})"
    if not samples:
        return name
    return gettext("%(name)s: %(samples)s") % {"name": name, "samples": ", ".join(samples)}


def chosen(form: ConfigurationForm) -> Iterator[tuple[str, list[str]]]:
    """Everything that was sent, to be sent again after a question."""
    for name in form.fields:
        yield name, form.data.getlist(name) if hasattr(form.data, "getlist") else [form.data[name]]
