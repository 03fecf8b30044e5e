from django.db import migrations, models

from kleep_portal.indexing import AddIndexAside


class Migration(migrations.Migration):

    atomic = False  # the indexes are built beside the writes

    dependencies = [
        ('onboarding', '0021_earlier_erasures_are_over'),
    ]

    operations = [
        AddIndexAside(
            model_name='event',
            index=models.Index(fields=['shop', '-at', '-id'], name='newest_events'),
        ),
        AddIndexAside(
            model_name='event',
            index=models.Index(condition=models.Q(('position', None)), fields=['merchant'], name='unsealed'),
        ),
        AddIndexAside(
            model_name='pagerun',
            index=models.Index(fields=['shop', 'environment', 'url', '-id'], name='newest_runs_of_a_page'),
        ),
        AddIndexAside(
            model_name='standing',
            index=models.Index(fields=['phase'], name='standing_phases'),
        ),
        AddIndexAside(
            model_name='standing',
            index=models.Index(fields=['platform'], name='standing_platforms'),
        ),
        AddIndexAside(
            model_name='standing',
            index=models.Index(condition=models.Q(('state', 'problem')), fields=['rank', 'since'], name='standing_problem'),
        ),
        AddIndexAside(
            model_name='standing',
            index=models.Index(condition=models.Q(('is_broken', True)), fields=['rank', 'since'], name='standing_broken'),
        ),
        AddIndexAside(
            model_name='standing',
            index=models.Index(condition=models.Q(('is_stale', True)), fields=['rank', 'since'], name='standing_stale'),
        ),
        AddIndexAside(
            model_name='standing',
            index=models.Index(condition=models.Q(('is_live', True)), fields=['rank', 'since'], name='standing_live'),
        ),
        AddIndexAside(
            model_name='user',
            index=models.Index(condition=models.Q(('is_staff', True)), fields=['name', 'email'], name='staff'),
        ),
        migrations.RemoveIndex(model_name='pagerun', name='runs_of_a_page'),
    ]
