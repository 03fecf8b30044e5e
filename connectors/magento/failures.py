"""What Magento fails at by itself, and what Kleep must look into: never the merchant's turn alone.

refusals.py decides which one an answer is. `report` is the number under which Magento logged its failure.
"""

from django.utils.translation import gettext_lazy as _

from connectors.errors import (
    RateLimitedError,
    RetryLaterError,
    ShopDownError,
    UnexpectedAnswerError,
)

# --- not for ever ---


class NonceReusedError(RetryLaterError):
    code = "magento_nonce"
    text = _(
        "Magento received one of our requests twice and refused the copy. We try again by"
        " ourselves."
    )


class MaintenanceError(ShopDownError):
    code = "magento_maintenance"
    text = _(
        "Your shop is in maintenance or overloaded (status %(status)s, title “%(title)s”). We"
        " try again by ourselves; nothing to do unless it lasts."
    )


class GatewayError(ShopDownError):
    code = "magento_gateway"
    text = _(
        "The server in front of Magento got no answer from it (status %(status)s, title"
        " “%(title)s”). We try again by ourselves; if it lasts, tell your host."
    )


class ErrorPageError(ShopDownError):
    code = "magento_error_page"
    check_status = "failed"
    text = _(
        "Magento shows an error page instead of an answer (status %(status)s, title"
        " “%(title)s”): its database may be down. We try again by ourselves; if it lasts, tell"
        " your developer."
    )


class InternalError(ShopDownError):
    code = "magento_internal"
    check_status = "failed"
    text = _(
        "Magento failed while answering and wrote report %(report)s to its log. We try again by"
        " ourselves; if it lasts, give that number to your developer."
    )


class FatalError(ShopDownError):
    code = "magento_fatal"
    check_status = "failed"
    text = _(
        "Magento's program stopped with a fatal error, report %(report)s. We try again by"
        " ourselves; if it lasts, give that number to your developer."
    )


class ServerError(ShopDownError):
    code = "magento_server"
    check_status = "failed"
    text = _(
        "Your shop's server reports a failure of its own (status %(status)s). We try again by"
        " ourselves."
    )


class TruncatedError(RetryLaterError):
    code = "magento_truncated"
    check_status = "failed"
    text = _(
        "Magento's answer broke off in the middle. We try again by ourselves; if it lasts, ask"
        " your host what limits the size of answers."
    )


class SlowDownError(RateLimitedError):
    code = "magento_slow_down"
    text = _(
        "Your shop asked us to slow down (status 429). We continue by ourselves in a moment;"
        " your visitors come first."
    )


class MovingListError(RetryLaterError):
    code = "magento_moving_list"
    text = _(
        "Your shop's list changed while we read it, again and again. We try again by ourselves."
    )


# --- ours, or a shop we do not know yet: staff are told ---


class AsyncReadError(UnexpectedAnswerError):
    code = "magento_async_read"
    text = _(
        "Magento's asynchronous API (async/V1) only takes writes. Kleep reads through V1 and"
        " has been told."
    )


class OAuthVersionError(UnexpectedAnswerError):
    code = "magento_oauth_version"
    text = _("Magento refuses the version of our signature. Kleep has been told.")


class QueryDroppedError(UnexpectedAnswerError):
    code = "magento_query_dropped"
    text = _(
        "Our question reached Magento without its search criteria: something in front of it"
        " cuts addresses after the question mark. Kleep has been told."
    )


class RecordNotFoundError(UnexpectedAnswerError):
    code = "magento_record_not_found"
    text = _("Magento says that a record it listed does not exist. Kleep has been told.")


class ParameterRequiredError(UnexpectedAnswerError):
    code = "magento_parameter_required"
    text = _("Magento wants a value that we did not send (%(name)s). Kleep has been told.")


class UnknownFilterError(UnexpectedAnswerError):
    code = "magento_unknown_filter"
    text = _("Magento does not know a field by which we asked (%(name)s). Kleep has been told.")


class UnknownCriterionError(UnexpectedAnswerError):
    code = "magento_unknown_criterion"
    text = _("Magento does not know part of our question (%(name)s). Kleep has been told.")


class SortDirectionError(UnexpectedAnswerError):
    code = "magento_sort_direction"
    text = _("Magento refuses the order in which we asked. Kleep has been told.")


class ValueTypeError(UnexpectedAnswerError):
    code = "magento_value_type"
    text = _("Magento expected a number where we sent something else. Kleep has been told.")


class PageSizeError(UnexpectedAnswerError):
    """`maximum`: rows per page that the shop allows. The client asks again with that."""

    code = "magento_page_size"
    text = _("Your shop allows at most %(maximum)s rows per answer. Kleep has been told.")

    def allowed(self, asked: int) -> int:
        """The size to ask again with. Raises itself where that is not smaller than what was asked."""
        maximum = int(self.params["maximum"])
        if not 0 < maximum < asked:
            raise self
        return maximum


class BodyRefusedError(UnexpectedAnswerError):
    code = "magento_body"
    text = _("Magento could not read what we sent. Kleep has been told.")


class ContentTypeRefusedError(UnexpectedAnswerError):
    code = "magento_content_type"
    text = _("Magento refuses the format in which we sent. Kleep has been told.")


class AcceptRefusedError(UnexpectedAnswerError):
    code = "magento_accept"
    text = _("Magento cannot answer in the format that we asked for. Kleep has been told.")


class MethodRefusedError(UnexpectedAnswerError):
    code = "magento_method"
    text = _("Your shop's server refuses our way of asking (status 405). Kleep has been told.")


class RequestRefusedError(UnexpectedAnswerError):
    code = "magento_request"
    text = _(
        "Magento refuses our question for a reason that we do not know yet (status %(status)s)."
        " Kleep has been told."
    )


class NotJsonError(UnexpectedAnswerError):
    code = "magento_not_json"
    text = _(
        "Magento answered in another format than asked (%(content_type)s). Kleep has been told."
    )


class MixedJsonError(UnexpectedAnswerError):
    code = "magento_mixed_json"
    text = _(
        "Something was printed into Magento's answer, such as a PHP warning, so that it cannot"
        " be read. Ask your developer to turn display_errors off."
    )


class UnknownShapeError(UnexpectedAnswerError):
    code = "magento_shape"
    text = _(
        "Magento's answer does not look as expected; an extension may have changed it. Kleep"
        " has been told."
    )


class FilterIgnoredError(UnexpectedAnswerError):
    code = "magento_filter_ignored"
    text = _(
        "Your shop did not give the records that we asked for: it ignores our filter or our"
        " order. Kleep has been told."
    )


class PageRepeatedError(UnexpectedAnswerError):
    code = "magento_page_repeated"
    text = _(
        "Your shop gave the same page of records again instead of the next one. Kleep has been"
        " told."
    )


class TooManyPagesError(UnexpectedAnswerError):
    code = "magento_too_many_pages"
    text = _("Your shop gives more records than it announced. We stopped; Kleep has been told.")
