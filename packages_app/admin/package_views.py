"""What can be done to a package from its page: take files in and out, inspect, publish, withdraw, trust, purge.

Each is a POST. Those that cannot be undone ask first, on a page of their own, so that nothing needs JavaScript.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFilesSent
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.multipartparser import MultiPartParserError
from django.urls import URLPattern, path, reverse
from django.views.decorators.csrf import csrf_protect

from jobs.models import Job
from jobs.services.describing import describe_job
from packages_app.admin.config_file import config_among, without_config
from packages_app.admin.deleting import what_it_frees
from packages_app.admin.package_page import may_trust
from packages_app.admin.receiving import CHUNK_BYTES, IntakeUploadHandler, arrived_whole, received_files
from packages_app.errors import FileNotInPackage, PackageFrozen
from packages_app.models import Package, PackageFile, State
from packages_app.services import drafting, inspecting, intake, publishing
from packages_app.services.client_rules import require_handles
from packages_app.services.package_config import CONFIG_NAME, require_kind
from registry.admin.confirmation import Confirmation, confirm
from registry.admin.roles import Role, may
from registry.admin.scoped import actor
from registry.api.strict_json import StrictJsonResponse
from registry.errors import InvalidRequest, UnsupportedMediaType, WeighbridgeError, explanations
from registry.receiving import expect_body
from registry.urls_public import base_url

LIST = "admin:packages_app_package_changelist"
PAGE = "admin:packages_app_package_change"
CUT_OFF = "The upload was cut off on its way. Please send the files again."


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


class PackageViews:
    """Mixed into the admin of packages, whose rights it uses."""

    def package_urls(self) -> list[URLPattern]:
        views: dict[str, Callable[..., HttpResponse]] = {
            "files": self.files_view,
            "files/rename": self.rename_view,
            "files/remove": self.remove_view,
            "inspect": self.inspect_view,
            "publish": self.publish_view,
            "withdraw": self.withdraw_view,
            "trust": self.trust_view,
            "purge": self.purge_view,
            "again": self.again_view,
        }
        return [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),  # type: ignore[attr-defined]
                name=f"packages_app_package_{name.replace('/', '_')}",
            )
            for name, view in views.items()
        ]

    def inspect_if_it_has_files(self, request: HttpRequest, package: Package) -> Job | None:
        """Ask for an inspection; the page shows what comes of it. Without a file there is nothing to inspect yet."""
        if not package.files.exists():
            return None
        try:
            return inspecting.enqueue(package, actor=actor(request))
        except WeighbridgeError as error:
            messages.error(request, _in_full(error))
            return None

    # Files

    def files_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take files in: one as the body of a PUT, under ``?handle=``; or several from a form, as a POST.

        Exempt from the middleware's CSRF check, which would read a form before the handler is in place; the
        check follows. Who may not change the package is refused before anything is read.
        """
        package = self._package(request, pk, Role.CURATOR)
        expect_body(request, streamed=True)
        if request.method == "PUT":
            return csrf_protect(self._receive_body)(request, package)
        if request.method != "POST":
            return HttpResponseRedirect(reverse(PAGE, args=[pk]))
        handler = IntakeUploadHandler(request)
        request.upload_handlers = [handler]
        try:
            return csrf_protect(self._receive_form)(request, package)
        except (MultiPartParserError, RequestDataTooBig, TooManyFilesSent):
            messages.error(request, "The form could not be read: it is damaged, or holds too many files.")
            return HttpResponseRedirect(reverse(PAGE, args=[pk]))
        finally:
            handler.upload_interrupted()

    files_view.csrf_exempt = True  # type: ignore[attr-defined]

    def _receive_body(self, request: HttpRequest, package: Package) -> HttpResponse:
        handle = request.GET.get("handle", "")
        length = request.META.get("CONTENT_LENGTH") or ""
        try:
            if request.headers.get("Content-Encoding", "identity").lower() != "identity":
                raise UnsupportedMediaType("Files are taken as they are: send this one without Content-Encoding.")
            if not length.isdecimal():
                raise InvalidRequest("The length of the file was not announced.")
            if package.is_frozen:
                raise PackageFrozen
            # A name that will not do is refused before the bytes are sent for nothing.
            others = package.files.exclude(handle=handle).values_list("handle", flat=True)
            require_handles([*others, handle])
            blob = intake.receive(_body(request), expected_size=int(length))
            drafting.add_file(package, handle, blob, actor=actor(request))
        except WeighbridgeError as error:
            return StrictJsonResponse({"message": error.message}, status=error.status)
        except OSError:
            return StrictJsonResponse({"message": CUT_OFF}, status=400)
        return StrictJsonResponse(
            {"handle": handle, "size": blob.size, "md5": blob.md5, "sha256": blob.sha256}, status=201
        )

    def _receive_form(self, request: HttpRequest, package: Package) -> HttpResponse:
        files = received_files(request.POST, request.FILES)
        page = HttpResponseRedirect(reverse(PAGE, args=[package.pk]))
        if not arrived_whole(request.POST):
            messages.error(request, CUT_OFF)
            return page
        added = 0
        try:
            config = config_among(files)
            if config is not None:
                require_kind(config, package.model)
                messages.success(request, f"{CONFIG_NAME} was read; it is no file of the package.")
        except WeighbridgeError as error:
            messages.error(request, error.message)
        for file in without_config(files):
            try:
                if file.blob is None:
                    messages.error(request, f"{file.handle}: {file.refusal}")
                    continue
                drafting.add_file(package, file.handle, file.blob, actor=actor(request))
                added += 1
            except WeighbridgeError as error:
                messages.error(request, f"{file.handle}: {error.message}")
        if added:
            messages.success(request, f"Files added: {added}.")
            self.inspect_if_it_has_files(request, package)
        elif not files:
            messages.warning(request, "No file was chosen.")
        return page

    def rename_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        def rename(package: Package) -> None:
            old, new = request.POST.get("handle", ""), request.POST.get("new_handle", "").strip()
            if old == new:
                return
            with transaction.atomic():
                file = PackageFile.objects.select_related("blob").filter(package=package, handle=old).first()
                if file is None:
                    raise FileNotInPackage
                if package.files.filter(handle=new).exists():
                    require_handles([new, new])
                # First out, then in: a name that differs in case alone would clash with itself.
                drafting.remove_file(package, old, actor=actor(request))
                drafting.add_file(package, new, file.blob, actor=actor(request))
            self.inspect_if_it_has_files(request, package)

        return self._do(request, pk, Role.CURATOR, rename)

    def remove_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        def remove(package: Package) -> None:
            drafting.remove_file(package, request.POST.get("handle", ""), actor=actor(request))
            self.inspect_if_it_has_files(request, package)

        return self._do(request, pk, Role.CURATOR, remove)

    def inspect_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Goes back to the page; scripts, which ask for JSON, get the job."""
        jobs: list[Job | None] = []
        page = self._do(
            request, pk, Role.CURATOR, lambda package: jobs.append(self.inspect_if_it_has_files(request, package))
        )
        if wants_json(request) and jobs and jobs[0] is not None:
            return StrictJsonResponse(describe_job(jobs[0], base_url(request)), status=202)
        return page

    # The life of a package

    def publish_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        package = self._package(request, pk, Role.CURATOR)
        missing = [] if package.is_frozen else publishing.sentences(package)
        sentences = [
            "Clients find the package at once, and what they loaded stays what it is: neither its files nor its "
            "fields can be changed afterwards. It can be withdrawn.",
        ]
        if not package.trusted:
            sentences.append(
                "The package is not marked as trusted: clients pass it over unless they are told otherwise."
            )
        question = Confirmation(
            title="Publish this package?" if not missing else "This package cannot be published yet",
            sentences=sentences if not missing else ["This is missing:"],
            button="Publish",
            problems=missing,
        )
        return self._ask(
            request, package, question, lambda: publishing.publish(package, actor=actor(request)), "Published."
        )

    def withdraw_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        package = self._package(request, pk, Role.CURATOR)
        reason = request.POST.get("reason", "").strip()
        question = Confirmation(
            title="Withdraw this package?",
            sentences=[
                "Clients stop finding the package at once, and its download addresses stop working. What they have "
                "loaded already stays on their machines.",
                "A withdrawn package stays withdrawn.",
            ],
            button="Withdraw",
            danger=True,
            reason="Reason, for those who look for it later",
        )
        return self._ask(
            request,
            package,
            question,
            lambda: publishing.withdraw(package, actor=actor(request), reason=reason),
            "Withdrawn.",
        )

    def trust_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        package = self._package(request, pk, Role.VIEWER)
        if not may_trust(request, package):
            raise PermissionDenied
        trusted = not package.trusted
        # The answer is about these files: others, put in their place between question and answer, are asked about anew.
        seen = sorted(package.files.values_list("handle", "blob_id"))
        about = hashlib.sha256(repr((trusted, seen)).encode()).hexdigest()
        if trusted:
            question = Confirmation(
                title="Mark this package as trusted?",
                sentences=[
                    "Clients load a trusted package without asking. Torch, TorchScript and TensorRT packages can run "
                    "code on every machine that loads them: trust only files whose origin you know. "
                    "When files change, the trust is gone.",
                    *inspecting.notices(package),
                ],
                button="Mark as trusted",
                danger=True,
                about=about,
            )
        else:
            question = Confirmation(
                title="Take the trust back?",
                sentences=["Clients then pass the package over unless they are told otherwise."],
                button="Take the trust back",
                about=about,
            )
        return self._ask(
            request,
            package,
            question,
            lambda: inspecting.set_trusted(package, trusted, actor=actor(request)),
            "Marked as trusted." if trusted else "No longer trusted.",
        )

    def purge_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        package = self._package(request, pk, Role.ADMIN)
        question = Confirmation(
            title="Purge this package?",
            sentences=["The package is deleted for good.", what_it_frees(package)],
            button="Purge",
            danger=True,
        )
        return self._ask(request, package, question, lambda: publishing.purge(package, actor=actor(request)), "Purged.")

    def again_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new draft over the files of a withdrawn package."""
        package = self._package(request, pk, Role.CURATOR)
        if package.state != State.WITHDRAWN:
            messages.error(request, "Only a withdrawn package is published again.")
            return HttpResponseRedirect(reverse(PAGE, args=[pk]))
        trusts = may_trust(request, package)
        sentences = [
            "A withdrawn package stays withdrawn. A new draft is made with the same files and fields, and inspected; "
            "published, it has the same id, and clients take it for the same package."
        ]
        if package.trusted and not trusts:
            sentences.append(
                "It was marked as trusted. Only who may mark packages as trusted takes that over: ask an admin of the "
                "workspace to mark the draft before you publish it, or it gets another id."
            )
        question = Confirmation(title="Publish this package again?", sentences=sentences, button="Make the draft")
        if not question.is_given(request):
            return confirm(self, request, package, question)  # type: ignore[arg-type]
        draft = drafting.draft_again(package, trusted=trusts, actor=actor(request))
        self.inspect_if_it_has_files(request, draft)
        return HttpResponseRedirect(reverse(PAGE, args=[draft.pk]))

    # What the above have in common

    def _package(self, request: HttpRequest, pk: int, role: Role) -> Package:
        """The package, if the person may see it; PermissionDenied if their role in its workspace is too low."""
        package: Package | None = self.get_object(request, str(pk))  # type: ignore[attr-defined]
        if package is None:
            raise Http404
        if not may(request, role, package.model.workspace_id):
            raise PermissionDenied
        return package

    def _do(self, request: HttpRequest, pk: int, role: Role, change: Callable[[Package], Any]) -> HttpResponse:
        package = self._package(request, pk, role)
        if request.method == "POST":
            try:
                change(package)
            except WeighbridgeError as error:
                messages.error(request, _in_full(error))
        return HttpResponseRedirect(reverse(PAGE, args=[pk]))

    def _ask(
        self,
        request: HttpRequest,
        package: Package,
        question: Confirmation,
        act: Callable[[], Any],
        done: str,
    ) -> HttpResponse:
        """Show the question, or do it when it was answered, and go back to where the package is shown."""
        if not question.is_given(request):
            return confirm(self, request, package, question)  # type: ignore[arg-type]
        pk = package.pk
        try:
            with transaction.atomic():
                self.log_change(request, package, done)  # type: ignore[attr-defined]
                act()
        except WeighbridgeError as error:
            messages.error(request, _in_full(error))
        else:
            messages.success(request, done)
        gone = not Package.objects.filter(pk=pk).exists()
        return HttpResponseRedirect(reverse(LIST) if gone else reverse(PAGE, args=[pk]))


def _body(request: HttpRequest) -> Iterator[bytes]:
    while chunk := request.read(CHUNK_BYTES):
        yield chunk


def _in_full(error: WeighbridgeError) -> str:
    """The message with the advice that its help page gives."""
    explanation = explanations().get(error.code)
    return f"{error.message} {explanation.advice}" if explanation else error.message
