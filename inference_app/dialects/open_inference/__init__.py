"""The Open Inference Protocol, version 2, over HTTP: what KServe's and Triton's clients speak.

https://github.com/kserve/open-inference-protocol, with Triton's extension for binary tensors
(https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md).
"""
