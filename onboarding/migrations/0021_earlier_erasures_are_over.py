from django.db import migrations
from django.db.models import F


def finish(apps, _editor):
    """Until now an erasure was written down once it was done."""
    apps.get_model("onboarding", "Erasure").objects.update(finished_at=F("at"))


class Migration(migrations.Migration):
    dependencies = [("onboarding", "0020_erasures_by_workers")]

    operations = [migrations.RunPython(finish, migrations.RunPython.noop)]
