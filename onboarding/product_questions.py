"""What we ask a merchant about the products of a shop, in which words, and with which example."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from connectors.errors import Text


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which attribute plays a role. `none`: how “no attribute does” is said; `must`: it is to be answered."""

    role: str
    label: Text
    help: Text
    none: Text
    must: bool = False


NO_ATTRIBUTE = _("No attribute holds it")

SIZE = Question(
    role="size",
    label=_("Which attribute holds the size?"),
    help=_(
        "The one that shoppers choose, for example S, M, L or 38, 40, 42. If shoes or trousers have"
        " another one, name it below."
    ),
    none=_("Our products have no sizes"),
    must=True,
)
INTERNAL_REFERENCE = Question(
    role="internal_reference",
    label=_("Do you have a reference of your own for each product?"),
    help=_(
        "Your brand's code, different from the number that the shop gives by itself, for example"
        " “FW26-DR-014”. Kleep shows it to your team beside each product."
    ),
    none=_("No, the shop's own number is enough"),
    must=True,
)
PARENT_REFERENCE = Question(
    role="parent_reference",
    label=_("What do the colours of one model have in common?"),
    help=_(
        "If the red and the blue dress are two products with the same cut, Kleep learns faster when it"
        " knows. For example the attribute “model” with the value “DR-014” on both."
    ),
    none=_("Nothing to join: all the colours are one product"),
    must=True,
)
DESCRIBING = (
    Question(role="color", label=_("Colour"), help=_("Black, navy …"), none=NO_ATTRIBUTE),
    Question(
        role="gender",
        label=_("Women or men"),
        help=_("If there is none, Kleep reads it from the categories."),
        none=NO_ATTRIBUTE,
    ),
    Question(
        role="brand", label=_("Brand"), help=_("If the shop sells several."), none=NO_ATTRIBUTE
    ),
    Question(role="ean", label=_("Barcode (EAN)"), help=_("Thirteen digits."), none=NO_ATTRIBUTE),
    Question(
        role="material",
        label=_("Material"),
        help=_("For example “cotton, elastane”."),
        none=NO_ATTRIBUTE,
    ),
    Question(
        role="is_new",
        label=_("New article"),
        help=_("A yes or no. If there is none, Kleep takes the dates of “new from … to”."),
        none=NO_ATTRIBUTE,
    ),
    Question(
        role="is_children",
        label=_("Children's article"),
        help=_("A yes or no. If there is none, Kleep reads it from the categories."),
        none=NO_ATTRIBUTE,
    ),
)
QUESTIONS = {one.role: one for one in (SIZE, *DESCRIBING, INTERNAL_REFERENCE, PARENT_REFERENCE)}

# The questions that no attribute answers, by name, as events and the staff read them.
OTHER_LABELS = {
    "dimensions": _("Dimensions of the products"),
    "languages": _("Languages"),
    "returns": _("Source of returns"),
    "custom_returns": _("A returns module with an API of its own"),
}


def label(name: str) -> str:
    return str(QUESTIONS[name].label if name in QUESTIONS else OTHER_LABELS[name])
