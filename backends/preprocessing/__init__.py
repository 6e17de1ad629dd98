"""From an image to the network's input, as ``inference_config.json`` says."""

from backends.preprocessing.geometry import Geometry
from backends.preprocessing.preprocessor import Preprocessor, check_image

__all__ = ["Geometry", "Preprocessor", "check_image"]
