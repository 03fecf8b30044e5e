"""What Kleep accepts: the one declaration of every dataset.

From it are made the tables, the export schemas, the CSV templates and checks, and the documentation page.
Only the columns of `products` marked required are known to be Kleep's own (its data template); every
other column and table is our assumption, marked by `ours`.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

# What a page shows of the declaration is translated there; files, schemas and docs/ keep these words.
from django.utils.translation import gettext_noop as _

from connectors import languages


class Type(StrEnum):
    TEXT = _("text")
    INTEGER = _("integer")
    DECIMAL = _("decimal")
    BOOLEAN = _("boolean")
    DATE_TIME = _("date-time")  # UTC
    LIST = _("list")  # of text
    OBJECT = _("object")  # text to text


class Inherit(StrEnum):
    """How a variant's value joins the value of the product it belongs to."""

    NEVER = "never"  # the variant's own
    IF_BLANK = "if blank"  # the variant's own, else the product's
    ALWAYS = "always"  # the product's, else the variant's own
    BOTH = "both"  # true only where both are true
    LATER = "later"  # the later of the two


@dataclass(frozen=True, kw_only=True)
class Column:
    name: str
    type: Type = Type.TEXT
    required: bool = False
    ours: bool = True  # our assumption, not Kleep's documented column
    description: str
    example: str = ""
    inherit: Inherit = Inherit.NEVER
    # What a file is checked for beside the type; what is pulled was mapped by us.
    choices: tuple[str, ...] = ()
    like: str = ""  # a regular expression
    least: int | None = None
    assumed: str = ""  # where a file has no such column, though it is required


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """`key`: the natural key within one connection (and store view, where `scoped`)."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    description: str
    scoped: bool = False  # one row per store view: titles and labels are translated
    internal: tuple[Column, ...] = field(default=())  # stored, never exported

    @property
    def stored(self) -> tuple[Column, ...]:
        return self.columns + self.internal

    def row(self, **values: Any) -> dict[str, Any]:
        """A row with every stored column, None where nothing was given. Raises KeyError on an unknown name."""
        made = {**self._empty, **values}
        if len(made) > len(self._empty):
            raise KeyError(f"{self.name} has no column {', '.join(made.keys() - self._empty)}")
        return made

    @cached_property
    def _empty(self) -> dict[str, Any]:
        return dict.fromkeys(column.name for column in self.stored)


def _kleep(
    name: str,
    description: str,
    example: str,
    type: Type = Type.TEXT,
    inherit: Inherit = Inherit.NEVER,
    choices: tuple[str, ...] = (),
    like: str = "",
) -> Column:
    """A column of Kleep's own product template."""
    return Column(
        name=name,
        type=type,
        required=True,
        ours=False,
        description=description,
        example=example,
        inherit=inherit,
        choices=choices,
        like=like,
    )


GENDERS = ("female", "male", "unisex")
CURRENCY, COUNTRY = r"[A-Z]{3}", r"[A-Z]{2}"
LANGUAGES = (*languages.CODES, "und")


UPDATED_AT = Column(
    name="updated_at",
    type=Type.DATE_TIME,
    description=_(
        "When the shop last changed the record, UTC. The newest version of a record wins."
    ),
    example="2026-06-01T08:15:00+00:00",
    inherit=Inherit.LATER,
)

PRODUCTS = Dataset(
    name="products",
    description=_(
        "One row per variant (one size of one garment), all variants, also out of stock."
    ),
    key=("variant_id",),
    scoped=True,
    columns=(
        _kleep("product_id", _("Id of the main product that the variant belongs to."), "34"),
        _kleep("variant_id", _("Id of the variant."), "2"),
        _kleep("sku", _("Stock-keeping unit of the variant."), "DRESS-001-Red-36"),
        _kleep(
            "ean",
            _("European Article Number of the variant; text, leading zeros kept."),
            "0123456789123",
        ),
        _kleep("title", _("Product title."), "Linen dress", inherit=Inherit.ALWAYS),
        _kleep(
            "description",
            _("Description as shown on the site."),
            "A straight dress of washed linen",
            inherit=Inherit.ALWAYS,
        ),
        _kleep(
            "url",
            _("Address of the product page."),
            "https://shop.example/linen-dress.html",
            inherit=Inherit.ALWAYS,
        ),
        _kleep(
            "images",
            _("Addresses of the images."),
            '["https://shop.example/a.jpg"]',
            Type.LIST,
            Inherit.IF_BLANK,
        ),
        _kleep("category", _("Category label."), "Dresses", inherit=Inherit.ALWAYS),
        _kleep(
            "gender",
            _("Gender of the product."),
            "female",
            inherit=Inherit.IF_BLANK,
            choices=GENDERS,
        ),
        _kleep("size_label", _("Label of the variant's size."), "36"),
        _kleep("active", _("Live on the website."), "true", Type.BOOLEAN, Inherit.BOTH),
        _kleep("is_new", _("Shown as new."), "false", Type.BOOLEAN, Inherit.ALWAYS),
        _kleep(
            "is_children",
            _("Made for children, as this portal reads Kleep's template."),
            "false",
            Type.BOOLEAN,
            Inherit.ALWAYS,
        ),
        Column(
            name="brand", description=_("Brand label."), example="Maison", inherit=Inherit.IF_BLANK
        ),
        Column(
            name="color", description=_("Colour label."), example="Red", inherit=Inherit.IF_BLANK
        ),
        Column(
            name="parent_reference",
            description=_("Joins the colours of one model."),
            example="LIN-2026",
            inherit=Inherit.IF_BLANK,
        ),
        Column(
            name="internal_reference",
            description=_("The brand's own reference."),
            example="R-1029",
            inherit=Inherit.IF_BLANK,
        ),
        Column(
            name="price",
            type=Type.DECIMAL,
            description=_("Catalogue price of the variant."),
            example="91.5",
        ),
        Column(
            name="currency",
            like=CURRENCY,
            description=_("ISO 4217 code of the price."),
            example="EUR",
            inherit=Inherit.IF_BLANK,
        ),
        Column(
            name="material",
            description=_("Material."),
            example="100% linen",
            inherit=Inherit.IF_BLANK,
        ),
        Column(
            name="dimensions",
            type=Type.OBJECT,
            description=_("Dimensions by name."),
            example='{"length": "102 cm"}',
            inherit=Inherit.IF_BLANK,
        ),
        Column(
            name="kleep_enabled",
            type=Type.BOOLEAN,
            description=_("False switches Kleep off on the product."),
            example="true",
            inherit=Inherit.ALWAYS,
        ),
        UPDATED_AT,
    ),
    internal=(
        # A shop lists products and their variants as separate entities that change separately. Both are
        # stored as they come; connectors.catalogue joins them when they are read.
        Column(
            name="is_parent",
            type=Type.BOOLEAN,
            description="A product that is sold only through its variants.",
        ),
        Column(name="children", type=Type.LIST, description="variant_ids of a parent."),
    ),
)

ORDERS = Dataset(
    name="orders",
    description=_(
        "One row per order line. A configurable purchase, two lines in Magento, is one row here."
    ),
    key=("line_id",),
    columns=(
        Column(
            name="order_id",
            required=True,
            description=_("Id of the order (Magento: entity_id)."),
            example="6",
        ),
        Column(
            name="line_id",
            required=True,
            description=_("Id of the order line, unique in the shop."),
            example="23",
        ),
        Column(
            name="order_date",
            type=Type.DATE_TIME,
            required=True,
            description=_("When the order was placed, UTC."),
            example="2024-10-19T02:21:23+00:00",
        ),
        Column(
            name="status", description=_("The shop's own status of the order."), example="complete"
        ),
        Column(
            name="customer_ref",
            description=_(
                "Pseudonym of the shopper: the HMAC-SHA256 of their e-mail address or number under Kleep's secret key. The same shopper of a company has the same one everywhere."
            ),
            example="9f2c…",
        ),
        Column(
            name="product_id",
            required=True,
            description=_("Id of the main product."),
            example="144",
        ),
        Column(
            name="variant_id",
            required=True,
            description=_("Id of the variant that was bought."),
            example="124",
        ),
        Column(name="sku", description=_("SKU that was bought."), example="DRESS-016-White-42"),
        Column(
            name="size_label", description=_("Label of the size that was bought."), example="42"
        ),
        Column(
            name="quantity",
            least=0,
            type=Type.DECIMAL,
            required=True,
            description=_("Quantity ordered."),
            example="1",
        ),
        Column(
            name="quantity_cancelled",
            least=0,
            type=Type.DECIMAL,
            description=_("Quantity cancelled."),
            example="0",
        ),
        Column(
            name="quantity_refunded",
            least=0,
            type=Type.DECIMAL,
            description=_("Quantity refunded."),
            example="0",
        ),
        Column(
            name="price",
            type=Type.DECIMAL,
            description=_(
                "Unit price without tax, before discount, in the order's currency. 0 for the parts of a bundle: the bundle's line has the money."
            ),
            example="93.91",
        ),
        Column(
            name="currency",
            like=CURRENCY,
            description=_("ISO 4217 code of the order."),
            example="EUR",
        ),
        Column(
            name="country",
            like=COUNTRY,
            description=_("ISO 3166 alpha-2 code of the billing country."),
            example="FR",
        ),
        Column(name="store", description=_("Store view (Magento: its code)."), example="fr"),
        UPDATED_AT,
    ),
)

RETURNS = Dataset(
    name="returns",
    description=_(
        "One row per returned line. A shop that only refunds has returns without reasons."
    ),
    key=("return_id", "line_id"),
    columns=(
        Column(
            name="return_id",
            required=True,
            description=_(
                "Id of the return (Magento: rma- or cm- and the entity_id of the return or the credit memo)."
            ),
            example="rma-17",
        ),
        Column(
            name="line_id",
            required=True,
            description=_("Id of the line within the return."),
            example="1",
        ),
        Column(
            name="return_date",
            type=Type.DATE_TIME,
            required=True,
            description=_(
                "When the return was asked for, or the money given back (credit memos), UTC."
            ),
            example="2026-06-01T08:15:00+00:00",
        ),
        Column(
            name="order_id",
            required=True,
            description=_("Id of the order, as in orders."),
            example="6",
        ),
        Column(
            name="order_line_id",
            description=_(
                "Id of the order line, as in orders: what a return leaves blank of the variant is taken from that line."
            ),
            example="23",
        ),
        Column(name="product_id", description=_("Id of the main product."), example="144"),
        Column(name="variant_id", description=_("Id of the variant."), example="124"),
        Column(name="sku", description=_("SKU of the variant."), example="DRESS-016-White-42"),
        Column(name="size_label", description=_("Label of the size that came back."), example="42"),
        Column(
            name="quantity",
            least=0,
            type=Type.DECIMAL,
            required=True,
            description=_(
                "Quantity returned: the approved one; where the shop has none yet, the one that came back, was authorized or was asked for."
            ),
            example="1",
        ),
        Column(
            name="status",
            description=_(
                "The shop's own status of the return, or of this line where it was denied or rejected. A credit memo is open, refunded or canceled."
            ),
            example="closed",
        ),
        Column(
            name="reason_code",
            description=_(
                "Code of the reason (Magento: 0 is Other, in the shopper's own words, which Kleep does not get)."
            ),
            example="22",
        ),
        Column(name="reason_label", description=_("Label of the reason."), example="Too small"),
        Column(
            name="comment", description=_("Free text about the size."), example="tight at the waist"
        ),
        Column(
            name="source",
            required=True,
            choices=("rma", "credit_memo", "custom", "file"),
            assumed="file",
            description=_("Where the return was read; custom is a route of the shop's own."),
            example="rma",
        ),
        UPDATED_AT,
    ),
)

RETURN_REASONS = Dataset(
    name="return_reasons",
    description=_("The reasons that a shopper can choose."),
    key=("code", "language"),
    columns=(
        Column(name="code", required=True, description=_("Code of the reason."), example="22"),
        Column(name="label", required=True, description=_("Its label."), example="Too small"),
        Column(
            name="language",
            required=True,
            choices=LANGUAGES,
            assumed="und",
            description=_(
                "Language of the label, in Kleep's codes (br: Portuguese of Brazil); und where the shop does not say."
            ),
            example="en",
        ),
    ),
)

CUSTOMERS = Dataset(
    name="customers",
    description=_("Pseudonymised customers: no name, address, e-mail or telephone."),
    key=("customer_ref",),
    columns=(
        Column(
            name="customer_ref",
            required=True,
            description=_("Pseudonym of the shopper, as in orders."),
            example="9f2c…",
        ),
        Column(
            name="created_at",
            type=Type.DATE_TIME,
            description=_("When the account was made, UTC."),
            example="2024-07-22T22:31:00+00:00",
        ),
        Column(
            name="gender",
            choices=GENDERS,
            description=_("Gender of the customer, where it is known."),
            example="female",
        ),
        Column(
            name="birth_year",
            least=1900,
            type=Type.INTEGER,
            description=_("Year of birth."),
            example="1988",
        ),
        Column(
            name="country",
            like=COUNTRY,
            description=_("ISO 3166 alpha-2 code of the default billing address."),
            example="FR",
        ),
        UPDATED_AT,
    ),
)

STOCK = Dataset(
    name="stock",
    description=_("Quantity per variant and place."),
    key=("sku", "location"),
    columns=(
        Column(
            name="variant_id",
            description=_(
                "Id of the variant; where the shop names only its SKU, that of the product with it."
            ),
            example="2",
        ),
        Column(
            name="sku",
            required=True,
            description=_("SKU of the variant."),
            example="DRESS-001-Red-36",
        ),
        Column(
            name="location",
            required=True,
            assumed="default",
            description=_(
                "Place of the stock (Magento: the source's code, default where there is one place only)."
            ),
            example="default",
        ),
        Column(
            name="quantity",
            type=Type.DECIMAL,
            required=True,
            description=_("Quantity."),
            example="12",
        ),
        Column(name="in_stock", type=Type.BOOLEAN, description=_("Can be sold."), example="true"),
    ),
)


def _centimetres(name: str, description: str, example: str) -> Column:
    return Column(name=name, type=Type.DECIMAL, description=description, example=example)


DIMENSIONS = Dataset(
    name="dimensions",
    description=_(
        "Measures of the articles, for a shop whose catalogue has none: filled in by hand, in centimetres, laid flat. They are exported as dimensions of the products, too."
    ),
    key=("sku",),
    columns=(
        Column(
            name="sku",
            required=True,
            description=_("SKU of the variant."),
            example="DRESS-001-Red-36",
        ),
        Column(
            name="title",
            description=_("Product title, to recognise it by."),
            example="Linen dress",
        ),
        Column(name="size_label", description=_("Size, to recognise it by."), example="36"),
        _centimetres("chest_cm", _("Across the chest, from armpit to armpit."), "46.5"),
        _centimetres("waist_cm", _("Across the waist."), "38"),
        _centimetres("hips_cm", _("Across the hips."), "49"),
        _centimetres("shoulder_cm", _("From shoulder to shoulder."), "39"),
        _centimetres("sleeve_cm", _("From the shoulder to the cuff."), "60"),
        _centimetres("length_cm", _("From the highest point to the hem."), "92"),
        _centimetres("inseam_cm", _("Inside of the leg."), "78"),
        _centimetres("thigh_cm", _("Across the thigh."), "29"),
        _centimetres("foot_cm", _("Length of the insole."), "24.5"),
    ),
)

DATASETS: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (PRODUCTS, ORDERS, RETURNS, RETURN_REASONS, CUSTOMERS, STOCK, DIMENSIONS)
}
