"""Returns as Adobe Commerce prints them: reasons as option ids, items that point to order lines."""

from connectors.sandbox.magento.lines import Line
from connectors.sandbox.magento.orders import Order
from connectors.sandbox.magento.people import moment
from connectors.sandbox.magento.refunds import Refunds
from connectors.sandbox.magento.replies import Json
from connectors.sandbox.magento.stores import STORES
from connectors.sandbox.magento.tables import Columns

# Option ids and labels. "0" is what a shopper wrote in words of their own, which REST does not give.
REASONS = {
    70: {"all": "Too small", "fr": "Trop petit", "de": "Zu klein"},
    71: {"all": "Too large", "fr": "Trop grand", "de": "Zu groß"},
    72: {"all": "Not as described", "fr": "Ne correspond pas", "de": "Nicht wie beschrieben"},
    73: {"all": "Defective", "fr": "Défectueux", "de": "Defekt"},
}
CONDITIONS = {80: {"all": "Unopened", "fr": "Non ouvert"}, 81: {"all": "Opened", "fr": "Ouvert"}}
RESOLUTIONS = {
    90: {"all": "Exchange", "fr": "Échange"},
    91: {"all": "Refund", "fr": "Remboursement"},
}
OPTIONS = {"resolution": RESOLUTIONS, "condition": CONDITIONS, "reason": REASONS}
LABELS = {
    "resolution": "Resolution",
    "condition": "Item Condition",
    "reason": "Reason to Return",
    "reason_other": "Other",
}
WITHOUT_REASON = 11  # one return in so many says "other"
WITHOUT_ITEMS = 7  # one in so many lost its items: as recorded from an older shop, null


def columns(order: Order) -> Columns:
    """One return for an order at most, under the order's own id. There is no updated_at."""
    return {
        "entity_id": order.id,
        "increment_id": order.number,
        "order_id": order.id,
        "order_increment_id": order.number,
        "store_id": order.store.id,
        "date_requested": moment(order.at(6)),
        "status": "processed_closed" if order.id % 3 else "authorized",
    }


def return_json(order: Order, lines: list[Line], given_back: Refunds) -> Json:
    body = columns(order)
    if not order.is_guest:
        body["customer_id"] = order.person.id
    body |= {"customer_custom_email": None, "items": [], "comments": [], "tracks": []}
    for line in lines:
        quantity = given_back.quantity(line.item_id)
        if quantity:
            body["items"].append(_item(order, line, quantity))
    # As recorded from an older shop: an empty list is not always a list.
    if order.id % WITHOUT_ITEMS == 6:
        return body | {"items": None, "comments": None, "tracks": None}
    return body if order.id % 5 else body | {"tracks": None}


def _item(order: Order, line: Line, quantity: int) -> Json:
    number = order.id + line.item_id
    reason = "0" if number % WITHOUT_REASON == 0 else str(list(REASONS)[number % len(REASONS)])
    is_closed = bool(order.id % 3)
    return {
        "entity_id": line.item_id,
        "rma_entity_id": order.id,
        # Of a configurable's two lines now the child, now the parent.
        "order_item_id": line.child_id if line.is_pair and order.id % 2 else line.item_id,
        "qty_requested": quantity,
        "qty_authorized": quantity,
        "qty_approved": quantity if is_closed else None,
        "qty_returned": quantity if is_closed else None,
        "reason": reason,
        "condition": str(list(CONDITIONS)[number % 2]),
        "resolution": str(list(RESOLUTIONS)[number % 2]),
        "status": "approved" if is_closed else "authorized",
    }


def metadata(code: str, store: str) -> Json:
    """`reason_other` is the text that goes with the reason "0"."""
    choices = OPTIONS.get(code)
    return {
        "attribute_code": code,
        "frontend_input": "text" if choices is None else "select",
        "input_filter": "",
        "store_label": LABELS[code],
        "validation_rules": [],
        "multiline_count": 0,
        "visible": True,
        "required": True,
        "data_model": "",
        "options": [] if choices is None else _options(choices, store),
        "frontend_class": "",
        "user_defined": False,
        "sort_order": 0,
        "frontend_label": LABELS[code],
        "note": "",
        "system": True,
        "backend_type": "varchar" if choices is None else "int",
        "frontend_labels": [{"store_id": one, "label": LABELS[code]} for one in STORES],
    }


def _options(choices: dict[int, dict[str, str]], store: str) -> list[Json]:
    return [
        {"label": " ", "value": ""},
        *(
            {"label": labels.get(store, labels["all"]), "value": str(number)}
            for number, labels in choices.items()
        ),
    ]
