"""The access to a shop's API: the form, its hints while typing, and “is this the one we have?”."""

import re
from typing import Any

from django.contrib import messages
from django.forms import BoundField
from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from connectors import connections
from connectors.base import Connector, CredentialsForm
from connectors.connections import TooManyGuessesError
from connectors.errors import ConnectorError
from onboarding import access as rights
from onboarding import notices, platforms, services
from onboarding.access import MemberRequest
from onboarding.forms import SecretForm
from onboarding.models import Shop
from onboarding.views.pages import shop_response, telling_when_the_queue_is_down

# In an address: https://user:password@shop. Looked for at the beginning of a word alone, and bounded: it
# meets whatever was typed, however long.
USER_AND_PASSWORD = re.compile(r"(?<![^/\s,])[^/\s@:]{0,200}:[^/\s@]{1,200}@")


@rights.shop_task("access")
def access(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """Credentials are tried on the shop before they are kept; on a refusal nothing changes."""
    if platforms.connector_of(shop) is None:
        return redirect("platform", shop.slug)
    form = _form(shop, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _save(request, shop, form):
        messages.success(request, _("Your shop accepts these credentials. They are saved."))
        with telling_when_the_queue_is_down(request):
            services.start_check(shop, by=request.actor)
        return redirect("check", shop.slug)
    return _page(request, shop, form=form)


@require_POST
@rights.shop_task("access")
def hints(request: MemberRequest, shop: Shop) -> HttpResponse:
    """What the form would say so far, for fields that are filled. Never what was typed."""
    form = _form(shop, request.POST)
    form.is_valid()
    # The browser has emptied a paste that it sorted, and says so in the same place.
    shown = [field for field in form if field.name != "paste" or field.data]
    found = [(field.html_name, _hint(field)) for field in shown]
    return render(request, "onboarding/_hints.html", {"hints": found})


@require_POST
@rights.shop_change
def compare(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """A yes or no, counted and written down; the stored value is never shown."""
    if shop.connection is None:
        raise Http404
    form = SecretForm(request.POST, names=_names(shop))
    if not form.is_valid():
        return _page(request, shop, compare_form=form)
    return _page(request, shop, compare_answer=_answer(request, shop, form))


def _answer(request: MemberRequest, shop: Shop, form: SecretForm) -> dict[str, str]:
    values = form.cleaned_data
    try:
        same = services.compare_secret(shop, values["name"], values["value"], by=request.user)
    except TooManyGuessesError:
        return {"tone": "warn", "text": _("Too many questions. Please wait ten minutes.")}
    if same:
        return {"tone": "good", "text": _("Yes, this is the one that is stored.")}
    return {"tone": "bad", "text": _("No, another value is stored.")}


def _save(request: MemberRequest, shop: Shop, form: CredentialsForm) -> bool:
    """Whether the shop accepted them. A refusal is put on the form; nothing is stored then."""
    try:
        services.save_credentials(
            shop,
            platform=_connector(shop).key,
            config=form.to_config(),
            secrets=form.to_secrets(),
            by=request.actor,
        )
    except ConnectorError as error:
        form.add_error(None, error.message)
        return False
    return True


def _form(shop: Shop, data: QueryDict | None) -> CredentialsForm:
    connection = shop.connection
    return _connector(shop).form(
        data,
        config=connection.config if connection else None,
        kept=tuple(connections.fingerprints(connection)) if connection else (),
    )


def _page(
    request: MemberRequest,
    shop: Shop,
    *,
    form: CredentialsForm | None = None,
    compare_form: SecretForm | None = None,
    compare_answer: dict[str, str] | None = None,
) -> HttpResponse:
    connector = _connector(shop)
    shown = form or _form(shop, None)
    if shown.is_bound:
        _forget_secrets(shown, connector)
    notes = _notes(shop, is_hidden=request.hand_off is not None)
    context: dict[str, Any] = {
        "form": shown,
        "fields": [
            (f, notes.get(f.name, ""), shown.guide_steps.get(f.name))
            for f in shown
            if f.name != "paste"
        ],
        "steps_of": shown.guide_steps,
        "platform": connector.label,
        "guide": connector.guide,
        "resources": connector.resources,
        "reminder": notices.old_secrets(shop.connection),
        "sharable": platforms.sharable(shop),
        "is_connected": platforms.is_connected(shop),
        "is_accepted": platforms.is_accepted(shop) and not shown.errors,
        "compare_form": _compare_form(request, shop, compare_form) if notes else None,
        "compare_answer": compare_answer,
    }
    return shop_response(request, shop, "onboarding/access.html", here="access", context=context)


def _forget_secrets(form: CredentialsForm, connector: type[Connector]) -> None:
    """What was typed is shown again, what was pasted too, sorted; of secrets nothing comes back."""
    data = dict(form.data.items())
    for name in (*connector.secret_names, "paste"):
        data.pop(name, None)
    for name, value in getattr(form, "cleaned_data", {}).items():
        if name in form.fields and name not in connector.secret_names and not data.get(name):
            data[name] = "" if name == "paste" else value
    form.data = {name: USER_AND_PASSWORD.sub("", str(value)) for name, value in data.items()}


def _connector(shop: Shop) -> type[Connector]:
    """Of a shop whose platform is known: before it is, these addresses lead nowhere."""
    connector = platforms.connector_of(shop)
    if connector is None:
        raise Http404
    return connector


def _names(shop: Shop) -> tuple[str, ...]:
    return _connector(shop).secret_names


def _compare_form(request: MemberRequest, shop: Shop, form: SecretForm | None) -> SecretForm | None:
    """Not for whoever holds a link: they write secrets and learn nothing of those that are stored."""
    if request.hand_off:
        return None
    return form or SecretForm(names=_names(shop))


def _notes(shop: Shop, *, is_hidden: bool) -> dict[str, str]:
    """Beside each stored secret: that it is there; unless hidden, since when, by whom, its fingerprint."""
    connection = shop.connection
    if connection is None or connection.secrets_set_at is None:
        return {}
    if is_hidden:
        text = _("One is stored. Leave it blank to keep it.")
        return dict.fromkeys(connections.fingerprints(connection), text)
    set_at = formats.date_format(timezone.localtime(connection.secrets_set_at), "j F Y")
    text = _("Set on %(date)s by %(who)s, fingerprint %(print)s. Leave it blank to keep it.")
    return {
        name: text % {"date": set_at, "who": connection.secrets_set_by or "Kleep", "print": mark}
        for name, mark in connections.fingerprints(connection).items()
    }


def _hint(bound: BoundField) -> str:
    """The first mistake of a filled field; blank fields are not scolded before they are sent."""
    if bound.data in (None, ""):
        return ""
    return str(bound.errors[0]) if bound.errors else ""
