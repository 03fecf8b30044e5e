"""Write into older events who acted and on which shop, so that the seal covers it."""

from django.db import migrations


def fill(apps, _schema):
    events = apps.get_model("onboarding", "Event")
    for event in events._base_manager.filter(actor_key="").select_related("shop").iterator():
        key = "portal"
        if event.actor_id:
            key = f"person {event.actor_id}"
        elif event.hand_off_id:
            key = f"link {event.hand_off_id}"
        slug = event.shop.slug if event.shop else ""
        events._base_manager.filter(pk=event.pk).update(actor_key=key, shop_slug=slug)


class Migration(migrations.Migration):
    dependencies = [("onboarding", "0009_chain_of_events")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
