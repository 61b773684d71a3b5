# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes what PyTorch says about each op of the engine's table, on small random inputs:

    python op_goldens.py ../golden/ops.safetensors

Everything is computed in float64 and stored as float32, so that what is stored is right to the last bit but one.
Pictures are [N, C, H, W] and tokens [B, T, C], as in PyTorch. A tensor's name is CASE.ROLE; the parameters of each case
(stride, groups, heads, ...) stand in tests/unit/test-op-goldens.c beside its name."""
import pathlib
import sys

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

generator = torch.Generator().manual_seed(20261123)
tensors = {}


def random(*shape, scale=1.0, offset=0.0):
    """float64 numbers that float32 holds exactly."""
    x = torch.randn(*shape, generator=generator, dtype=torch.float32) * scale + offset
    return x.double()


def keep(case, **roles):
    for role, tensor in roles.items():
        tensors[f"{case}.{role}"] = tensor.float().contiguous()


ACTIVATIONS = {
    "none": lambda x: x,
    "silu": F.silu,
    "gelu": F.gelu,
    "quick_gelu": lambda x: x * torch.sigmoid(1.702 * x),
}


def conv(case, n, cin, h, w, cout, kernel, stride=1, upsample=1, pads=(1, 1, 1, 1), crop=(0, 0), activation="none",
         bias=True, channel_add=False, residual=False, cin2=0):
    """pads: top, left, bottom, right; crop: rows at the bottom, columns at the right, after enlarging."""
    top, left, bottom, right = pads
    x = random(n, cin, h, w)
    x2 = random(n, cin2, h, w) if cin2 else None
    weight = random(cout, cin + cin2, kernel, kernel, scale=0.3)
    b = random(cout) if bias else None
    y = torch.cat([x, x2], 1) if cin2 else x
    if upsample > 1:
        y = F.interpolate(y, scale_factor=upsample, mode="nearest")
    y = y[:, :, : y.shape[2] - crop[0], : y.shape[3] - crop[1]]
    y = F.conv2d(F.pad(y, (left, right, top, bottom)), weight, b, stride=stride)
    keep(case, x=x, weight=weight)
    if cin2:
        keep(case, x2=x2)
    if bias:
        keep(case, bias=b)
    if channel_add:
        add = random(n, cout)
        y = y + add[:, :, None, None]
        keep(case, channel_add=add)
    y = ACTIVATIONS[activation](y)
    if residual:
        r = random(*y.shape)
        y = y + r
        keep(case, residual=r)
    keep(case, y=y)


def linear(case, rows, cin, cout, bias=True, activation="none", residual=False, geglu=False):
    x = random(1, rows, cin)
    weight = random(cout * (2 if geglu else 1), cin, scale=0.4)
    b = random(weight.shape[0]) if bias else None
    y = F.linear(x, weight, b)
    keep(case, x=x, weight=weight)
    if bias:
        keep(case, bias=b)
    if geglu:
        value, gate = y.chunk(2, dim=-1)
        y = value * F.gelu(gate)
    y = ACTIVATIONS[activation](y)
    if residual:
        r = random(*y.shape)
        y = y + r
        keep(case, residual=r)
    keep(case, y=y)


def stacked(case, rows, cin, couts):
    """Several matrices in one product; the second part has no bias."""
    x = random(1, rows, cin)
    parts = []
    keep(case, x=x)
    for i, cout in enumerate(couts):
        weight = random(cout, cin, scale=0.4)
        b = random(cout) if i != 1 else None
        parts.append(F.linear(x, weight, b))
        keep(case, **{f"weight{i}": weight})
        if b is not None:
            keep(case, **{f"bias{i}": b})
    keep(case, y=torch.cat(parts, -1))


def group_norm(case, n, c, h, w, groups, epsilon, activation="none", c2=0, offset=0.0):
    x = random(n, c + c2, h, w, scale=2.0, offset=offset)
    gamma, beta = random(c + c2), random(c + c2)
    y = ACTIVATIONS[activation](F.group_norm(x, groups, gamma, beta, epsilon))
    keep(case, x=x[:, :c], gamma=gamma, beta=beta, y=y)
    if c2:
        keep(case, x2=x[:, c:])


def layer_norm(case, rows, c, epsilon, offset=0.0):
    x = random(1, rows, c, scale=3.0, offset=offset)
    gamma, beta = random(c), random(c)
    keep(case, x=x, gamma=gamma, beta=beta, y=F.layer_norm(x, (c,), gamma, beta, epsilon))


def attention(case, batch, queries, keys, heads, width, causal=False, scale=1.0):
    q = random(batch, queries, heads * width, scale=scale)
    k, v = random(batch, keys, heads * width, scale=scale), random(batch, keys, heads * width)

    def split(t):
        return t.view(batch, t.shape[1], heads, width).transpose(1, 2)

    y = F.scaled_dot_product_attention(split(q), split(k), split(v), is_causal=causal)
    keep(case, q=q, k=k, v=v, y=y.transpose(1, 2).reshape(batch, queries, heads * width))


def embed(case, batch, length, vocabulary, positions, c):
    tokens, places = random(vocabulary, c), random(positions, c)
    ids = torch.randint(0, vocabulary, (batch, length), generator=generator)
    keep(case, tokens=tokens, positions=places, y=F.embedding(ids, tokens) + places[:length])
    tensors[f"{case}.ids"] = ids.to(torch.int32)


conv("conv.same", 2, 3, 7, 5, 4, 3)
conv("conv.one", 1, 5, 3, 4, 6, 1, pads=(0, 0, 0, 0), bias=False)
conv("conv.down", 1, 4, 8, 6, 5, 3, stride=2)
conv("conv.down_odd", 1, 4, 9, 7, 5, 3, stride=2)
conv("conv.down_asymmetric", 2, 3, 8, 7, 4, 3, stride=2, pads=(0, 0, 1, 1))
conv("conv.up", 1, 4, 3, 5, 4, 3, upsample=2)
conv("conv.up_crop", 1, 3, 3, 5, 4, 3, upsample=2, crop=(1, 1))
conv("conv.join", 2, 3, 4, 5, 6, 3, cin2=5)
conv("conv.epilogue", 2, 4, 5, 3, 6, 3, activation="silu", channel_add=True, residual=True)
conv("conv.five", 1, 2, 6, 6, 3, 5, pads=(2, 2, 2, 2))
linear("linear.plain", 5, 7, 6)
linear("linear.gelu", 5, 9, 8, activation="gelu", residual=True)
linear("linear.quick_gelu", 3, 8, 11, activation="quick_gelu", bias=False)
linear("linear.geglu", 6, 10, 7, geglu=True, residual=True)
stacked("linear.stacked", 4, 6, (5, 3, 7))
group_norm("group_norm.plain", 2, 12, 5, 3, 3, 1e-5)
group_norm("group_norm.silu", 1, 8, 4, 4, 4, 1e-6, activation="silu")
group_norm("group_norm.straddle", 2, 5, 3, 3, 3, 1e-5, activation="silu", c2=7)
group_norm("group_norm.offset", 1, 6, 5, 5, 2, 1e-6, offset=300.0)
layer_norm("layer_norm.plain", 4, 17, 1e-5)
layer_norm("layer_norm.offset", 3, 40, 1e-5, offset=100.0)
attention("attention.self", 2, 9, 9, 3, 4)
attention("attention.cross", 1, 6, 77, 2, 8)
attention("attention.causal", 2, 11, 11, 2, 5, causal=True)
attention("attention.sharp", 1, 5, 13, 1, 16, scale=6.0)
embed("embed.plain", 2, 5, 19, 7, 6)

path = pathlib.Path(sys.argv[1])
save_file(tensors, path)
print(f"{path}: {len(tensors)} tensors, {path.stat().st_size} bytes")
