"""Runs inside the environment of the inference SDK and Triton's client: calls them and tells what happened.

A job is one JSON line; so is its answer, `{"result": ...}` or `{"error": class, "status": ..., "message": ...}`.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any


def main() -> None:
    # Clients print to standard output; the answers keep it for themselves.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        job = json.loads(line)
        try:
            answer = {"result": {"sdk": call_sdk, "triton": call_triton}[job["client"]](job)}
        except Exception as error:  # whatever the client raises is the answer
            answer = {
                "error": type(error).__name__,
                "status": getattr(error, "status_code", None),
                "message": str(getattr(error, "api_message", None) or error),
            }
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()


def call_sdk(job: dict[str, Any]) -> Any:
    from inference_sdk import InferenceConfiguration, InferenceHTTPClient
    from inference_sdk.http.entities import ApiKeyTransport

    client = InferenceHTTPClient(api_url=job["address"], api_key=job.get("key"))
    if job.get("mode") == "v0":
        client.select_api_v0()
    configuration = dict(job.get("configuration", {}))
    if "transport" in job:
        configuration["api_key_transport"] = ApiKeyTransport(job["transport"])
    client.configure(InferenceConfiguration(**configuration))
    method = getattr(client, job["method"])
    arguments = dict(job.get("arguments", {}))
    if "images" in job:
        inputs = [as_input(path, job.get("input", "file")) for path in job["images"]]
        arguments["inference_input"] = inputs if job.get("many") else inputs[0]
    result = method(**arguments)
    if asyncio.iscoroutine(result):
        result = asyncio.run(result)
    return plain(result)


def as_input(path: str, kind: str) -> Any:
    if kind == "numpy":
        import cv2

        return cv2.imread(path)
    if kind == "pil":
        from PIL import Image

        return Image.open(path)
    return path


def plain(result: Any) -> Any:
    """The result in JSON's types: descriptions of models are dataclasses, images become lengths, arrays ranges."""
    if isinstance(result, list):
        return [plain(entry) for entry in result]
    if isinstance(result, dict):
        return {key: plain(value) for key, value in result.items()}
    if isinstance(result, bytes):
        return {"bytes": len(result), "begin": result[:3].hex()}
    if hasattr(result, "dtype"):
        return {"shape": list(result.shape), "least": float(result.min()), "greatest": float(result.max())}
    if hasattr(result, "to_dict"):
        return result.to_dict()
    return result


def call_triton(job: dict[str, Any]) -> Any:
    import numpy as np
    import tritonclient.http as triton

    address = job["address"].removeprefix("http://")
    client = triton.InferenceServerClient(address)
    headers = {"Authorization": f"Bearer {job['key']}"} if job.get("key") else {}
    if job["method"] == "metadata":
        return {
            "live": client.is_server_live(headers=headers),
            "ready": client.is_server_ready(headers=headers),
            "model_ready": client.is_model_ready(job["model"], headers=headers),
            "server": client.get_server_metadata(headers=headers),
            "model": client.get_model_metadata(job["model"], headers=headers),
        }
    array = np.load(job["tensor"])
    wanted = triton.InferInput(job["input_name"], array.shape, "FP32")
    wanted.set_data_from_numpy(array, binary_data=job["binary"])
    output = triton.InferRequestedOutput(job["output_name"], binary_data=job["binary"])
    reply = client.infer(job["model"], [wanted], outputs=[output], headers=headers)
    np.save(job["answer"], reply.as_numpy(job["output_name"]))
    return reply.get_response()["model_version"]


if __name__ == "__main__":
    main()
