"""What can go wrong with a WSHOP shop beyond the general failures, each with its own sentence."""

from django.utils.translation import gettext_lazy as _

from connectors.errors import (
    AddressError,
    CredentialsError,
    NotAvailableError,
    PermissionMissingError,
    RetryLaterError,
    ShopDownError,
    UnexpectedAnswerError,
)


class AddressMissingError(AddressError):
    code = "wshop_address_missing"
    text = _("Enter the API URL of your WSHOP shop.")


class EmailInsteadOfAddressError(AddressError):
    code = "wshop_email_as_address"
    text = _(
        "This is an e-mail address. Enter the API URL here, and the e-mail address as the user."
    )


class NotWshopError(AddressError):
    code = "wshop_not_wshop"
    text = _(
        "Something answers at this address, but not the API of a WSHOP shop. Give us the API URL"
        " that your WSHOP contact gave you."
    )


class WebPageError(AddressError):
    """`title`: of the page that came instead of data."""

    code = "wshop_web_page"
    text = _(
        "The address leads to a web page (“%(title)s”), not to the WSHOP API. Give us the API URL,"
        " and ask your host not to put a log-in page or a firewall page before /api/v1."
    )


class WrongPasswordError(CredentialsError):
    code = "wshop_wrong_password"
    text = _(
        "WSHOP does not accept this user and password. The user is the e-mail address of a Back"
        " Office user; type both again."
    )


class AccountLockedError(CredentialsError):
    code = "wshop_account_locked"
    text = _(
        "WSHOP has locked this user. Unlock it in Back Office > Users, then test again; we do not"
        " try the password meanwhile."
    )


class NoApiAccessError(PermissionMissingError):
    code = "wshop_no_api_access"
    text = _(
        "WSHOP knows this user but does not let it use the API. Allow API access for it in Back"
        " Office > Users."
    )


class ProfileError(PermissionMissingError):
    """`permission`: the endpoint that the profile must allow."""

    code = "wshop_profile"
    text = _(
        "The profile of the API user does not allow %(permission)s. Allow it in Back Office > Users"
        " > Profiles, then test again."
    )


class UnknownEndpointError(NotAvailableError):
    code = "wshop_unknown_endpoint"
    text = _(
        "Your version of WSHOP does not have %(endpoint)s. Ask WSHOP for an update, or send this"
        " data as CSV files."
    )


class MaintenanceError(ShopDownError):
    code = "wshop_maintenance"
    text = _("WSHOP is under maintenance. We try again by ourselves.")


class ShopFailedError(ShopDownError):
    code = "wshop_shop_failed"
    text = _("WSHOP failed while it answered %(endpoint)s. We try again by ourselves.")


class MovingListError(RetryLaterError):
    code = "wshop_moving_list"
    text = _("The list changed again and again while we read it. We try again by ourselves.")


class MalformedAnswerError(UnexpectedAnswerError):
    code = "wshop_malformed_answer"
    text = _(
        "WSHOP answered %(endpoint)s in a form that we do not understand. Kleep has been told and"
        " looks into it."
    )


class RefusedError(UnexpectedAnswerError):
    """WSHOP says no for a reason that is in none of our words; its own words are in the detail."""

    code = "wshop_refused"
    text = _(
        "WSHOP refused %(endpoint)s for a reason that we do not know yet. Kleep has been told and"
        " looks into it."
    )


class TableError(UnexpectedAnswerError):
    """The shop does not behave as its table in dialect.py says; the detail names the entry."""

    code = "wshop_table"
    text = _(
        "WSHOP answered %(endpoint)s differently from what we expect. Kleep has been told and"
        " adapts to your shop."
    )
