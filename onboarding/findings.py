"""What a check found, in the merchant's words: one line per resource, a summary, a message to hand on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, get_language_info, ngettext, override
from django.utils.translation import gettext as _

from connectors import checking
from connectors.base import Resource
from connectors.models import Check, CheckLine

STUCK_AFTER = timedelta(seconds=15)

Status = CheckLine.Status
TONES = {
    Status.READY: "good",
    Status.NOT_TESTED: "busy",
    Status.EMPTY: "warn",
    Status.NOT_AVAILABLE: "warn",
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One resource on the page. `tone` colours it; `path` is where its checkbox is; `counted`: of what."""

    resource: str
    label: str
    status: str
    status_text: str
    tone: str
    blocks: bool
    severity_text: str
    count: int | None
    counted: str
    message: str
    path: str
    permission_ids: tuple[str, ...]
    printed: tuple[str, ...]
    http_status: int | None
    request_id: str
    answered_at: datetime | None

    @property
    def is_waiting(self) -> bool:
        return self.status == Status.NOT_TESTED

    @property
    def may_test_again(self) -> bool:
        return not self.is_waiting

    @property
    def may_need_credentials(self) -> bool:
        """Magento gives new ones with every permission that is added."""
        return self.status in (Status.MISSING_PERMISSION, Status.CREDENTIALS)


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The whole check in two sentences; `text` is what a screen reader is told while it runs."""

    tone: str
    title: str
    detail: str

    @property
    def text(self) -> str:
        return f"{self.title} {self.detail}"


def lines(check: Check) -> list[Line]:
    """The lines in the connector's order."""
    found = {line.resource: line for line in check.lines.all()}
    resources = check.connection.connector_class.resources
    return [
        _line(found[r.name], r, _instead(check, r, found)) for r in resources if r.name in found
    ]


def _line(line: CheckLine, resource: Resource, instead: str) -> Line:
    status = Status(line.status)
    blocks = checking.severity(resource) == "blocks_go_live"
    permission = resource.permission if status is Status.MISSING_PERMISSION else None
    return Line(
        resource=line.resource,
        label=str(resource.label),
        status=status,
        status_text=str(status.label),
        tone=TONES.get(status, "bad" if blocks else "warn"),
        blocks=blocks,
        severity_text=_severity(resource),
        count=line.count,
        counted=str(resource.counted),
        message=" ".join(filter(None, [line.message, instead])),
        path=str(permission.path) if permission else "",
        permission_ids=(permission.id,) if permission else (),
        printed=permission.printed if permission else (),
        http_status=line.http_status,
        request_id=line.request_id,
        answered_at=line.answered_at,
    )


def _severity(resource: Resource) -> str:
    """What needs no permission tells whether the shop answers: where it does not, the other lines say so."""
    if resource.required:
        return _("needed to go live")
    return _("does not block the go-live") if resource.permission else ""


def _instead(check: Check, resource: Resource, found: dict[str, CheckLine]) -> str:
    """What another resource does for one that the shop does not have."""
    if found[resource.name].status != Status.NOT_AVAILABLE:
        return ""
    connector = check.connection.connector_class
    decided = connector.decided(check.connection.config)
    for other in connector.resources:
        if other.instead_of != resource.name or not decided.get(other.name, True):
            continue
        match found[other.name].status if other.name in found else "":
            case Status.READY | Status.EMPTY:
                return _("Kleep reads this instead: %(what)s.") % {"what": other.label}
            case Status.MISSING_PERMISSION:
                said = _("Kleep can read this instead, once it is allowed to: %(what)s.")
                return said % {"what": other.label}
    return ""


def is_stuck(check: Check, lines: Iterable[Line]) -> bool:
    """Nothing was answered for a while: no worker has taken it yet."""
    return (
        check.finished_at is None
        and all(line.is_waiting for line in lines)
        and timezone.now() - check.started_at > STUCK_AFTER
    )


def summary(check: Check, lines: list[Line]) -> Summary:
    waiting = sum(line.is_waiting for line in lines)
    if check.finished_at is None or waiting:
        return Summary(
            tone="calm",
            title=_("Testing…"),
            detail=_("%(done)s of %(all)s tested.")
            % {"done": len(lines) - waiting, "all": len(lines)},
        )
    blocking = sum(line.tone == "bad" and line.blocks for line in lines)
    if blocking:
        return Summary(
            tone="bad",
            title=ngettext(
                "%(number)s thing that is needed cannot be read.",
                "%(number)s things that are needed cannot be read.",
                blocking,
            )
            % {"number": blocking},
            detail=_("Each line below says what to do. Then test it again."),
        )
    if any(line.tone != "good" for line in lines):
        return Summary(
            tone="good",
            title=_("Everything that is needed can be read."),
            detail=_("Some lines below would make the advice better; they do not hold you up."),
        )
    return Summary(
        tone="good",
        title=_("Kleep can read everything."),
        detail=_("All permissions are there."),
    )


@dataclass(frozen=True, kw_only=True)
class Message:
    """For whoever administers the shop. `language`: its own name."""

    code: str
    language: str
    text: str

    @property
    def rows(self) -> int:
        return self.text.count("\n") + 2


def messages(shop_name: str, check: Check, lines: list[Line]) -> list[Message]:
    """What to allow, and where: in the reader's language first, then in the others. None is missing: []."""
    missing = [line.resource for line in lines if line.status == Status.MISSING_PERMISSION]
    if not missing:
        return []
    mine = get_language() or settings.LANGUAGE_CODE
    codes = sorted(dict(settings.LANGUAGES), key=lambda code: code != mine)
    return [_message(code, shop_name, check, missing) for code in codes]


def _message(code: str, shop_name: str, check: Check, missing: list[str]) -> Message:
    connector = check.connection.connector_class
    with override(code):
        needed = [connector.resource(name).permission for name in missing]
        # A dict: two resources may need the same permission.
        wanted = {f"- {one.path} ({one.id})": None for one in needed if one}
        parts = [
            _("Hello,"),
            ngettext(
                "please give Kleep this permission in %(shop)s:",
                "please give Kleep these %(number)s permissions in %(shop)s:",
                len(wanted),
            )
            % {"shop": shop_name, "number": len(wanted)},
            "\n".join(wanted),
            str(connector.how_to_allow),
            _("Thank you!"),
        ]
        text = "\n\n".join(part for part in parts if part)
    return Message(code=code, language=get_language_info(code)["name_local"], text=text)
