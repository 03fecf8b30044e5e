"""The API: for programs with a token; a person's log-in opens nothing of it."""

from tests.onboarding.rules.rule import ABSENT, Rule, everybody

UNAUTHORIZED = 401

RULES: dict[str, Rule] = {
    "api:api-root": everybody(ok=ABSENT),
    "api:openapi-json": everybody(),  # it describes, and tells nothing of any shop
    "api:shops": everybody(ok=UNAUTHORIZED),
    "api:shop": everybody(ok=UNAUTHORIZED),
    "api:status": everybody(ok=UNAUTHORIZED),
    "api:ready": everybody(ok=UNAUTHORIZED),
    "api:fresh": everybody(ok=UNAUTHORIZED),
}
