"""Heartbeats of beat and the workers, read by /readyz, /metrics and the desk."""

from django.db import models


class Heartbeat(models.Model):
    """The last heartbeat of a part: `beat`, or a queue whose worker has run a task."""

    part = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "signatories_pulse"

    def __str__(self) -> str:
        return f"{self.part}: {self.at:%H:%M:%S}"
