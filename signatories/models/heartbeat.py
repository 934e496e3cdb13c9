"""Signs of life of what works behind the web: written by itself, read by /readyz and /metrics."""

from django.db import models


class Heartbeat(models.Model):
    """When a part last showed that it works: `beat`, or a queue whose worker has done a job."""

    part = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "signatories_pulse"

    def __str__(self) -> str:
        return f"{self.part}: {self.at:%H:%M:%S}"
