#!/usr/bin/env bash
# A float16 network that overflows gives a finite answer on ONNX Runtime's CPU provider.
#
# onnxruntime 1.32.0, onnx 1.22.0. Every tensor of the network is float16: 100 * 1000 / 1000, where the largest float16 is
# 65,504. One would guess infinity, as the standard's reference and NumPy say, and as a runtime with kernels of that type
# does. The CPU provider has none for these operators: it runs them in float32, and takes the casts between them out. So
# the overflow between two nodes is never rounded, and the answer is 100.
# A half-precision export that looks right here may answer NaN on a GPU: compare it there, or look at the largest value
# between the nodes of the float32 network.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q onnxruntime==1.32.0 onnx==1.22.0 numpy==2.2.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

graph = helper.make_graph(
    [helper.make_node("Mul", ["x", "thousand"], ["between"]), helper.make_node("Div", ["between", "thousand"], ["y"])],
    "g",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT16, [1])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT16, [1])],
    [numpy_helper.from_array(np.array([1000], np.float16), "thousand")],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
x = {"x": np.array([100], np.float16)}
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
(found,), (expected,) = session.run(None, x), ReferenceEvaluator(model).run(None, x)
print(onnxruntime.__version__, "runtime", found.dtype, found[0], "reference", expected.dtype, expected[0])
assert found.dtype == expected.dtype == np.float16
assert found[0] == 100
assert np.isinf(expected[0])
PYTHON
# Seen:
#   1.32.0 runtime float16 100.0 reference float16 inf
