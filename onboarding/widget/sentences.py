"""What each finding on a product page means for the merchant: what it is, and what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connectors import errors
from onboarding.widget import detect
from onboarding.widget.detect import Finding, Tone

TITLES: dict[str, Promise] = {
    "right": _("The button's code is right"),
    "missing": _("The button's code is not on this page"),
    "twice": _("The button's code is on this page more than once"),
    "other_shop": _("The code on this page belongs to another shop"),
    "no_retailer": _("The code on this page has no retailer id"),
    "unfilled": _("The code does not say which product this is"),
    "old": _("The code on this page is an earlier version"),
    "wrong_site": _("The code on this page was made for another site"),
    "own_code": _("Kleep is called by code of your own"),
    "tag_manager": _("A tag manager may add the button"),
    "listing": _("This is a list of products, not a product page"),
    "log_in": _("This page asks visitors to log in"),
    "password_needed": _("This page asks for a user name and a password"),
    "password_refused": _("The user name and the password are refused"),
    "not_found": _("There is no page at this address"),
    "refused": _("Your site does not let us see this page"),
    "no_page": _("This address gives no web page"),
    "unreachable": _("The page could not be reached"),
    "failed": _("We could not look at this page"),
    "policy": _("Your security policy blocks Kleep"),
    "policy_inline": _("Your security policy blocks the snippet"),
    "policy_nonce": _("The snippet lacks the nonce of your security policy"),
}
TEXTS: dict[str, Promise] = {
    "right": _(
        "It is there once, up to date, for your shop, and no security policy stops it. Whether the button"
        " shows and opens is seen in a browser: that is the next step."
    ),
    "missing": _(
        "Paste the snippet into the template of your product pages, or install the module, then empty your"
        " shop's caches and look again."
    ),
    "twice": _(
        "We found it %(count)s times. Look for it in the template, in the tag manager and among your modules,"
        " and keep one."
    ),
    "other_shop": _("It carries the id %(found)s. Replace it by the snippet of this page."),
    "no_retailer": _(
        "Enter the retailer id that Kleep gave you in the settings below, then paste the new snippet."
    ),
    "unfilled": _(
        "Where the snippet says data-kleep-product, your template must write the product's id. Replace"
        " {{ product.id }} by the way your template language writes it."
    ),
    "old": _(
        "Settings have changed since it was copied (it says %(version)s). Copy the snippet again, or install"
        " the module again."
    ),
    "wrong_site": _(
        "It says “%(site)s”. Choose the right site above and copy its snippet; with the Magento module, set"
        " “This site is” in its settings."
    ),
    "own_code": _(
        "That may work, but we cannot tell whether it is up to date, nor whether it waits for consent. We"
        " advise to replace it by the snippet."
    ),
    "tag_manager": _(
        "The page loads %(container)s, and what a tag manager adds cannot be seen without a browser. If the"
        " button is in it, go on to the check in a browser; otherwise paste the snippet."
    ),
    "listing": _(
        "The button belongs on product pages; it does not work in lists or quick views. Enter the address of"
        " one product."
    ),
    "log_in": _(
        "We cannot log in to your shop. Enter a page that visitors see without an account, or open the test"
        " site to us."
    ),
    "password_needed": _(
        "Enter them below for this site: they are sealed, and nobody can read them here."
    ),
    "password_refused": _("Enter them again below, as your browser takes them for this site."),
    "not_found": _(
        "It answers %(status)s. Copy the address of a product on sale from your browser's address bar."
    ),
    "refused": _(
        "It answers %(status)s. Ask whoever looks after your firewall or bot protection to let the user agent"
        " “KleepPortal” in."
    ),
    "no_page": _("Copy the address of a product page from your browser's address bar."),
    "failed": _(
        "Something broke on our side, several times. Look again, and ask Kleep if it stays so."
    ),
    "policy": _(
        "Your Content-Security-Policy forbids it in %(directive)s. Replace that directive by the line below,"
        " in the %(where)s."
    ),
    "policy_inline": _(
        "Your Content-Security-Policy forbids scripts that stand in the page. Replace the directive by the"
        " line below, in the %(where)s; it allows this snippet alone and changes with it."
    ),
    "policy_nonce": _(
        "Your Content-Security-Policy allows scripts in the page only with the nonce of the request. Let your"
        " template write it into the snippet's script tag."
    ),
}
PLACES: dict[str, Promise] = {
    "header": _("HTTP header Content-Security-Policy"),
    "meta": _("meta tag Content-Security-Policy of the page"),
}


@dataclass(frozen=True, kw_only=True)
class Sentence:
    """A finding in the reader's language. `line`: to be copied as it is; blank where there is none."""

    code: str
    tone: Tone
    title: str
    text: str
    line: str

    @classmethod
    def of(cls, finding: Finding) -> "Sentence":
        params = dict(finding.params)
        return cls(
            code=finding.code,
            tone=detect.tone(finding),
            title=str(TITLES[finding.code]),
            text=_text(finding.code, params),
            line=params.get("line", ""),
        )


def _text(code: str, params: Mapping[str, str]) -> str:
    if code == "unreachable":
        return errors.render(params["code"], params)
    place = PLACES.get(params.get("where", ""))
    return str(TEXTS[code]) % {**params, "where": str(place or "")}
