"""Trying a package once, before anybody relies on it: load it in a child process, and run one image through it.

    from backends.trial.runner import try_package

    trial = try_package(TrialRequest(directory, "yolov8", "object-detection", "onnx"), TrialLimits())
    trial.outcome, trial.reason

The child (`python -m backends.trial`) has limits on time and memory, no network, no secrets, and of the disk no more
than it needs; whatever the network does ends the child at worst. Nothing is imported here: the child imports this too,
before it is confined.
"""

PREPARED = "prepared"
"""The folder, beside the child's temporary files, for what it prepares."""
