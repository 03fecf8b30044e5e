"""Who may open which address: one module for each area, each with its RULES. An address without a rule fails.

To add an address: one entry in the module of your area, `"name": shop_page()` and the like, from rule.py.
"""

from importlib import import_module
from pkgutil import iter_modules

from tests.onboarding.rules.rule import Rule


def every_rule() -> dict[str, Rule]:
    """The rules of all modules, by the name of the address. Raises ValueError on a name with two rules."""
    found: dict[str, Rule] = {}
    for module in iter_modules(__path__, f"{__name__}."):
        for name, rule in getattr(import_module(module.name), "RULES", {}).items():
            if name in found:
                raise ValueError(f"{name} has two rules")
            found[name] = rule
    return found
