"""The dialect of the inference SDK (`inference_sdk` 1.8.3): its users change the URL and nothing else.

Two modes: v1 (`/model/...`, `/infer/...`), which the SDK takes for every address that is not its vendor's, and v0
(`POST /{project}/{version}`), chosen by its users or by people with old curl lines.
"""
