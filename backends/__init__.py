"""Runs model packages: loads their files into a runtime and turns images into predictions."""
