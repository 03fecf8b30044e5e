"""Files that were seen on a file server: whether they still grow, and whether they were taken."""

from django.db import models


class SeenFile(models.Model):
    """One path as it was seen last. With another size or date it is another file: seen anew."""

    connection = models.ForeignKey(
        "connectors.Connection", models.CASCADE, related_name="seen_files"
    )  # whose rows it will be
    shop = models.CharField(max_length=100, default="", blank=True)  # whose server it lies on
    path = models.CharField(max_length=500)
    size = models.BigIntegerField()
    modified = models.BigIntegerField()
    since = models.DateTimeField()  # unchanged since
    is_taken = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "shop", "path"], name="one_look_per_path")
        ]

    def __str__(self) -> str:
        return self.path
