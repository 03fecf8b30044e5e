"""Customers, their groups and default addresses."""

from typing import Any

from connectors.sandbox.magento import people, replies
from connectors.sandbox.magento.routing import Call, route

CUSTOMER = "Magento_Customer::customer"


@route("customers/search", CUSTOMER)
def search(call: Call) -> Any:
    return call.shop.page("customers", call)


@route("customers/:id", CUSTOMER)
def customer(call: Call) -> Any:
    number = call.number("id")
    record = call.shop.tables["customers"].records.get(number)
    if record is None:
        raise replies.no_such("customerId", number)
    return call.shop.tables["customers"].body(record, call.store)


@route("customers/:id/billingAddress", "Magento_Customer::manage")
def billing_address(call: Call) -> Any:
    addresses = customer(call).get("addresses", [])
    return next((one for one in addresses if one.get("default_billing")), [])


@route("customerGroups/search", "Magento_Customer::group")
def groups(call: Call) -> Any:
    every = [
        {"id": at, "code": name, "tax_class_id": 3, "tax_class_name": "Retail Customer"}
        for at, name in enumerate(people.GROUPS)
    ]
    return call.shop.fixed_list(call, every)
