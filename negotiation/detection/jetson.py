"""NVIDIA Jetson products, as the client tells them apart."""

from __future__ import annotations

# In the client's order, because a name is matched by prefix: the longer of two like names comes first.
PRODUCTS = (
    "NVIDIA Jetson Orin Nano",
    "NVIDIA Jetson Orin NX",
    "NVIDIA Jetson AGX Orin",
    "NVIDIA Jetson IGX Orin",
    "NVIDIA Jetson Xavier NX",
    "NVIDIA Jetson AGX Xavier Industrial",
    "NVIDIA Jetson AGX Xavier",
    "NVIDIA Jetson Nano",
    "NVIDIA Jetson TX2",
)


def jetson_type(product: str) -> str | None:
    """The product's name as packages spell it: ``NVIDIA Jetson Orin Nano Developer Kit`` gives
    ``nvidia-jetson-orin-nano``. None for a product that the client does not know (such as Jetson Thor)."""
    for known in PRODUCTS:
        if product.startswith(known):
            return slug(known)
    return None


def slug(name: str) -> str:
    """Lower case, blanks as ``-``: the spelling of devices and products in packages."""
    return name.replace(" ", "-").lower()
