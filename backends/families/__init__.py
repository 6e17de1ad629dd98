"""Model families, a folder each. To add one, write its folder and name it here."""

from backends.families import classification, yolo26, yolov8, yolov10

FAMILIES = (yolov8, yolov10, yolo26, classification)
"""Modules that have ``IMPLEMENTATIONS``."""
