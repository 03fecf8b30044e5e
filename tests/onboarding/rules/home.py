"""The list of shops, what every page offers, and signs of life for machines."""

from tests.onboarding.rules.rule import (
    ABSENT,
    FORBIDDEN,
    MOVED,
    ONLY_READ,
    Rule,
    everybody,
    members,
)

RULES: dict[str, Rule] = {
    "healthz": everybody(),
    "readyz": everybody(),
    "metrics": everybody(ok=ABSENT),  # for a machine with the token
    "favicon": everybody(ok=MOVED),
    "home": members(),
    "language": everybody("post", ok=MOVED),
    "appearance": everybody("post", ok=MOVED),
    "datasets": members(),
    "shop_new": Rule("get", {**members().answers, **dict.fromkeys(ONLY_READ, FORBIDDEN)}),
}
