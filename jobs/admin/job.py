"""Jobs: the list, the page of one, how far it is for the pages that show it, and the button that cancels it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from jobs.errors import JobFinished
from jobs.kinds import find_kind
from jobs.models import Job, State
from jobs.services import filing
from jobs.services.describing import advice_about
from jobs.services.notifying import somebody_works_here
from registry.admin.confirmation import Confirmation, confirm
from registry.admin.roles import Role, may
from registry.admin.scoped import ScopedAdmin, WorkspaceFilter, actor
from registry.api.strict_json import StrictJsonResponse

# A worker begins at once where it has nothing else to do.
LEFT_ALONE = timedelta(seconds=10)


@admin.register(Job)
class JobAdmin(ScopedAdmin):
    noun = "job"
    role_to_add = role_to_change = role_to_delete = None
    list_display = ["created_at", "kind_title", "about", "state_badge", "doing", "requested_by"]
    list_display_links = ["created_at"]
    list_filter = [WorkspaceFilter, "state", "kind"]
    search_fields = ["subject", "requested_by"]
    search_help_text = "Search by model, package or person."
    ordering = ["-created_at"]
    readonly_fields = [
        "kind_title", "about", "workspace", "requested_by", "state_badge", "doing", "created_at", "started_at",
        "heartbeat_at", "finished_at", "attempts", "runner", "what_came_of_it", "error",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return super().get_queryset(request).select_related("workspace")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """With a button for each job that the person may cancel; none where there are none at all."""
        return [*self.list_display, _cancel_link(request)] if may(request, Role.CURATOR) else self.list_display

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self.get_readonly_fields(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*self.readonly_fields, _cancel_link(request)]

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        return [
            path("<uuid:job_id>/cancel/", guarded(self.cancel_view), name="jobs_job_cancel"),
            path("<uuid:job_id>/progress/", guarded(require_safe(self.progress_view)), name="jobs_job_progress"),
            *super().get_urls(),
        ]

    def cancel_view(self, request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
        job = self._job(request, job_id)
        if not may_cancel(request, job):
            raise PermissionDenied
        question = Confirmation(
            title="Cancel this job?",
            sentences=["What it has begun is broken off, within seconds. It can be asked for again."],
            button="Cancel the job",
            danger=True,
        )
        if not question.is_given(request):
            return confirm(self, request, job, question)
        try:
            filing.cancel(job, actor=actor(request))
        except JobFinished as error:
            messages.error(request, error.message)
        else:
            messages.success(request, "Cancelled.")
        kind = find_kind(job.kind)
        return HttpResponseRedirect(kind.page(job) if kind else reverse("admin:jobs_job_changelist"))

    def progress_view(self, request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
        """What a page that shows the job asks for again and again."""
        job = self._job(request, job_id)
        return StrictJsonResponse(
            {
                "state": job.get_state_display(),
                "is_open": job.is_open,
                "progress": job.progress,
                "message": job.message,
            }
        )

    def _job(self, request: HttpRequest, job_id: uuid.UUID) -> Job:
        job: Job | None = self.get_object(request, str(job_id))
        if job is None:
            raise Http404
        return job

    # The list

    @admin.display(description="kind", ordering="kind")
    def kind_title(self, job: Job) -> str:
        kind = find_kind(job.kind)
        return kind.title if kind else job.kind

    @admin.display(description="about", ordering="subject")
    def about(self, job: Job) -> str:
        kind = find_kind(job.kind)
        return format_html('<a href="{}">{}</a>', kind.page(job), job.subject) if kind else job.subject

    @admin.display(description="state", ordering="state")
    def state_badge(self, job: Job) -> str:
        return format_html('<span class="wb-badge is-{}">{}</span>', job.state, job.get_state_display())

    @admin.display(description="what it does")
    def doing(self, job: Job) -> str:
        share = "" if job.progress is None or not job.is_open else f"{job.progress:.0%}"
        return " ".join(filter(None, [job.message, share])) or "-"

    @admin.display(description="result")
    def what_came_of_it(self, job: Job) -> str:
        shown = json.dumps(job.result, indent=2, ensure_ascii=False) if job.result else "-"
        return format_html('<pre class="wb-pre">{}</pre>', shown)

    @admin.display(description="error")
    def error(self, job: Job) -> str:
        if not job.error_code:
            return "-"
        page = reverse("error-page", args=[job.error_code])
        return format_html('{} {} (<a href="{}">{}</a>)', job.error_message, advice_about(job), page, job.error_code)


def _cancel_link(request: HttpRequest) -> Callable[[Job], str]:
    @admin.display(description="cancel")
    def link(job: Job) -> str:
        if not (job.is_open and may_cancel(request, job)):
            return "-"
        address = reverse("admin:jobs_job_cancel", args=[job.pk])
        return format_html('<a class="wb-button wb-small" href="{}">Cancel</a>', address)

    return link


def may_cancel(request: HttpRequest, job: Job) -> bool:
    """Curators of its workspace."""
    return may(request, Role.CURATOR, job.workspace_id)


def job_on_page(job: Job | None, request: HttpRequest) -> dict[str, Any] | None:
    """What `admin/job.html` shows of a job on the page of its object; None where there is nothing to say of it."""
    if job is None or not (job.is_open or job.error_code):
        return None
    kind = find_kind(job.kind)
    return {
        "job": job,
        "title": kind.title if kind else job.kind,
        "advice": advice_about(job),
        "may_cancel": may_cancel(request, job),
        "nobody_works": _is_left_alone(job),
    }


def _is_left_alone(job: Job) -> bool:
    """Whether it waits and no worker is known that would take it."""
    waits = job.state == State.QUEUED and timezone.now() - job.created_at > LEFT_ALONE
    return waits and not somebody_works_here()
