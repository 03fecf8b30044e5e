"""The pages of Kleep's staff."""

from tests.onboarding.rules.rule import Rule, staff_page

RULES: dict[str, Rule] = {
    "components": staff_page(),
}
