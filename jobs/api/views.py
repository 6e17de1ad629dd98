"""`GET /api/v1/jobs`, `.../jobs/<id>` and `POST .../jobs/<id>/cancel`."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from jobs.api.serializers import JobDescription, JobPage
from jobs.kinds import kinds
from jobs.models import State
from jobs.services import filing
from jobs.services.describing import describe_job, find_job, visible_jobs
from registry.api.authentication import identity_of
from registry.api.paging import PAGE_PARAMETERS, page_of
from registry.api.queries import require_known_fields
from registry.errors import InvalidRequest
from registry.services.audit import Actor
from registry.urls_public import base_url

JOB_ID = OpenApiParameter("job_id", uuid.UUID, OpenApiParameter.PATH)


class JobListView(APIView):
    """The jobs of the token's workspace, newest first."""

    @extend_schema(
        operation_id="list_jobs",
        tags=["jobs"],
        parameters=[
            OpenApiParameter("kind", str, description="Only jobs of this kind."),
            OpenApiParameter("state", str, enum=State.values, description="Only jobs in this state."),
            *PAGE_PARAMETERS,
        ],
        responses=JobPage,
    )
    def get(self, request: Request) -> Response:
        jobs = visible_jobs(identity_of(request))
        require_known_fields(request._request, "kind", "state", "page", "page_size")
        filters = {
            "kind": _one_of(request, "kind", [kind.name for kind in kinds()]),
            "state": _one_of(request, "state", State.values),
        }
        jobs = jobs.filter(**{name: value for name, value in filters.items() if value})
        base = base_url(request._request)
        return Response(page_of(request, jobs, lambda job: describe_job(job, base), filters))


class JobView(APIView):
    """One job: its state, how far it is, and what came of it."""

    @extend_schema(operation_id="describe_job", tags=["jobs"], parameters=[JOB_ID], responses=JobDescription)
    def get(self, request: Request, job_id: uuid.UUID) -> Response:
        job = find_job(job_id, identity_of(request))
        require_known_fields(request._request)
        return Response(describe_job(job, base_url(request._request)))


class JobCancelView(APIView):
    """Ends a job that is queued or runs. The scope `admin` is needed. One that has ended answers 409."""

    parser_classes = ()

    @extend_schema(
        operation_id="cancel_job", tags=["jobs"], parameters=[JOB_ID], request=None, responses=JobDescription
    )
    def post(self, request: Request, job_id: uuid.UUID) -> Response:
        identity = identity_of(request)
        job = find_job(job_id, identity)
        identity.require("admin")
        assert identity.token is not None
        require_known_fields(request._request)
        job = filing.cancel(job, actor=Actor.of_token(identity.token))
        return Response(describe_job(job, base_url(request._request)))


def _one_of(request: Request, name: str, known: Iterable[str]) -> str:
    value: str = request.query_params.get(name, "")
    if name in request.query_params and value not in known:
        raise InvalidRequest(f"{name}: one of {', '.join(known)}.")
    return value
