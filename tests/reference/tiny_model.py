# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""A complete Stable Diffusion pipeline of half a million random numbers, the same at every run: what tests load.

Every number is exact in both F16 and BF16, so that all copies of it hold the same values whatever their dtype."""
import json
import math
import pathlib

import torch
from diffusers import AutoencoderKL, PNDMScheduler, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel

UNET = dict(sample_size=16, block_out_channels=(16, 16, 32), layers_per_block=2, cross_attention_dim=48,
            down_block_types=("CrossAttnDownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "CrossAttnUpBlock2D"),
            norm_num_groups=8, attention_head_dim=8)
VAE = dict(sample_size=64, block_out_channels=(8, 16, 16), layers_per_block=1, latent_channels=4, norm_num_groups=4,
           down_block_types=("DownEncoderBlock2D",) * 3, up_block_types=("UpDecoderBlock2D",) * 3,
           scaling_factor=0.18215)
SCHEDULER = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
                 set_alpha_to_one=False, skip_prk_steps=True, steps_offset=1)
VOCABULARY = 600
TEXT = dict(vocab_size=VOCABULARY, hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
            max_position_embeddings=77, hidden_act="quick_gelu", projection_dim=48,
            bos_token_id=VOCABULARY - 2, eos_token_id=VOCABULARY - 1, pad_token_id=VOCABULARY - 1)

# What the tokenizer's merges are counted on.
SENTENCES = """a red apple on a white plate; the old lighthouse above the storm; a lighthouse on a cliff in the rain;
two green pears and a lemon; a photo of a sleeping cat; a painting of the sea at night, oil on canvas; the smiling sun;
a watercolor painting of a small house with a red door; a black and white photo of the street; a tree in the wind;
the blue car in front of the house; a heart of stone; a portrait of a woman, soft light; trees on the mountain"""


def printable_bytes():
    """Each byte's stand-in letter in byte-level BPE, in the order of CLIP's vocabulary: printable ones stand for
    themselves, the others get the letters from U+0100 on."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [b for b in range(256) if b not in shown]
    return [chr(b) for b in shown] + [chr(256 + i) for i in range(len(hidden))]


def train_merges(n_merges):
    """The n most frequent pairs, one after the other; ties go to the pair that sorts first."""
    words = {}
    for word in SENTENCES.replace(";", " ").replace(",", " ").split():
        symbols = (*word[:-1], word[-1] + "</w>")
        words[symbols] = words.get(symbols, 0) + 1
    merges = []
    while len(merges) < n_merges:
        pairs = {}
        for symbols, count in words.items():
            for pair in zip(symbols, symbols[1:]):
                pairs[pair] = pairs.get(pair, 0) + count
        best = min(pairs, key=lambda p: (-pairs[p], p))
        merges.append(best)
        words = {join(symbols, best): count for symbols, count in words.items()}
    return merges


def join(symbols, pair):
    out = []
    for symbol in symbols:
        if out and (out[-1], symbol) == pair:
            out[-1] += symbol
        else:
            out.append(symbol)
    return tuple(out)


def write_tokenizer(folder):
    folder.mkdir(parents=True, exist_ok=True)
    letters = printable_bytes()
    merges = train_merges(VOCABULARY - 2 * len(letters) - 2)
    entries = letters + [c + "</w>" for c in letters] + ["".join(m) for m in merges]
    entries += ["<|startoftext|>", "<|endoftext|>"]
    assert len(set(entries)) == VOCABULARY
    vocabulary = {entry: i for i, entry in enumerate(entries)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False) + "\n", encoding="utf-8")
    lines = ["#version: 0.2"] + [" ".join(m) for m in merges]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    special = dict(bos_token="<|startoftext|>", eos_token="<|endoftext|>", unk_token="<|endoftext|>",
                   pad_token="<|endoftext|>")
    config = dict(special, tokenizer_class="CLIPTokenizer", model_max_length=77, do_lower_case=True,
                  add_prefix_space=False)
    (folder / "special_tokens_map.json").write_text(json.dumps(special, indent=2) + "\n")
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")


def exact_in_16_bits(tensor):
    """Rounded to BF16, and to zero where F16 would be subnormal and could lose bits."""
    tensor = tensor.to(torch.bfloat16).float()
    return torch.where(tensor.abs() < 2.0 ** -14, torch.zeros_like(tensor), tensor)


def fill(module, seed):
    """Weights of deviation sqrt(1 / fan-in), so that activations stay around 1; norms around (1, 0), embeddings .5."""
    generator = torch.Generator().manual_seed(seed)
    norms = (torch.nn.GroupNorm, torch.nn.LayerNorm)
    with torch.no_grad():
        for child in module.modules():
            for name, parameter in child.named_parameters(recurse=False):
                noise = torch.randn(parameter.shape, generator=generator)
                if isinstance(child, norms):
                    value = (name == "weight") + 0.1 * noise
                elif isinstance(child, torch.nn.Embedding):
                    value = 0.5 * noise
                elif name == "bias":
                    value = 0.05 * noise
                else:
                    value = noise / math.sqrt(parameter[0].numel())
                parameter.copy_(exact_in_16_bits(value))
    return module.float().eval()


def build():
    """(unet, vae, text_encoder, scheduler), float32, the same numbers at every run."""
    unet = fill(UNet2DConditionModel(**UNET), 1)
    vae = fill(AutoencoderKL(**VAE), 2)
    text = fill(CLIPTextModel(CLIPTextConfig(**TEXT)), 3)
    return unet, vae, text, PNDMScheduler(**SCHEDULER)


def load(folder):
    """The same four from a diffusers folder as files have it, in float32."""
    folder = pathlib.Path(folder)
    return (UNet2DConditionModel.from_pretrained(folder / "unet", torch_dtype=torch.float32).eval(),
            AutoencoderKL.from_pretrained(folder / "vae", torch_dtype=torch.float32).eval(),
            CLIPTextModel.from_pretrained(folder / "text_encoder", dtype=torch.float32).eval(),
            PNDMScheduler.from_pretrained(folder / "scheduler"))
