from django.db import migrations, models

from kleep_portal.indexing import AddIndexAside


class Migration(migrations.Migration):

    atomic = False  # the indexes are built beside the writes

    dependencies = [
        ('connectors', '0014_holder_of_a_lease'),
    ]

    operations = [
        AddIndexAside(
            model_name='pullrun',
            index=models.Index(fields=['cursor', '-started_at', '-id'], name='newest_runs'),
        ),
    ]
