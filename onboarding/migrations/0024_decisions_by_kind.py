from django.db import migrations, models

from kleep_portal.indexing import AddIndexAside


class Migration(migrations.Migration):

    atomic = False  # the index is built beside the writes

    dependencies = [
        ('onboarding', '0023_notifications'),
    ]

    operations = [
        AddIndexAside(
            model_name='decision',
            index=models.Index(fields=['kind', '-id'], name='decisions_by_kind'),
        ),
    ]
