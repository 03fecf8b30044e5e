"""Returns: Adobe Commerce alone. Open Source answers these paths with "does not match any route"."""

from typing import Any

from connectors.sandbox.magento import replies, rma
from connectors.sandbox.magento.routing import Call, route

RETURNS = "Magento_Rma::magento_rma"
ATTRIBUTE = "Magento_Rma::rma_attribute"


@route("returns", RETURNS, is_commerce=True)
def returns(call: Call) -> Any:
    return call.shop.page("returns", call)


@route("returns/:id", RETURNS, is_commerce=True)
def one_return(call: Call) -> Any:
    table = call.shop.tables["returns"]
    record = table.records.get(call.number("id"))
    if record is None:
        raise replies.no_entity()
    return table.body(record, call.store)


@route("returnsAttributeMetadata", ATTRIBUTE, is_commerce=True)
def metadata(call: Call) -> Any:
    return [rma.metadata(code, call.store) for code in rma.LABELS]


@route("returnsAttributeMetadata/:code", ATTRIBUTE, is_commerce=True)
def one_metadata(call: Call) -> Any:
    code = call.variables["code"]
    if code not in rma.LABELS:
        raise replies.no_such("attributeCode", code)
    return rma.metadata(code, call.store)
