"""What each line proves and what each finding means for the merchant: what to change, in their language."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from connectors import errors
from onboarding.browser.lines import Finding, Item

TITLES: dict[Item, Promise] = {
    Item.PAGE: _("The product page opens"),
    Item.CONSENT: _("Nothing of Kleep loads before the visitor agrees"),
    Item.POLICY: _("The page's security policy lets Kleep in"),
    Item.SCRIPT: _("Kleep's script runs without an error"),
    Item.CORS: _("Kleep's servers answer this site (CORS)"),
    Item.BUTTON: _("The button is displayed and can be pressed"),
    Item.DRAWER: _("A click opens the drawer, and it loads"),
    Item.VARIANT: _("The product and the chosen size are passed on"),
    Item.SPEED: _("The page stays fast"),
}
SCREENS: dict[str, Promise] = {
    "desktop": _("On a computer"),
    "mobile": _("On a telephone"),
}
FINDINGS: dict[str, Promise] = {
    "page_crashed": _("The page makes the browser crash. Open it in Chrome and watch its memory."),
    "page_private": _(
        "The page sends its visitors to %(host)s, an address of a private network, which we never open."
        " Remove that redirect, or give us a page that anybody on the internet can open."
    ),
    "page_timeout": _(
        "The page did not open within 20 seconds. Check that it opens for visitors from outside your"
        " network and that it ends, then run the check again."
    ),
    "page_certificate": _(
        "The browser does not trust the page's certificate (%(reason)s). Ask your host to renew it."
    ),
    "page_password": _(
        "The page asks for a user name and a password. Enter them with your product pages, so that we can"
        " open it."
    ),
    "page_status": _(
        "The page answers with HTTP %(status)s. Give us the address of a product that is on sale, and let"
        " our browser through your firewall."
    ),
    "page_download": _("The address gives a file to download, not a page. Enter a product page."),
    "page_failed": _(
        "The page cannot be opened (%(reason)s). Open it yourself, then run the check again."
    ),
    "page_moved": _(
        "The page sends its visitors on to %(where)s. Give us the address at which they end."
    ),
    "stopped_windows": _(
        "The page opens window after window. We ended the visit: look for a script that calls window.open."
    ),
    "stopped_time": _(
        "The page kept the browser busy until our time was up: it may never stop loading, or open dialogue"
        " after dialogue. We ended the visit."
    ),
    "stopped_memory": _(
        "The page uses more memory than a visitor's browser has. We ended the visit: look for a script that"
        " keeps growing."
    ),
    "stopped_bytes": _(
        "The page loads far more than a visitor would wait for. We ended the visit: make its images smaller."
    ),
    "stopped_requests": _(
        "The page makes thousands of requests. We ended the visit: look for a script that asks in a loop."
    ),
    "consent_requests": _(
        "The page asks %(hosts)s before the visitor has agreed to anything. Load the snippet from your"
        " consent tool, as the steps of “Add the button” say."
    ),
    "consent_storage": _(
        "Kleep's data is written before the visitor has agreed: %(names)s. Load the snippet from your consent"
        " tool only."
    ),
    "policy_blocks": _(
        "Your Content-Security-Policy blocks %(host)s. Change it, in the header or the meta tag of the page,"
        " so that it contains: %(line)s"
    ),
    "policy_inline": _(
        "Your Content-Security-Policy (%(directive)s) blocks Kleep's snippet, because it stands in the page"
        " itself. Give the snippet's script tag the nonce that your policy uses, or put it into a file of"
        " your shop."
    ),
    "script_missing": _(
        "Kleep's script at %(url)s did not load (%(reason)s). Compare the address with the snippet of this"
        " portal; if they are the same, tell Kleep."
    ),
    "script_error": _(
        "Kleep's script stops with an error: “%(text)s”. Replace the snippet with today's; if the error"
        " stays, send this line back to Kleep."
    ),
    "cors": _(
        "The browser blocks the answer of %(host)s: its header %(header)s does not allow %(origin)s. Kleep"
        " must add your site there: ask your contact, naming this line."
    ),
    "button_not_loaded": _(
        "The page never asked for Kleep's script, not even after consent was given. Check that the snippet is"
        " on this page, and that your consent tool starts it."
    ),
    "button_no_consent": _(
        "The page never asked for Kleep's script, and we saw no consent tool to agree in. Check that the"
        " snippet is on this page; if your banner is your own, enter its accept button in the settings."
    ),
    "button_missing": _(
        "Kleep's script loads, but no button appears. Check the place that you chose for it: that element"
        " must be on every product page."
    ),
    "button_switched_off": _(
        "Kleep keeps the button switched off for this product: it does not know the product's id. Check that"
        " the snippet passes the id that is in your catalogue."
    ),
    "button_hidden": _("The button is there, but your styles hide it: %(by)s. Remove that rule."),
    "button_small": _(
        "The button is %(width)s × %(height)s pixels; fingers need at least %(least)s × %(least)s. Look for a"
        " style that makes it smaller."
    ),
    "button_outside": _(
        "The button lies outside the screen, where nobody can scroll to. Look for a style that moves it."
    ),
    "button_covered": _(
        "Something lies over the button: %(by)s. Give the button a free place, or that element a lower"
        " z-index."
    ),
    "button_contrast": _(
        "The button's text can hardly be read: its contrast is %(ratio)s to 1, and 4.5 to 1 is needed. Choose"
        " the other colour, or remove the style that changes it."
    ),
    "drawer_click": _(
        "The button does not react to a click: it moves, is disabled, or something takes the click. Look for"
        " scripts that stop clicks."
    ),
    "drawer_left": _(
        "A click on the button leads to another page. Another script treats it as a link or as part of the"
        " order form."
    ),
    "drawer_closed": _(
        "A click on the button opens nothing. Look in the browser's console for an error, and for another"
        " script that stops clicks."
    ),
    "drawer_status": _(
        "The drawer at %(host)s answers with HTTP %(status)s. That is for Kleep to mend: tell your contact."
    ),
    "drawer_refused": _(
        "%(host)s does not let your site show the drawer (X-Frame-Options or frame-ancestors). Kleep must"
        " allow your site: tell your contact."
    ),
    "drawer_failed": _(
        "The drawer at %(host)s did not load (%(reason)s). Run the check again; if it stays so, tell Kleep."
    ),
    "drawer_small": _(
        "The drawer opens with %(width)s × %(height)s pixels only. A style of your shop changes iframes:"
        " exclude this one."
    ),
    "drawer_other_shop": _(
        "The drawer opens for another shop (“%(given)s”). Replace the snippet with the one of this portal."
    ),
    "variant_no_product": _(
        "The drawer is not told which product it is for. Put the product's id into the snippet."
    ),
    "variant_unseen": _(
        "We found no list of sizes on this page. Choose a size yourself, open the drawer and see whether it"
        " knows."
    ),
    "variant_missing": _(
        "A size was chosen, and the drawer was not told. Enter the field that holds the chosen variant's id"
        " in the settings of the button."
    ),
    "variant_same": _(
        "Two different sizes were chosen, and the drawer was told the same. The field that the snippet reads"
        " does not change with the choice."
    ),
    "speed_late": _(
        "The button came %(seconds)s seconds after consent: visitors may have gone on."
    ),
    "speed_added": _(
        "Kleep adds %(seconds)s seconds to the loading of the page. Tell your contact."
    ),
    "after_page": _("Not tested: the page did not open."),
    "after_policy": _("Not tested: the security policy has to be changed first."),
    "after_script": _("Not tested: the script has to run first."),
    "after_button": _("Not tested: the button has to be there first."),
    "after_drawer": _("Not tested: the drawer has to open first."),
}


def title(item: str) -> str:
    return str(TITLES[Item(item)])


def sentence(finding: Finding) -> str:
    """What was found and what to do, in the active language, with the screen where it is on one only."""
    said = _said(finding.code, finding.params)
    if not finding.screen:
        return said
    return str(_("%(name)s: %(value)s") % {"name": SCREENS[finding.screen], "value": said})


def _said(code: str, params: Mapping[str, Any]) -> str:
    if code == "page_refused":  # the network door's own sentence
        return errors.render(str(params["error"]), {"host": params["host"], "port": ""})
    text = str(FINDINGS[code])
    return text % params if params else text
