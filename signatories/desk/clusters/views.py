"""The page of clusters: people who wait and came together, each cluster with one way to decide about all of them."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from signatories.desk.access import needs
from signatories.models.organizer import Power
from signatories.screening import clusters as found


@require_safe
@needs(Power.DECIDE)
def clusters(request: HttpRequest) -> HttpResponse:
    return render(request, "desk/clusters/clusters.html", {"clusters": found.clusters(), "least": found.LEAST})
