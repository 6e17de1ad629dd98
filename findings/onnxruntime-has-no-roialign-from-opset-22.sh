#!/usr/bin/env bash
# An opset that ONNX Runtime accepts does not mean that it has kernels for it: RoiAlign is gone from opset 22 on.
#
# onnxruntime 1.32.0 accepts files up to opset 28, and 22 added nothing but bfloat16 to RoiAlign. The same network loads at
# opset 21 and is refused at 22 with NOT_IMPLEMENTED: an exporter that raises the opset makes a working model unusable on
# the CPU. The error comes from the making of the session, so a check of the opset alone does not find it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/run.py" <<'PYTHON'
import onnx
import onnxruntime
from onnx import TensorProto, helper


def load(opset):
    graph = helper.make_graph(
        [helper.make_node("RoiAlign", ["x", "rois", "batch"], ["y"], output_height=2, output_width=2)],
        "g",
        [
            helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, 16, 16]),
            helper.make_tensor_value_info("rois", TensorProto.FLOAT, [1, 4]),
            helper.make_tensor_value_info("batch", TensorProto.INT64, [1]),
        ],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 3, 2, 2])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    onnx.checker.check_model(model, full_check=True)
    try:
        onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "loads"


for opset in (21, 22, 24):
    print(onnxruntime.__version__, opset, load(opset))
assert load(21) == "loads"
assert load(22).startswith("NotImplemented: [ONNXRuntimeError] : 9 : NOT_IMPLEMENTED") and "RoiAlign(22)" in load(22)
PYTHON
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q onnxruntime==1.32.0 onnx==1.22.0
"$folder/venv/bin/python" "$folder/run.py"
# Seen:
#   1.32.0 21 loads
#   1.32.0 22 NotImplemented: [ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : Could not find an implementation for RoiAlign(22) node with name ''
#   1.32.0 24 NotImplemented: [ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : Could not find an implementation for RoiAlign(22) node with name ''
