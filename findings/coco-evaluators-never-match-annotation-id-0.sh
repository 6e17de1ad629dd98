#!/usr/bin/env bash
# An annotation whose id is 0 is never found, however well a detection fits it: pycocotools and faster-coco-eval.
#
# pycocotools 2.0.11, faster-coco-eval 1.8.0. The COCO format asks for unique ids and says nothing of where they begin, and
# converters that count from 0 are common. One would guess that ids are names and nothing else. Both evaluators note the
# id of the matched annotation beside each detection, and 0 there means "none": four perfect detections of four
# annotations, numbered 0 to 3, are an average precision of 0.56. pycocotools says nothing; faster-coco-eval warns.
# Negative ids are another difference: pycocotools matches them, faster-coco-eval matches none.
# So number annotations from 1 before measuring.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q pycocotools==2.0.11 faster-coco-eval==1.8.0 numpy==2.2.6
"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import contextlib
import io

import faster_coco_eval
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

BOX = {"category_id": 1, "bbox": [10, 10, 30, 30]}
FOUND = [{**BOX, "image_id": number, "score": 0.9} for number in (1, 2, 3, 4)]


def truth(first):
    return {
        "info": {},
        "images": [{"id": number, "width": 100, "height": 100} for number in (1, 2, 3, 4)],
        "annotations": [
            {**BOX, "id": first + index, "image_id": index + 1, "area": 900, "iscrowd": 0} for index in range(4)
        ],
        "categories": [{"id": 1, "name": "part"}],
    }


def with_pycocotools(first):
    known = COCO()
    known.dataset = truth(first)
    known.createIndex()
    return COCOeval(known, known.loadRes(FOUND), "bbox")


def with_faster_coco_eval(first):
    known = faster_coco_eval.COCO(truth(first))
    return faster_coco_eval.COCOeval_faster(known, known.loadRes(FOUND), "bbox")


seen = {}
for evaluator in (with_pycocotools, with_faster_coco_eval):
    for first in (1, 0, -4):
        with contextlib.redirect_stdout(io.StringIO()):
            evaluation = evaluator(first)
            evaluation.evaluate()
            evaluation.accumulate()
            evaluation.summarize()
        seen[evaluator.__name__, first] = round(float(evaluation.stats[0]), 3)
        print(evaluator.__name__, "ids from", first, "average precision", seen[evaluator.__name__, first])

assert seen == {
    ("with_pycocotools", 1): 1.0,
    ("with_pycocotools", 0): 0.564,
    ("with_pycocotools", -4): 1.0,
    ("with_faster_coco_eval", 1): 1.0,
    ("with_faster_coco_eval", 0): 0.564,
    ("with_faster_coco_eval", -4): 0.0,
}
PYTHON
# Seen:
#   with_pycocotools ids from 1 average precision 1.0
#   with_pycocotools ids from 0 average precision 0.564
#   with_pycocotools ids from -4 average precision 1.0
#   with_faster_coco_eval ids from 1 average precision 1.0
#   with_faster_coco_eval ids from 0 average precision 0.564
#   with_faster_coco_eval ids from -4 average precision 0.0
