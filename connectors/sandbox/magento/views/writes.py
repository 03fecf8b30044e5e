"""The little that can be written. Nothing is kept: the portal only reads."""

from typing import Any

import msgspec

from connectors.sandbox.magento import replies
from connectors.sandbox.magento.routing import Call, route


@route("customers", method="POST")
def create_customer(call: Call) -> Any:
    decoded(call.body)
    raise replies.required("customer")


@route("integration/admin/token", method="POST")
def admin_token(call: Call) -> Any:
    """These shops have no administrators who could log in."""
    decoded(call.body)
    raise replies.Refusal(
        401,
        "The account sign-in was incorrect or your account is disabled temporarily. "
        "Please wait and try again later.",
    )


def decoded(body: bytes) -> Any:
    """The JSON of a request. Raises Refusal."""
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise replies.Refusal(400, "Decoding error.") from None


# A resource that no shop declares: only an integration with all of them may ask.
@route("bulk/:uuid/status", "Magento_Logging::system_magento_logging_bulk_operations")
def bulk_status(call: Call) -> Any:
    return call.shop.bulks.status(call.variables["uuid"])
