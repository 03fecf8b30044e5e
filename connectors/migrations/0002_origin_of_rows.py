from django.db import migrations, models


class Migration(migrations.Migration):
    """`source` of every row becomes `origin`: the returns have a column of that name of their own."""

    dependencies = [("connectors", "0001_initial")]

    operations = [
        *(
            migrations.RenameField(table, "source", "origin")
            for table in ("productsrow", "ordersrow", "returnreasonsrow", "customersrow", "stockrow")
        ),
        migrations.AddField(
            "returnsrow", "origin", models.CharField(default="api", max_length=8)
        ),
    ]
