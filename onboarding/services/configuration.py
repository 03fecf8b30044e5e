"""What a merchant answers about the products of a shop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from connectors import remapping
from connectors.models import Connection
from connectors.remapping import Plan
from onboarding.models import ProductConfiguration, Shop, User
from onboarding.services.recording import record


@dataclass(frozen=True, kw_only=True)
class Answers:
    """`config`: of the whole connection; `unknown`: names of questions that are left to Kleep."""

    config: Mapping[str, Any]
    languages: Sequence[str]
    unknown: Sequence[str] = ()
    dimensions_in_files: bool = False
    remark: str = ""
    proposed: Mapping[str, Any] = field(default_factory=dict)


def plan_configuration(shop: Shop, answers: Answers) -> Plan:
    """What the answers would do to what is stored."""
    if shop.connection is None:
        return Plan()
    return remapping.plan(shop.connection, answers.config, proposed=answers.proposed)


def save_configuration(shop: Shop, answers: Answers, *, by: User | None) -> Plan:
    """Keep the answers, and do to the stored rows what follows from them: see remapping.plan.

    What is asked of the shop is queued after the commit. Raises kombu's OperationalError where the queue is
    down; everything is stored then.
    """
    with transaction.atomic():
        plan = _remap(shop, answers)
        ProductConfiguration.objects.update_or_create(
            shop=shop,
            defaults={
                "unknown": list(answers.unknown),
                "dimensions_in_files": answers.dimensions_in_files,
                "remark": answers.remark,
            },
        )
        shop.languages = list(answers.languages)
        shop.save(update_fields=["languages"])
        record(
            shop,
            "configuration_saved",
            by=by,
            attributes=answers.config.get("attributes", {}),
            returns=answers.config.get("returns", {}),
            languages=list(answers.languages),
            unknown=list(answers.unknown),
            reread=list(plan.reread),
            emptied=list(plan.emptied),
        )
    return plan


def _remap(shop: Shop, answers: Answers) -> Plan:
    if shop.connection is None:
        return Plan()
    connection = Connection.objects.select_for_update().get(pk=shop.connection.pk)
    plan = remapping.plan(connection, answers.config, proposed=answers.proposed)
    remapping.apply(connection, answers.config, plan)
    shop.connection = connection
    return plan
