"""What the merchant, or whoever runs the shop, must change before Magento answers us.

refusals.py decides which one an answer is; here stand only the sentences: what happened, whose turn it is,
where to click next. `title` is the title of an HTML page, `permission` Magento's own id. Longer than other
modules because it is a list. What is not the merchant's turn stands in failures.py.
"""

from django.utils.translation import gettext_lazy as _

from connectors.errors import (
    AddressError,
    CredentialsError,
    MerchantError,
    NotAvailableError,
    PermissionMissingError,
)

# --- the address, before anything is asked ---


class AddressMissingError(AddressError):
    code = "magento_address_missing"
    text = _("Enter the address of your shop, for example https://www.your-shop.com")


class AddressTooLongError(AddressError):
    code = "magento_address_too_long"
    text = _(
        "That is far too long for an address. Paste only the address of your shop, or of"
        " several shops on a line each."
    )


class AdminAddressError(AddressError):
    code = "magento_admin_address"
    text = _(
        "This is the address of your Magento administration. Enter the address that your"
        " customers see, for example https://www.your-shop.com"
    )


class EmailInsteadOfAddressError(AddressError):
    code = "magento_email_address"
    text = _("This is an e-mail address. Enter the web address of your shop.")


# --- the address leads somewhere else ---


class UnknownStoreCodeError(AddressError):
    code = "magento_store_code"
    text = _(
        "Your Magento knows no store view with the code %(store)s. Look the code up under"
        " Stores > Settings > All Stores (it may have been renamed) and correct the address."
    )


class WrongBasePathError(AddressError):
    code = "magento_base_path"
    text = _(
        "Magento answers here, but not its API. Enter the address of the shop's start page,"
        " without anything after the domain unless Magento is installed in a folder."
    )


class NotTheApiError(AddressError):
    code = "magento_not_the_api"
    text = _(
        "A web page answers here instead of Magento's API (status %(status)s, title “%(title)s”)."
        " Give the address up to the domain, without a language or a page behind it; if that is"
        " what you gave, ask whoever runs the server to let /rest/ reach Magento."
    )


class LoginPageError(AddressError):
    code = "magento_login_page"
    text = _(
        "A log-in page answers instead of Magento's API (status %(status)s, title “%(title)s”)."
        " Ask whoever protects this site to let requests to /rest/ through without a log-in."
    )


class PasswordWallError(AddressError):
    code = "magento_password_wall"
    text = _(
        "The server asks for a password before Magento is reached (status %(status)s, title"
        " “%(title)s”), as is usual on a test site. Ask your developer to exempt /rest/ from"
        " it."
    )


class FirewallError(AddressError):
    code = "magento_firewall"
    text = _(
        "A firewall in front of your shop blocks us (status %(status)s, title “%(title)s”). Ask"
        " your host to allow Kleep's requests to /rest/."
    )


class RedirectError(AddressError):
    code = "magento_redirect"
    text = _(
        "The shop sends our requests to another page (status %(status)s). Enter the address"
        " that your browser shows once the shop's start page is open."
    )


# --- the four credentials ---


class SignatureInvalidError(CredentialsError):
    code = "magento_signature"
    text = _(
        "Magento knows the integration but refuses our signature. Copy the Consumer Secret and"
        " the Access Token Secret again. If both are right, a proxy changes the address: ask"
        " your host to pass on the original host, port and https (X-Forwarded-Proto)."
    )


class ConsumerKeyLengthError(CredentialsError):
    code = "magento_consumer_key_length"
    text = _("The Consumer Key must have 32 characters. Copy it again, whole.")


class UnknownConsumerKeyError(CredentialsError):
    code = "magento_consumer_key"
    text = _(
        "Magento knows no integration with this Consumer Key. It was copied from another"
        " Magento, or the integration was deleted. Copy all four values again from System >"
        " Extensions > Integrations."
    )


class TokenLengthError(CredentialsError):
    code = "magento_token_length"
    text = _("The Access Token must have 32 characters. Copy it again, whole.")


class UnknownTokenError(CredentialsError):
    code = "magento_token"
    text = _(
        "Magento does not know this Access Token. It changes with every Reauthorize: copy all"
        " four values again from System > Extensions > Integrations."
    )


class ForeignTokenError(CredentialsError):
    code = "magento_foreign_token"
    text = _(
        "The Access Token belongs to another integration than the Consumer Key. Copy all four"
        " values from the same integration."
    )


class NotAccessTokenError(CredentialsError):
    code = "magento_not_access_token"
    text = _(
        "This is a temporary token, not the Access Token. Finish with Activate and Allow in"
        " System > Extensions > Integrations, then copy all four values."
    )


class TokenRevokedError(CredentialsError):
    code = "magento_token_revoked"
    text = _(
        "The Access Token has been revoked. Click Reauthorize under System > Extensions >"
        " Integrations and copy the new values."
    )


class InactiveIntegrationError(CredentialsError):
    code = "magento_inactive"
    text = _(
        "Magento treats us as a visitor: the integration is not active. Under System >"
        " Extensions > Integrations click Activate and then Allow. If it is active, ask your host"
        " to let the Authorization header reach Magento."
    )


class AdminSignInError(CredentialsError):
    code = "magento_admin_sign_in"
    text = _(
        "Magento refuses this sign-in, or has locked the account for some minutes. Wait, then"
        " check user name and password."
    )


class CredentialsRefusedError(CredentialsError):
    code = "magento_refused"
    text = _(
        "Magento refuses the credentials and does not say why (status %(status)s). Copy all"
        " four values again from System > Extensions > Integrations; if that does not help, Kleep"
        " looks into it with you."
    )


class SignatureMethodError(MerchantError):
    code = "magento_signature_method"
    check_status = "credentials"
    text = _(
        "Something between us and Magento accepts only an outdated signature (we sign with"
        " HMAC-SHA256, as Magento asks since 2.4.4). Ask your developer which extension or"
        " gateway checks OAuth requests."
    )


class HeaderAlteredError(MerchantError):
    code = "magento_header_altered"
    check_status = "credentials"
    text = _(
        "Part of our signature got lost on the way to Magento (%(missing)s). Ask your host to"
        " pass on the Authorization header unchanged."
    )


class ClockError(MerchantError):
    code = "magento_clock"
    check_status = "credentials"
    text = _(
        "Magento refuses the time of our request. The clock of your shop's server is probably"
        " more than ten minutes slow: ask your host to set it (NTP)."
    )


class PermissionNotTickedError(PermissionMissingError):
    code = "magento_permission"
    text = _(
        "A permission is missing. Under System > Extensions > Integrations open your Kleep"
        " integration, tab API, tick %(path)s (%(permission)s), click Save, then Reauthorize, and"
        " enter the values that Magento then shows."
    )


# --- this shop does not have it ---


class RouteUnknownError(NotAvailableError):
    code = "magento_route"
    text = _("Your Magento does not have %(resource)s: the part that offers it is not installed.")


class ReturnsNotInEditionError(NotAvailableError):
    code = "magento_returns_route"
    text = _(
        "Returns with their reasons exist only in Adobe Commerce. Credit memos or CSV files stand in for"
        " them."
    )
