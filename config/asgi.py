"""The ASGI application that Granian serves: the receiver in front of the WSGI application."""

from __future__ import annotations

from django.conf import settings

from config import env
from config.wsgi import application as wsgi_application
from receiver import Limits, Receiver
from receiver.limits import Share
from registry.receiving import is_known

DEFAULT_THREADS = 64
# Those who watch over the server are answered whatever it does.
QUICK_PATHS = frozenset({"/healthz", "/v2/health/live"})  # Those that begin so send files.
DOWNLOAD_PATHS = ("/files/",)

application = Receiver(
    wsgi_application,
    Limits(
        threads=env.integer("WEB_THREADS", DEFAULT_THREADS, minimum=1),
        known=Share(settings.MAX_WAITING_BODIES, settings.MAX_BODIES_BYTES),
        anonymous=Share(settings.MAX_ANONYMOUS_WAITING_BODIES, settings.MAX_ANONYMOUS_BODIES_BYTES),
        most_bytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        uploads=settings.MAX_UPLOADS,
        downloads=settings.MAX_DOWNLOADS,
        least_rate=settings.MIN_RATE_BYTES,
        patience=settings.PATIENCE_SECONDS,
        deadline=settings.BODY_DEADLINE_SECONDS,
        quick_paths=QUICK_PATHS,
        download_paths=DOWNLOAD_PATHS,
    ),
    is_known=is_known,
)
