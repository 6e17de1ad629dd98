"""How many requests an access token may make in a minute.

Counted in the cache: one process without Redis counts for itself, with Redis all processes count together.
"""

from __future__ import annotations

import time

from django.conf import settings
from django.core.cache import cache

from registry.errors import TooManyRequests
from registry.models import AccessToken

WINDOW_SECONDS = 60


def consume(token: AccessToken) -> None:
    """Count one request of ``token``. Raises TooManyRequests, which says when the next window begins."""
    limit = settings.RATE_LIMIT_PER_MINUTE if token.requests_per_minute is None else token.requests_per_minute
    if not limit:
        return
    now = time.time()
    key = f"requests:{token.pk}:{int(now // WINDOW_SECONDS)}"
    if cache.add(key, 1, timeout=2 * WINDOW_SECONDS):
        return
    try:
        count = cache.incr(key)
    except ValueError:
        # The cache dropped the key between the two calls; one request more or less does no harm.
        return
    if count > limit:
        wait = WINDOW_SECONDS - int(now % WINDOW_SECONDS)
        raise TooManyRequests(f"The access token may make {limit} requests a minute.", retry_after=wait)
