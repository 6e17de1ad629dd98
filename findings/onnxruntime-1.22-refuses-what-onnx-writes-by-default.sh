#!/usr/bin/env bash
# A model made by onnx with an old opset is refused by ONNX Runtime 1.22 all the same: the IR version decides.
#
# onnx 1.23.2, onnxruntime 1.22.1 and 1.32.0. One asks for opset 17 to reach old devices, and the file has opset 17; but
# helper.make_model stamps the newest IR version, 14, whatever the opset, and 1.22.1 reads none above 10. So the IR version
# belongs to what a device must be able to read; passing ir_version=8 makes the same bytes load on both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/make.py" <<'PYTHON'
import sys

import onnx
from onnx import TensorProto, helper

graph = helper.make_graph(
    [helper.make_node("Relu", ["x"], ["y"])],
    "g",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3])],
    [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3])],
)
opset = [helper.make_opsetid("", 17)]
default = helper.make_model(graph, opset_imports=opset)
assert default.ir_version == 14, default.ir_version
onnx.save(default, f"{sys.argv[1]}/default.onnx")
onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), f"{sys.argv[1]}/old.onnx")
PYTHON
cat > "$folder/load.py" <<'PYTHON'
import sys

import onnxruntime


def load(name):
    try:
        onnxruntime.InferenceSession(f"{sys.argv[1]}/{name}.onnx", providers=["CPUExecutionProvider"])
    except Exception as error:
        return str(error).strip().rpartition(", ")[2] if "IR version" in str(error) else f"another error: {error}"
    return "loads"


print(onnxruntime.__version__, "default:", load("default"))
print(onnxruntime.__version__, "IR 8:", load("old"))
old_runtime = onnxruntime.__version__.startswith("1.22")
assert ("IR version" in load("default")) == old_runtime, load("default")
assert load("old") == "loads"
PYTHON
for version in 1.22.1 1.32.0; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install -q onnxruntime==$version numpy==2.2.6
done
python3 -m venv "$folder/onnx"
"$folder/onnx/bin/pip" install -q onnx==1.23.2
"$folder/onnx/bin/python" "$folder/make.py" "$folder"
for version in 1.22.1 1.32.0; do "$folder/$version/bin/python" "$folder/load.py" "$folder"; done
# Seen:
#   1.22.1 default: max supported IR version: 10
#   1.22.1 IR 8: loads
#   1.32.0 default: loads
#   1.32.0 IR 8: loads
