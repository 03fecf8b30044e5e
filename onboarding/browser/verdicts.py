"""The rules: from what a run saw to one line for each thing that the machine proves.

A line fails for its own reason only: what could not be seen because something before it failed is "not
tested", so that a merchant mends one cause and not five effects.
"""

from onboarding.browser import rules
from onboarding.browser.lines import Finding, Item, Line, Status
from onboarding.browser.observations import Job, Observed, View
from onboarding.browser.rules import Found


def lines(observed: Observed, job: Job) -> list[Line]:
    """One line for each item, in order."""
    found: dict[Item, list[tuple[str, Found]]] = {item: [] for item in Item}
    if observed.stopped:  # nothing is proven of a page that used up what a look may cost
        stopped: Found = (Status.FAILED, f"stopped_{observed.stopped}", {})
        found = {item: [("", rules.skipped("page"))] for item in Item} | {
            Item.PAGE: [("", stopped)]
        }
        return [_line(item, reasons, screens=1) for item, reasons in found.items()]
    for view in observed.views:
        for item, reasons in _judge(view, observed, job).items():
            found[item] += [(view.name, reason) for reason in reasons]
    if all(status is Status.PASSED for _screen, (status, _code, _params) in found[Item.VARIANT]):
        found[Item.VARIANT] += [("", reason) for reason in rules.both(observed)]
    found[Item.SPEED] += [
        ("", reason) for reason in (*rules.late(observed), *rules.added(observed))
    ]
    return [_line(item, reasons, screens=len(observed.views)) for item, reasons in found.items()]


def _line(item: Item, reasons: list[tuple[str, Found]], *, screens: int) -> Line:
    """The worst of what was found; the same reason on all screens is said once."""
    for status in (Status.FAILED, Status.NOT_TESTED, Status.WARNING):
        worst = [(screen, code, params) for screen, (s, code, params) in reasons if s is status]
        if worst:
            break
    else:
        ok = any(s is Status.PASSED for _screen, (s, _code, _params) in reasons)
        return Line(item=item, status=Status.PASSED if ok else Status.NOT_TESTED)
    seen: dict[str, Finding] = {}
    for screen, code, params in worst:
        key = f"{code}{sorted(params.items())}"
        everywhere = key in seen or screens < 2
        seen[key] = Finding(code=code, params=params, screen="" if everywhere else screen)
    return Line(item=item, status=status, findings=tuple(seen.values()))


def _judge(view: View, observed: Observed, job: Job) -> dict[Item, list[Found]]:
    """Every item on one screen."""
    page = list(rules.page(view, observed, job))
    if page or view.stage != "done":
        nothing: dict[Item, list[Found]] = {item: [rules.skipped("page")] for item in Item}
        return nothing | {Item.PAGE: page}
    blocked = list(rules.policies(view, observed, job))
    scripts = list(rules.script(view, job)) if not blocked else []
    cause = "policy" if blocked else "script" if scripts else ""
    button = list(rules.button(view, cause))
    drawer = list(rules.drawer(view, job, cause, button_is_fine=not rules.failed(button)))
    return {
        Item.PAGE: [rules.passed()],
        Item.CONSENT: list(rules.consent(view)) or [rules.passed()],
        Item.POLICY: blocked or [rules.passed()],
        Item.SCRIPT: scripts or [rules.skipped("policy") if blocked else rules.passed()],
        Item.CORS: list(rules.cors(view, job)) or [rules.passed()],
        Item.BUTTON: button or [rules.passed()],
        Item.DRAWER: drawer or [rules.passed()],
        Item.VARIANT: list(rules.variant(view, drawer_is_fine=not drawer)) or [rules.passed()],
    }
