"""Taking a package row for oneself until the transaction ends."""

from __future__ import annotations

from packages_app.errors import PackageFrozen, PackageNotFound
from packages_app.models import Package


def lock(package: Package) -> None:
    """Lock the row and read it again into ``package``. Call it inside a transaction.

    On SQLite the transaction itself is the lock: it begins IMMEDIATE. Raises PackageNotFound.
    """
    try:
        package.refresh_from_db(from_queryset=Package.objects.select_for_update())
    except Package.DoesNotExist as error:
        raise PackageNotFound from error


def lock_unfrozen(package: Package) -> None:
    """As `lock`, and raises PackageFrozen for a package that was ever published."""
    lock(package)
    if package.is_frozen:
        raise PackageFrozen(f"The package {package.package_id} is {package.state} and cannot be changed.")
