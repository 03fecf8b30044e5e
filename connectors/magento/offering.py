"""What there is to choose from in a Magento: its own attributes, with values that its products have."""

from collections.abc import Mapping

from connectors.attributes import Offer, ShopAttribute
from connectors.magento.context import WITH_OPTIONS, Context
from connectors.magento.products import attributes_of
from connectors.magento.proposal import propose
from connectors.magento.question import Criteria
from connectors.magento.shapes import Attribute, List, Product
from connectors.magento.values import plain_text, texts

LOOKED_AT = 60  # products, the newest ones: enough to meet the attributes in use
SAMPLES = 4
LONGEST = 40  # characters of a sample
FIELDS = "items[id,custom_attributes],total_count"


def offer(context: Context) -> Offer:
    """Three questions to the shop. Raises ConnectorError."""
    own = {one.attribute_code: one for one in context.own_attributes()}
    found = _values(context, own)
    return Offer(
        attributes=tuple(
            ShopAttribute(code=code, label=_label(one), samples=found.get(code, ()))
            for code, one in sorted(own.items())
        ),
        proposed=propose(own.values()),
    )


def _values(context: Context, own: Mapping[str, Attribute]) -> dict[str, tuple[str, ...]]:
    """Some values by attribute, as the shop shows them."""
    criteria = Criteria(sort=("entity_id",), descending=True, page_size=LOOKED_AT)
    listed = context.get("products", List[Product], criteria=criteria, fields=FIELDS)
    raw: dict[str, dict[str, None]] = {}  # a set that keeps its order
    for product in listed.items or []:
        for code, attribute in attributes_of(product).items():
            if code in own:
                raw.setdefault(code, {}).update(dict.fromkeys(texts(attribute.value)))
    chosen = {code for code in raw if own[code].frontend_input in WITH_OPTIONS}
    labels = context.labels_of(chosen).by_code
    return {code: _shown(values, labels.get(code) or {}) for code, values in raw.items()}


def _shown(values: Mapping[str, None], labels: Mapping[str, str]) -> tuple[str, ...]:
    if labels:
        numbers = dict.fromkeys(number for value in values for number in value.split(","))
        shown = [labels[number] for number in numbers if number in labels]
    else:
        shown = [plain_text(value)[:LONGEST] for value in values]
    return tuple([one for one in shown if one][:SAMPLES])


def _label(attribute: Attribute) -> str:
    given = [attribute.default_frontend_label]
    given += [one.label for one in attribute.frontend_labels or []]
    return next((label for label in given if label), "") or attribute.attribute_code
