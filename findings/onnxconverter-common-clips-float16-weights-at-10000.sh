#!/usr/bin/env bash
# onnxconverter-common's conversion to float16 turns weights beyond 10,000 into 10,000.
#
# onnxconverter-common 1.16.0, onnx 1.22.0. float16 goes up to 65,504. One would guess that a weight of 20,000 stays what
# it is, and that only one beyond 65,504 is cut or refused. `convert_float_to_float16` cuts at its parameter
# `max_finite_val`, 1e4 unless told otherwise, and lifts what is nearer to zero than 1e-7 to that. It warns through
# Python's warnings, which an export script rarely shows, and the network loads and runs. Give it max_finite_val=65504.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q onnxconverter-common==1.16.0 onnx==1.22.0 numpy==2.2.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
from importlib.metadata import version

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from onnxconverter_common.float16 import convert_float_to_float16


def converted(**options):
    weights = numpy_helper.from_array(np.array([1, 20_000, 60_000], np.float32), "weights")
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "weights"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [3])],
        [weights],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    result = convert_float_to_float16(model, **options)
    return numpy_helper.to_array(result.graph.initializer[0]).tolist()


print(version("onnxconverter-common"), "default", converted(), "with 65504", converted(max_finite_val=65504.0))
assert converted() == [1, 10_000, 10_000]
assert converted(max_finite_val=65504.0) == [1, 20_000, 60_000]
PYTHON
# Seen:
#   1.16.0 default [1.0, 10000.0, 10000.0] with 65504 [1.0, 20000.0, 60000.0]
