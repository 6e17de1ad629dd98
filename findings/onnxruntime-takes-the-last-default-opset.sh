#!/usr/bin/env bash
# ONNX Runtime takes the last of two entries for the default operator set, not the highest.
#
# onnxruntime 1.22.1 and 1.32.0, onnx 1.22.0, CPU. A model may list the default domain twice, as "" and as "ai.onnx" or
# both times as "". The ONNX text speaks of one version for each domain; onnx.checker takes the file. One would guess that
# the runtime refuses it or runs the highest. It runs the last: with Softmax, whose meaning changed in version 13, the
# same two entries in two orders give two answers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat > "$folder/run.py" <<'PYTHON'
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

x = np.arange(8, dtype=np.float32).reshape(1, 2, 4)


def answer(*versions):
    graph = helper.make_graph(
        [helper.make_node("Softmax", ["x"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 2, 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 2, 4])],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", each) for each in versions], ir_version=8)
    onnx.checker.check_model(model)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


old, new = answer(11), answer(13)
assert not np.allclose(old, new)
assert np.array_equal(answer(13, 11), old)
assert np.array_equal(answer(11, 13), new)
print(onnxruntime.__version__, "13 then 11 runs as 11; 11 then 13 runs as 13")
PYTHON
for version in 1.22.1 1.32.0; do
    python3 -m venv "$folder/$version"
    "$folder/$version/bin/pip" install -q onnxruntime==$version onnx==1.22.0 numpy==2.2.6
    "$folder/$version/bin/python" "$folder/run.py"
done
# Seen:
#   1.22.1 13 then 11 runs as 11; 11 then 13 runs as 13
#   1.32.0 13 then 11 runs as 11; 11 then 13 runs as 13
