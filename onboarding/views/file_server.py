"""A merchant's own SFTP server: its host key is shown first, then the log-in is tried, step by step."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from connectors import checking, connections, registry, sshkeys, tasks
from connectors.base import CredentialsForm, Settings
from connectors.errors import ConnectorError
from connectors.fileserver import FileServer
from connectors.models import Check
from onboarding import access, findings
from onboarding.access import MemberRequest
from onboarding.file_forms import ServerForm
from onboarding.models import FileSource, Shop
from onboarding.services import files as services
from onboarding.views.pages import shop_response, telling_when_the_queue_is_down

SECRETS = ("password", "private_key", "passphrase")


@access.shop_task("files")
def page(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """Step 1: which server; its key is shown. Step 2: how to log in, once the key was compared."""
    if request.method != "POST":
        return _first(request, shop, ServerForm(initial=_known(shop)))
    if "host_key" in request.POST:
        return _save(request, shop)
    form = ServerForm(request.POST)
    if form.is_valid():
        asked = _form(shop, _data(form))
        asked.is_valid()
        if "host" in asked.errors:
            form.add_error("host", [str(error) for error in asked.errors["host"]])
        else:
            return _show_key(request, shop, form, asked)
    return _first(request, shop, form)


@require_POST
@access.shop_task("files")
def check(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    server = _source(shop).server
    assert server is not None  # noqa: S101  # just seen
    started = checking.start(server)
    with telling_when_the_queue_is_down(request):
        tasks.check_connection.delay(started.pk)
    return redirect("file_server", shop.slug)


@require_safe
@access.shop_task("files", viewers=True)
def lines(request: MemberRequest, shop: Shop) -> HttpResponse:
    context = {"shop": shop, **_lines(_source(shop))}
    return render(request, "onboarding/_server_lines.html", context)


def _show_key(
    request: MemberRequest, shop: Shop, form: ServerForm, asked: CredentialsForm
) -> HttpResponse:
    data = asked.cleaned_data
    host = f"[{data['host']}]" if ":" in data["host"] else data["host"]
    try:
        key = _host_key(f"sftp://{host}:{data['port']}")
    except ConnectorError as error:
        form.add_error("host", error.message)
        return _first(request, shop, form)
    shown = _form(shop, None)
    shown.initial = {"host": data["host"], "port": data["port"], "host_key": key}
    return _second(request, shop, shown, host_key=key)


def _save(request: MemberRequest, shop: Shop) -> HttpResponseBase:
    """The person has compared the fingerprint: log in, keep it, and test every step."""
    form = _form(shop, request.POST)
    host_key = request.POST["host_key"][:2_000]
    if form.is_valid():
        try:
            services.save_file_server(
                shop, config=form.to_config(), secrets=form.to_secrets(), by=request.actor
            )
        except ConnectorError as error:
            form.add_error(None, error.message)
        else:
            return check(request, slug=shop.slug)
    form.data = {name: value for name, value in form.data.items() if name not in SECRETS}
    return _second(request, shop, form, host_key=host_key)


def _host_key(url: str) -> str:
    connector = registry.platforms()["sftp"]
    with connector(Settings(config={"url": url}, secrets={}, pseudonym=str)) as server:
        assert isinstance(server, FileServer)  # noqa: S101  # "sftp" is one
        return server.host_key()


def _form(shop: Shop, data: QueryDict | dict[str, Any] | None) -> CredentialsForm:
    server = services.source_of(shop).server
    return registry.platforms()["sftp"].form(
        data,
        config=server.config if server else None,
        kept=tuple(connections.fingerprints(server)) if server else (),
    )


def _data(form: ServerForm) -> dict[str, Any]:
    return {"host": form.cleaned_data["host"], "port": form.cleaned_data["port"] or 22}


def _known(shop: Shop) -> dict[str, Any]:
    shown = _form(shop, None)
    return {name: shown.fields[name].initial for name in ("host", "port")}


def _first(request: MemberRequest, shop: Shop, form: ServerForm) -> HttpResponse:
    source = services.source_of(shop)
    context = {"form": form, "source": source, **(_lines(source) if source.server else {})}
    return shop_response(
        request, shop, "onboarding/file_server.html", here="files", context=context
    )


def _second(
    request: MemberRequest, shop: Shop, form: CredentialsForm, *, host_key: str
) -> HttpResponse:
    fields = [form[name] for name in ("user", "folder", *SECRETS)]
    hidden = [form[name].as_hidden() for name in ("host", "port", "host_key")]
    try:
        mark = sshkeys.fingerprint(host_key)
    except (ValueError, IndexError):
        raise Http404 from None
    context = {
        "form": form,
        "fields": fields,
        "hidden": hidden,
        "host": form["host"].value(),
        "fingerprint": mark,
        "kind": host_key.partition(" ")[0],
        "guide": registry.platforms()["sftp"].guide,
        "has_secret": bool(form.kept),
    }
    return shop_response(
        request, shop, "onboarding/file_server_login.html", here="files", context=context
    )


def _source(shop: Shop) -> FileSource:
    source = services.source_of(shop)
    if source.server is None:
        raise Http404
    return source


def _lines(source: FileSource) -> dict[str, Any]:
    latest: Check | None = source.server.checks.first() if source.server else None
    if latest is None:
        return {"lines": []}
    found = findings.lines(latest)
    return {
        "lines": found,
        "is_running": latest.finished_at is None,
        "summary": findings.summary(latest, found),
    }
