# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a safetensors file whose bytes depend on nothing but its contents: the usual writer orders the metadata anew
at every run, which would show as a change in every commit."""
import json

import torch

NAMES = {torch.float32: "F32", torch.int64: "I64", torch.uint8: "U8"}


def write(path, tensors, metadata):
    """tensors: name -> F32, I64 or U8, written in order of name; metadata: name -> string."""
    header, begin, blobs = {"__metadata__": metadata}, 0, []
    # Wider elements first, so that each tensor is aligned.
    for name in sorted(tensors, key=lambda n: (-tensors[n].element_size(), n)):
        tensor = tensors[name].contiguous()
        blob = tensor.numpy().tobytes()
        header[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [begin, begin + len(blob)]}
        begin += len(blob)
        blobs.append(blob)
    text = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"".join(blobs))
