"""Runs inside the client's environment: writes a model that depends on another, small and with random weights.

    python tiny_instant.py FOLDER

makes FOLDER/owlv2 (an OWLv2 of a few thousand weights in the Hugging Face layout) and FOLDER/instant (an
instant model, which asks for an OWLv2 under the name `feature_extractor`), laid out as local packages.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from transformers import (
    CLIPTokenizer,
    Owlv2Config,
    Owlv2ForObjectDetection,
    Owlv2ImageProcessor,
    Owlv2Processor,
)

WIDTH = 16
# The model keeps the 300 best patches of an image, so it must have as many.
SIDE = 288
PATCH = 16
END = "<|endoftext|>"


def write_config(folder: Path, architecture: str, task_type: str, backend: str) -> None:
    document = {"model_architecture": architecture, "task_type": task_type, "backend_type": backend}
    (folder / "model_config.json").write_text(json.dumps(document))


def write_owlv2(folder: Path) -> None:
    """The feature extractor. Its vocabulary is the letters, each alone and at the end of a word."""
    folder.mkdir(parents=True)
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    tokens = [*letters, *(f"{letter}</w>" for letter in letters), "<|startoftext|>", END]
    vocabulary, merges = folder / "vocab.json", folder / "merges.txt"
    vocabulary.write_text(json.dumps({token: number for number, token in enumerate(tokens)}))
    merges.write_text("#version: 0.2\n")
    tokenizer = CLIPTokenizer(str(vocabulary), str(merges), pad_token=END)
    layers = {"hidden_size": WIDTH, "intermediate_size": WIDTH, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = Owlv2Config(
        text_config={
            **layers,
            "vocab_size": len(tokens),
            "max_position_embeddings": 16,
            "bos_token_id": len(tokens) - 2,
            "eos_token_id": len(tokens) - 1,
        },
        vision_config={**layers, "image_size": SIDE, "patch_size": PATCH},
        projection_dim=WIDTH,
    )
    torch.manual_seed(0)
    Owlv2ForObjectDetection(config).save_pretrained(folder)
    image_processor = Owlv2ImageProcessor(size={"height": SIDE, "width": SIDE})
    Owlv2Processor(image_processor=image_processor, tokenizer=tokenizer).save_pretrained(folder)
    write_config(folder, "owlv2", "open-vocabulary-object-detection", "hugging-face")


def write_instant(folder: Path) -> None:
    """One class, whose positive example has a random embedding."""
    folder.mkdir(parents=True)
    torch.manual_seed(1)
    examples = {"mark": {"positive": torch.randn(2, WIDTH), "negative": torch.randn(2, WIDTH)}}
    torch.save({"class_names": ["mark"], "train_data_dict": examples}, folder / "weights.pt")
    write_config(folder, "roboflow-instant", "object-detection", "hugging-face")


if __name__ == "__main__":
    root = Path(sys.argv[1])
    write_owlv2(root / "owlv2")
    write_instant(root / "instant")
