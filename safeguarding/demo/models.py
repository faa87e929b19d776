"""How far the demo's made-up history has been told."""

from django.db import models


class Chronicle(models.Model):
    """One row. The history begins at `began_at`, was first told until `opened_at` and is told until `told_until`."""

    seed = models.PositiveIntegerField()
    began_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    told_until = models.DateTimeField()

    def __str__(self) -> str:
        return f"Told until {self.told_until:%d %B %Y}"
