from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    dependencies = [
        ('onboarding', '0019_whose_keys_and_missed_files'),
    ]

    operations = [
        migrations.AddField(
            model_name='erasure',
            name='shop',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='erasures', to='onboarding.shop'),
        ),
        migrations.AddField(
            model_name='erasure',
            name='customer_ref',
            field=models.CharField(blank=True, default='', editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='erasure',
            name='expected',
            field=models.JSONField(default=dict),
        ),
        migrations.AddField(
            model_name='erasure',
            name='due_at',
            field=models.DateTimeField(db_index=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='erasure',
            name='failures',
            field=models.PositiveSmallIntegerField(default=0, editable=False),
        ),
        migrations.AddField(
            model_name='erasure',
            name='finished_at',
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
