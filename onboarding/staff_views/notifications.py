"""Whom the portal tells of what: webhooks, one's own e-mails, and the log of what was delivered."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from kleep_portal.crypto import SealError
from onboarding import access, alerts, delivery, outcomes
from onboarding.access import MemberRequest
from onboarding.models import Mail, MailChoice, StaffRole, Webhook
from onboarding.notification_forms import MailChoiceForm, WebhookForm
from onboarding.services import notifications as services

PER_PAGE = 50
STATES = ("waiting", "sent", "failed")


def _may_manage(request: MemberRequest) -> bool:
    return request.user.staff_role == StaffRole.MANAGER or request.user.is_superuser


@require_safe
@access.staff_page
def notifications(request: MemberRequest) -> HttpResponse:
    return _page(request)


def _page(request: MemberRequest, *, choice: MailChoiceForm | None = None) -> HttpResponse:
    mine = MailChoice.objects.filter(user=request.user).first()
    context = {
        "webhooks": [_shown(webhook) for webhook in Webhook.objects.all()],
        "choice_form": choice or MailChoiceForm(instance=mine),
        "may_manage": _may_manage(request),
    }
    return render(request, "console/notifications.html", context)


def _shown(webhook: Webhook) -> dict[str, Any]:
    told = [alerts.sentence(kind) for kind in alerts.KINDS if kind in webhook.events]
    return {"webhook": webhook, "told": told, "everything": len(told) == len(alerts.KINDS)}


@require_POST
@access.staff_page
def mail_choice(request: MemberRequest) -> HttpResponse:
    """One's own e-mails."""
    mine = MailChoice.objects.filter(user=request.user).first()
    form = MailChoiceForm(request.POST, instance=mine)
    if not form.is_valid():
        return _page(request, choice=form)
    services.save_mail_choice(request.user, form.cleaned_data)
    messages.success(request, _("Noted. It holds for what waits already, too."))
    return redirect("notifications")


@never_cache
@access.staff_change(StaffRole.MANAGER)
def webhook_new(request: MemberRequest) -> HttpResponseBase:
    form = WebhookForm(request.POST or None, initial={"language": request.LANGUAGE_CODE})
    return _edit(request, Webhook(), form)


@never_cache
@access.staff_change(StaffRole.MANAGER)
def webhook(request: MemberRequest, webhook: uuid.UUID) -> HttpResponseBase:
    found = get_object_or_404(Webhook, pk=webhook)
    return _edit(request, found, WebhookForm(request.POST or None, instance=found))


def _edit(request: MemberRequest, found: Webhook, form: WebhookForm) -> HttpResponseBase:
    if request.method == "POST" and form.is_valid():
        try:
            secret = services.save_webhook(
                found, form.values, url=form.cleaned_data["url"], by=request.user
            )
        except SealError:
            form.add_error("url", str(outcomes.REASONS["unreadable"]))
        else:
            if secret:
                return _show(request, found, secret=secret)
            messages.success(request, _("Saved. Send a test to see whether it arrives."))
            return redirect("webhook", found.pk)
    return _show(request, found, form)


def _show(
    request: MemberRequest,
    found: Webhook,
    form: WebhookForm | None = None,
    *,
    secret: str = "",
) -> HttpResponse:
    """The page of one webhook. A new secret stands on this one page and nowhere else, ever."""
    is_new = found._state.adding
    if form is not None and form.errors and not is_new:
        found.refresh_from_db()  # the form has written into it
    tests = Mail.objects.filter(webhook=found, kind=alerts.TEST)
    context = {
        "webhook": found,
        "is_new": is_new,
        "form": form or WebhookForm(instance=found),
        "secret": secret,
        "test": None if is_new else tests.first(),
        "is_signed": found.kind == Webhook.Kind.GENERIC,
    }
    return render(request, "console/webhook.html", context)


@require_POST
@access.staff_change(StaffRole.MANAGER)
def webhook_test(request: MemberRequest, webhook: uuid.UUID) -> HttpResponse:
    """A real message now; the next page says what came of it."""
    found = get_object_or_404(Webhook, pk=webhook)
    services.try_webhook(found, by=request.user)
    return redirect("webhook", found.pk)


@never_cache
@require_POST
@access.staff_change(StaffRole.MANAGER)
def webhook_secret(request: MemberRequest, webhook: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Webhook, pk=webhook, kind=Webhook.Kind.GENERIC)
    try:
        secret = services.renew_secret(found, by=request.user)
    except SealError:
        messages.error(request, str(outcomes.REASONS["unreadable"]))
        return redirect("webhook", found.pk)
    return _show(request, found, secret=secret)


@require_POST
@access.staff_change(StaffRole.MANAGER)
def webhook_switch(request: MemberRequest, webhook: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Webhook, pk=webhook)
    services.switch(found, on=request.POST.get("on") == "yes", by=request.user)
    said = _("%(name)s is switched off.") if found.off else _("%(name)s is told again.")
    messages.success(request, said % {"name": found.name})
    return redirect("notifications")


@require_POST
@access.staff_change(StaffRole.MANAGER)
def webhook_remove(request: MemberRequest, webhook: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Webhook, pk=webhook)
    services.remove_webhook(found, by=request.user)
    messages.success(request, _("%(name)s was removed.") % {"name": found.name})
    return redirect("notifications")


@require_safe
@access.staff_page
def message_log(request: MemberRequest) -> HttpResponse:
    """What was delivered, the newest first, in pages that cost the same however much there is."""
    state = request.GET.get("state", "")
    mails = _in_state(state if state in STATES else "")
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit():
        mails = mails.filter(pk__lt=int(before[:18]))
    found = list(
        mails.select_related("shop", "merchant", "webhook").order_by("-pk")[: PER_PAGE + 1]
    )
    context = {
        "rows": [_row(mail) for mail in found[:PER_PAGE]],
        "older": found[PER_PAGE - 1].pk if len(found) > PER_PAGE else None,
        "state": state if state in STATES else "",
        "may_manage": _may_manage(request),
    }
    return render(request, "console/messages.html", context)


def _in_state(state: str) -> QuerySet[Mail]:
    match state:
        case "waiting":
            return delivery.open_ones()
        case "sent":
            return Mail.objects.exclude(sent_at=None)
        case "failed":
            return delivery.failed_ones()
    return Mail.objects.all()


def _row(mail: Mail) -> dict[str, Any]:
    is_over = mail.given_up_at is not None or mail.attempts >= delivery.ATTEMPTS
    state = "sent" if mail.sent_at else "failed" if is_over else "waiting"
    return {
        "mail": mail,
        "title": alerts.title(mail),
        "to": mail.webhook or mail.to,
        "state": state,
    }


@require_POST
@access.staff_change(StaffRole.MANAGER)
def message_again(request: MemberRequest, message: int) -> HttpResponse:
    mail = get_object_or_404(Mail.objects.select_related("shop", "merchant"), pk=message)
    if services.send_again(mail, by=request.user):
        messages.success(request, _("It is sent again."))
    else:
        messages.warning(request, _("It is not sent yet: it goes out by itself."))
    return redirect("message_log")
