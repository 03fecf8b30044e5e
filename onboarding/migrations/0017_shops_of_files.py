from django.db import migrations


def name_shops(apps, _editor):
    """Files that came before carry no shop: they are the only one's of their connection."""
    shops, models = apps.get_model("onboarding", "Shop"), ("ReceivedFile", "SeenFile")
    slugs = {}
    for connection, slug in shops.objects.exclude(connection=None).values_list("connection", "slug"):
        slugs.setdefault(connection, []).append(slug)
    for connection, (slug, *others) in slugs.items():
        for name in () if others else models:
            mine = apps.get_model("connectors", name).objects.filter(connection=connection, shop="")
            mine.update(shop=slug)


class Migration(migrations.Migration):
    dependencies = [("onboarding", "0016_console"), ("connectors", "0013_shop_of_a_file")]

    operations = [migrations.RunPython(name_shops, migrations.RunPython.noop)]
