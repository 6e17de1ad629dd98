"""`manage.py gc`: remove what nothing uses, and look for damage."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from packages_app.errors import BlobUnavailable
from packages_app.models import Blob
from packages_app.services import blobs, gc
from packages_app.signals import copies_verified


class Command(BaseCommand):
    help = (
        "Remove what interrupted uploads left behind and the files that no package has any more, both a day old at "
        "least; queue jobs again whose worker died, and forget those that ended long ago. The server may run meanwhile."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--verify", action="store_true", help="also read every file again; ends with an error if one is damaged"
        )
        parser.add_argument(
            "--older-than",
            type=float,
            default=blobs.GRACE / timedelta(hours=1),
            metavar="HOURS",
            help="what is younger may belong to an upload that is under way; 0 only while nothing is uploaded",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            grace = timedelta(hours=max(0.0, options["older_than"]))
            collected = gc.collect(grace=grace)
        except BlobUnavailable as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"Jobs whose worker died, queued again: {collected.jobs_queued}.")
        self.stdout.write(f"Jobs whose worker died, given up: {collected.jobs_given_up}.")
        self.stdout.write(f"Old jobs removed: {collected.old_jobs}.")
        self.stdout.write(f"Killed inspections made drafts again: {collected.inspections}.")
        self.stdout.write(f"Interrupted uploads removed: {collected.uploads}.")
        self.stdout.write(f"Unused files removed: {collected.unused_files}.")
        self.stdout.write(f"Files without a record removed: {collected.unknown_files}.")
        if options["verify"]:
            damaged = [blob for blob in Blob.objects.order_by("sha256").iterator() if not self._is_intact(blob)]
            copies_verified.send(sender=Blob, report=self.stdout.write)
            if damaged:
                raise CommandError(
                    f"Files that are damaged or missing: {len(damaged)}. Push the same files anew, or restore them "
                    "from a backup and run this again. Until then they are not handed out."
                )
            self.stdout.write("Every file is as it was received.")

    def _is_intact(self, blob: Blob) -> bool:
        try:
            intact = blobs.verify(blob)
        except BlobUnavailable:
            intact = False
        if not intact:
            self.stdout.write(f"{blob.sha256} is damaged or missing.")
            for file in blob.files.select_related("package__model"):
                self.stdout.write(f"  {file.handle} of {file.package}, model {file.package.model}")
        return intact
