# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""From diffusers' and transformers' tensor names to those of original (LDM) single files.

Written from the table of names alone and apart from the C code, which goes the other way, so that the two can be held
against each other and against diffusers' own converter."""
import re

UNET = "model.diffusion_model."
VAE = "first_stage_model."
CLIP = "cond_stage_model.transformer."
OPEN_CLIP = "cond_stage_model.model."

UNET_RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1", "norm2": "out_layers.0",
               "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}
UNET_ENDS = {"time_embedding.linear_1": "time_embed.0", "time_embedding.linear_2": "time_embed.2",
             "conv_in": "input_blocks.0.0", "conv_norm_out": "out.0", "conv_out": "out.2"}
VAE_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v", "to_out.0": "proj_out"}
OPEN_CLIP_LAYER = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc", "mlp.fc2": "mlp.c_proj",
                   "self_attn.out_proj": "attn.out_proj"}


def unet_name(name, layers_per_block, attention_up):
    """`attention_up`: for each up block, whether it has attention (its up-sampler then stands third, not second)."""
    module, leaf = name.rsplit(".", 1)
    if module in UNET_ENDS:
        return f"{UNET}{UNET_ENDS[module]}.{leaf}"
    if match := re.fullmatch(r"mid_block\.(resnets|attentions)\.(\d)\.(.+)", module):
        kind, index, rest = match.groups()
        place = 1 if kind == "attentions" else 2 * int(index)
        rest = UNET_RESNET[rest] if kind == "resnets" else rest
        return f"{UNET}middle_block.{place}.{rest}.{leaf}"
    match = re.fullmatch(r"(down|up)_blocks\.(\d+)\.(resnets|attentions|downsamplers|upsamplers)\.(\d+)\.(.+)", module)
    way, block, kind, layer, rest = match.groups()
    block, layer = int(block), int(layer)
    if way == "down":
        place = 1 + block * (layers_per_block + 1) + (layers_per_block if kind == "downsamplers" else layer)
        inner = {"resnets": "0." + UNET_RESNET.get(rest, ""), "attentions": "1." + rest, "downsamplers": "0.op"}[kind]
        return f"{UNET}input_blocks.{place}.{inner}.{leaf}"
    place = block * (layers_per_block + 1) + (layers_per_block if kind == "upsamplers" else layer)
    inner = {"resnets": "0." + UNET_RESNET.get(rest, ""), "attentions": "1." + rest,
             "upsamplers": f"{2 if attention_up[block] else 1}.conv"}[kind]
    return f"{UNET}output_blocks.{place}.{inner}.{leaf}"


def vae_name(name, levels):
    name = name.replace("conv_norm_out", "norm_out").replace("conv_shortcut", "nin_shortcut")
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda m: f"mid.block_{int(m[1]) + 1}", name)
    if match := re.fullmatch(r"(.+)mid_block\.attentions\.0\.(.+)\.(weight|bias)", name):
        name = f"{match[1]}mid.attn_1.{VAE_ATTENTION[match[2]]}.{match[3]}"
    name = re.sub(r"down_blocks\.(\d)\.resnets", r"down.\1.block", name)
    name = re.sub(r"down_blocks\.(\d)\.downsamplers\.0", r"down.\1.downsample", name)
    name = re.sub(r"up_blocks\.(\d)\.resnets", lambda m: f"up.{levels - 1 - int(m[1])}.block", name)
    name = re.sub(r"up_blocks\.(\d)\.upsamplers\.0", lambda m: f"up.{levels - 1 - int(m[1])}.upsample", name)
    return VAE + name


def with_text_model(name):
    """transformers 5.6 and later leave the `text_model.` out that every older file has."""
    return name if name.startswith("text_model.") else "text_model." + name


def ldm_state(unet, vae, text):
    """The three state dicts of an SD 1.x pipeline (dicts name -> tensor) as one LDM state dict."""
    out = {}
    layers = 1 + max(int(m[1]) for n in unet if (m := re.match(r"down_blocks\.0\.resnets\.(\d)", n)))
    n_up = 1 + max(int(m[1]) for n in unet if (m := re.match(r"up_blocks\.(\d)", n)))
    attention_up = [any(n.startswith(f"up_blocks.{i}.attentions") for n in unet) for i in range(n_up)]
    levels = 1 + max(int(m[1]) for n in vae if (m := re.match(r"decoder\.up_blocks\.(\d)", n)))
    for name, tensor in unet.items():
        out[unet_name(name, layers, attention_up)] = tensor
    for name, tensor in vae.items():
        is_linear = re.search(r"mid_block\.attentions\.0\.to_.*weight", name)
        out[vae_name(name, levels)] = tensor[:, :, None, None] if is_linear else tensor
    for name, tensor in text.items():
        out[CLIP + with_text_model(name)] = tensor
    return out


def open_clip_state(text, n_layers, cat):
    """A transformers CLIPTextModel of `n_layers` as OpenCLIP names it; `cat` joins three tensors along dimension 0."""
    text = {with_text_model(n).removeprefix("text_model."): t for n, t in text.items()}
    out = {OPEN_CLIP + "token_embedding.weight": text["embeddings.token_embedding.weight"],
           OPEN_CLIP + "positional_embedding": text["embeddings.position_embedding.weight"]}
    for leaf in ("weight", "bias"):
        out[f"{OPEN_CLIP}ln_final.{leaf}"] = text[f"final_layer_norm.{leaf}"]
        for i in range(n_layers):
            layer, block = f"encoder.layers.{i}.", f"{OPEN_CLIP}transformer.resblocks.{i}."
            out[f"{block}attn.in_proj_{leaf}"] = cat([text[f"{layer}self_attn.{x}_proj.{leaf}"] for x in "qkv"])
            for hf, ours in OPEN_CLIP_LAYER.items():
                out[f"{block}{ours}.{leaf}"] = text[f"{layer}{hf}.{leaf}"]
    return out
