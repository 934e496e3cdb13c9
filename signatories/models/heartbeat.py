"""Heartbeats of beat and workers: written by themselves, read by /readyz and /metrics."""

from django.db import models


class Heartbeat(models.Model):
    """Last heartbeat of a part: `beat`, or a queue whose worker has done a job."""

    part = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "signatories_pulse"

    def __str__(self) -> str:
        return f"{self.part}: {self.at:%H:%M:%S}"
