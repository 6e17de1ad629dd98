"""Addresses of jobs."""

from __future__ import annotations

from django.urls import path

from jobs.api.views import JobCancelView, JobListView, JobView

urlpatterns = [
    path("api/v1/jobs", JobListView.as_view(), name="jobs"),
    path("api/v1/jobs/<uuid:job_id>", JobView.as_view(), name="job"),
    path("api/v1/jobs/<uuid:job_id>/cancel", JobCancelView.as_view(), name="job-cancel"),
]
