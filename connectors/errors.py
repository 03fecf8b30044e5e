"""What can go wrong between us and a shop, named after the caller's next move.

    ConnectorError
      MerchantError                  the merchant must change something: never retried
        AddressError                 the URL does not lead to the shop's API
        CredentialsError             the shop refuses the credentials
        PermissionMissingError       the credentials are good, one permission is missing
        NotAvailableError            this shop does not have that: send it as CSV
      RetryLaterError                the schedule tries again
        RateLimitedError             the shop asked us to slow down
        ShopDownError                the shop does not answer, or answers with its own failure
      UnexpectedAnswerError          our bug or a shop we do not know yet: staff are told

The network door's own failures stand at the end of this file.
Platforms add classes of their own below these (connectors/<platform>/errors.py), each with its own
`code` and sentence. Two texts per error: `text` for the merchant (translated when it is shown, so only
`code` and `params` are stored) and `detail` for us. Both are scrubbed; neither ever holds a vendor's body.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kleep_portal import redaction

Text = str | Promise


class ConnectorError(Exception):
    """A failure with two texts. `params` fill `text`; `detail` is for staff and logs."""

    code: ClassVar[str] = "failed"
    text: ClassVar[Text] = _("Something went wrong on our side. Kleep has been told.")
    # Status of the check line that this failure gives (see checking.Status).
    check_status: ClassVar[str] = "failed"
    by_code: ClassVar[dict[str, type["ConnectorError"]]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        other = ConnectorError.by_code.setdefault(cls.code, cls)
        if other.__qualname__ != cls.__qualname__:
            raise TypeError(f"{cls.__name__} and {other.__name__} share the code {cls.code!r}")

    def __init__(
        self,
        *,
        detail: str = "",
        http_status: int | None = None,
        retry_after: float | None = None,
        **params: str | int,
    ) -> None:
        self.params: dict[str, str | int] = {
            name: redaction.scrub(value) if isinstance(value, str) else value
            for name, value in params.items()
        }
        self.detail = redaction.scrub(detail)
        self.http_status = http_status
        self.retry_after = retry_after
        super().__init__(self.message)

    @property
    def message(self) -> str:
        """The merchant's sentence, in the active language."""
        return render(self.code, self.params)


def render(code: str, params: Mapping[str, Any]) -> str:
    """The sentence of an error that was stored as code and params, in the active language."""
    text = str(ConnectorError.by_code.get(code, ConnectorError).text)
    return text % params if params else text


class MerchantError(ConnectorError):
    """The merchant, or the person who administers the shop, must change something."""

    code = "merchant"


class AddressError(MerchantError):
    code = "address"
    text = _("No shop answers at this address. Check the URL for a typing mistake.")
    check_status = "unreachable"


class CredentialsError(MerchantError):
    code = "credentials"
    text = _("The shop refuses these credentials. Copy them again from the shop's administration.")
    check_status = "credentials"


class PermissionMissingError(MerchantError):
    """`permission` is the vendor's own id, e.g. Magento_Sales::actions_view; `path` where to tick it."""

    code = "permission_missing"
    text = _("A permission is missing: %(path)s (%(permission)s).")
    check_status = "missing_permission"


class NotAvailableError(MerchantError):
    code = "not_available"
    text = _("This shop's edition does not offer it. Send this data as CSV files instead.")
    check_status = "not_available"


class RetryLaterError(ConnectorError):
    """Not the merchant's fault and not for ever. `retry_after`: seconds the shop asked us to wait."""

    code = "retry_later"
    text = _("The shop could not answer just now. We try again by ourselves.")
    check_status = "unreachable"


class RateLimitedError(RetryLaterError):
    code = "rate_limited"
    text = _("The shop asked us to slow down. We continue by ourselves in a moment.")


class ShopDownError(RetryLaterError):
    code = "shop_down"
    text = _("The shop does not answer. We try again by ourselves.")


class UnexpectedAnswerError(ConnectorError):
    code = "unexpected_answer"
    text = _(
        "The shop gave an answer that we do not understand. Kleep has been told and looks into it."
    )


# --- the network door: see http.py and addresses.py ---


class MalformedUrlError(AddressError):
    code = "malformed_url"
    text = _("This is not a web address that we can use. Copy it again from your browser.")


class NotHttpsError(AddressError):
    code = "not_https"
    text = _("The address must begin with https:// so that the credentials travel encrypted.")


class CredentialsInUrlError(AddressError):
    code = "credentials_in_url"
    text = _("Remove the user name and the password from the address.")


class BadPortError(AddressError):
    code = "bad_port"
    text = _("The port in the address is not a number from 1 to 65535.")


class PortNotOpenedError(AddressError):
    code = "port_not_opened"
    text = _("A page asked for an unusual port of %(host)s. Only the ports of websites are opened.")


class NameNotFoundError(AddressError):
    code = "name_not_found"
    text = _("No server is known under the name %(host)s. Check it for a typing mistake.")


class PrivateAddressError(AddressError):
    code = "private_address"
    text = _(
        "%(host)s leads to a private network. We can only reach what is on the public internet."
    )


class CertificateError(AddressError):
    code = "certificate"
    text = _(
        "The certificate of %(host)s cannot be trusted. Ask your host to install a certificate"
        " of a known authority, with its intermediate certificates."
    )


class CertificateExpiredError(CertificateError):
    code = "certificate_expired"
    text = _("The certificate of %(host)s has expired. Ask your host to renew it.")


class CertificateHostError(CertificateError):
    code = "certificate_host"
    text = _("The certificate shown at %(host)s was issued for another name. Check the address.")


class SecureConnectionError(AddressError):
    code = "secure_connection"
    text = _("%(host)s does not speak https at this address. Check the address and its port.")


class RedirectedElsewhereError(AddressError):
    """`host`: where the shop sends us."""

    code = "redirected_elsewhere"
    text = _("The shop sends us on to %(host)s. If that is your shop, give us that address.")


class TooManyRedirectsError(AddressError):
    code = "too_many_redirects"
    text = _("The shop sends us from one page to the next without end. Check the address.")


class NameServerError(ShopDownError):
    code = "name_server"
    text = _("The name %(host)s could not be looked up just now. We try again by ourselves.")


class ConnectionRefusedByShopError(ShopDownError):
    code = "connection_refused"
    text = _("%(host)s refuses connections on port %(port)s. Is it running?")


class NoRouteError(ShopDownError):
    code = "no_route"
    text = _("%(host)s cannot be reached. We try again by ourselves.")


class ConnectTimeoutError(ShopDownError):
    code = "connect_timeout"
    text = _("%(host)s does not answer. A firewall may keep us out; we try again by ourselves.")


class ReadTimeoutError(ShopDownError):
    code = "read_timeout"
    text = _("%(host)s took our question and did not answer in time. We try again by ourselves.")


class TotalTimeError(ShopDownError):
    code = "total_time"
    text = _("%(host)s answers too slowly. We try again by ourselves.")


class ConnectionDroppedError(ShopDownError):
    code = "connection_dropped"
    text = _("%(host)s hung up before its answer was complete. We try again by ourselves.")


class AnswerTooLargeError(UnexpectedAnswerError):
    code = "answer_too_large"
    text = _("%(host)s gave an answer far larger than expected. Kleep has been told.")


class BrokenAnswerError(UnexpectedAnswerError):
    code = "broken_answer"
    text = _("%(host)s gave an answer that is not proper HTTP. Kleep has been told.")
