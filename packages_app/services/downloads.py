"""Whether a download address still opens its blob.

An address holds as long as what it was made for holds: its time, the token that got it, and a published
package with the blob that this token, or for addresses made without one everybody, may read. So revoking a
token, withdrawing a package or making a model private stops downloads that begin afterwards; those that
are under way end normally.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q

from packages_app.errors import AddressRevoked
from packages_app.models import Blob, PackageFile, State
from packages_app.services import signing
from registry.errors import TokenExpired, TokenRevoked
from registry.models import AccessToken
from registry.services.tokens import require_in_force


def authorise(sha256: str, name: str, query: Mapping[str, str]) -> Blob:
    """The blob that a download address opens. Raises AddressInvalid, AddressExpired and AddressRevoked."""
    grant = signing.verify(sha256, name, query)
    readable = Q(package__model__is_public=True)
    if grant.token_prefix:
        readable |= Q(package__model__workspace=_workspace_of(grant.token_prefix))
    file = (
        PackageFile.objects.filter(readable, blob=grant.sha256, package__state=State.PUBLISHED)
        .select_related("blob")
        .order_by()
        .first()
    )
    if file is None:
        raise AddressRevoked("No published package that you may read has this file any more.")
    return file.blob


def _workspace_of(token_prefix: str) -> int:
    token = AccessToken.objects.filter(prefix=token_prefix).first()
    if token is None:
        raise AddressRevoked("The access token that got this address no longer exists.")
    try:
        require_in_force(token)
    except TokenRevoked as error:
        raise AddressRevoked("The access token that got this address has been revoked.") from error
    except TokenExpired as error:
        raise AddressRevoked("The access token that got this address has expired.") from error
    if not token.can_read:
        raise AddressRevoked("The access token that got this address may no longer read.")
    return token.workspace_id
