#!/usr/bin/env bash
# Of the two ways to give ONNX Runtime an initializer from memory, one still opens the external data file.
#
# onnxruntime 1.32.0, onnx 1.22.0. The weights of a network lie in a file beside it. `SessionOptions` takes them from
# memory instead by `add_initializer` (one) and `add_external_initializers` (several). One would guess that both make the
# file unnecessary. With the second the session loads without it, and answers with what was given; with the first the load
# fails, for the file that nothing reads any more.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q onnxruntime==1.32.0 onnx==1.22.0 numpy==2.2.6
cd "$folder"
venv/bin/python - <<'PYTHON'
import os

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

weights = np.arange(1024, dtype=np.float32)
graph = helper.make_graph(
    [helper.make_node("Add", ["x", "weights"], ["y"])],
    "g",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1024])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1024])],
    [numpy_helper.from_array(weights, "weights")],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.save_model(model, "model.onnx", save_as_external_data=True, location="model.data", size_threshold=0)


def answer(add):
    given = onnxruntime.OrtValue.ortvalue_from_numpy(weights + 1)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    add(options, given)
    try:
        session = onnxruntime.InferenceSession("model.onnx", options, providers=["CPUExecutionProvider"])
    except Exception as error:
        return type(error).__name__
    return float(session.run(None, {"x": np.zeros(1024, np.float32)})[0][0])


WAYS = {
    "add_initializer": lambda options, value: options.add_initializer("weights", value),
    "add_external_initializers": lambda options, value: options.add_external_initializers(["weights"], [value]),
}
seen = {("with the file", name): answer(add) for name, add in WAYS.items()}
os.remove("model.data")
seen |= {("without it", name): answer(add) for name, add in WAYS.items()}
for (where, name), found in seen.items():
    print(onnxruntime.__version__, name, where, found)
assert list(seen.values()) == [1.0, 1.0, "Fail", 1.0]
PYTHON
# Seen:
#   1.32.0 add_initializer with the file 1.0
#   1.32.0 add_external_initializers with the file 1.0
#   1.32.0 add_initializer without it Fail
#   1.32.0 add_external_initializers without it 1.0
