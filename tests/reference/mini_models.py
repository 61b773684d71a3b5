# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Four small random models of the family, as different from each other as the family allows, so that no number of
SD 1.5 can be taken for granted:

  sd1-mini    SD 1.x made small: two levels with attention, epsilon, 1x1-convolution projections, F16 files
  proof-mini  three levels of one residual block, one channel a group above, v prediction, 32 text positions, F16
              files
  odd         attention in the middle level only, depths and heads by level, other depths going up, linear projections,
              residual middle block, time embedding the other way round, GELU text padded with token 0, eight latent
              channels with a shift, VAE without the 1x1 convolutions around the latent and with the attention names
              of old files, predicts the sample, F32 files of full precision
  bare        U-Net without a middle block, with different numbers of residual blocks by level and heads as wide as the
              level; VAE of one level (as many pixels as latent cells) without attention and with only one of the two
              1x1 convolutions; one text layer, so that clip skip 2 means the embeddings; nine positions; BF16 files

`write` puts a model into a folder as diffusers has it; `build` gives the modules with the very numbers of the files."""
import json
import math

import torch
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

import io_goldens
import ldm_names
import tiny_model

CROSS = ("CrossAttnDownBlock2D", "CrossAttnUpBlock2D")
PLAIN = ("DownBlock2D", "UpBlock2D")


def blocks(*kinds):
    """Both lists of block types, from those of the levels, finest first."""
    return dict(down_block_types=tuple(down for down, _ in kinds),
                up_block_types=tuple(up for _, up in reversed(kinds)))


def vae_blocks(n):
    return dict(down_block_types=("DownEncoderBlock2D",) * n, up_block_types=("UpDecoderBlock2D",) * n)


def scheduler(**changes):
    return dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear",
                set_alpha_to_one=False, steps_offset=1, clip_sample=False, prediction_type="epsilon",
                timestep_spacing="leading", trained_betas=None) | changes


# For each model: constructor arguments of its parts; the dtype of its files; `latent`, the (height, width) of its
# stage goldens; `seed` of its weights.
MODELS = {
    "sd1-mini": dict(
        unet=dict(sample_size=8, block_out_channels=(16, 24), layers_per_block=2, cross_attention_dim=24,
                  norm_num_groups=4, attention_head_dim=4, **blocks(CROSS, CROSS)),
        vae=dict(sample_size=32, block_out_channels=(8, 16, 16), layers_per_block=2, latent_channels=4,
                 norm_num_groups=4, scaling_factor=0.18215, **vae_blocks(3)),
        text=dict(vocab_size=600, hidden_size=24, intermediate_size=96, num_hidden_layers=3, num_attention_heads=3,
                  max_position_embeddings=77, hidden_act="quick_gelu", projection_dim=24,
                  bos_token_id=598, eos_token_id=599, pad_token_id=599),
        scheduler=scheduler(), dtype=torch.float16, latent=(6, 8), seed=11),
    "proof-mini": dict(
        unet=dict(sample_size=16, block_out_channels=(8, 16, 16), layers_per_block=1, cross_attention_dim=16,
                  norm_num_groups=8, attention_head_dim=2, **blocks(CROSS, CROSS, CROSS)),
        vae=dict(sample_size=64, block_out_channels=(8, 8, 12), layers_per_block=1, latent_channels=4,
                 norm_num_groups=2, scaling_factor=0.5, **vae_blocks(3)),
        text=dict(vocab_size=600, hidden_size=16, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
                  max_position_embeddings=32, hidden_act="quick_gelu", projection_dim=16,
                  bos_token_id=598, eos_token_id=599, pad_token_id=599),
        scheduler=scheduler(prediction_type="v_prediction", set_alpha_to_one=True, steps_offset=0,
                            timestep_spacing="trailing"),
        dtype=torch.float16, latent=(6, 10), seed=22),
    "odd": dict(
        unet=dict(sample_size=12, in_channels=8, out_channels=8, block_out_channels=(8, 12, 16),
                  layers_per_block=(1, 2, 1), cross_attention_dim=20, norm_num_groups=4, norm_eps=2e-5,
                  attention_head_dim=(1, 3, 2), transformer_layers_per_block=(1, 2, 1),
                  reverse_transformer_layers_per_block=(1, 1, 1), use_linear_projection=True,
                  flip_sin_to_cos=False, freq_shift=1, mid_block_type="UNetMidBlock2D", **blocks(PLAIN, CROSS, PLAIN)),
        vae=dict(sample_size=24, block_out_channels=(8, 12), layers_per_block=1, latent_channels=8, norm_num_groups=4,
                 scaling_factor=0.7, shift_factor=0.1, use_quant_conv=False, use_post_quant_conv=False,
                 force_upcast=False, **vae_blocks(2)),
        text=dict(vocab_size=580, hidden_size=20, intermediate_size=40, num_hidden_layers=2, num_attention_heads=2,
                  max_position_embeddings=24, hidden_act="gelu", layer_norm_eps=2e-5, projection_dim=20,
                  bos_token_id=578, eos_token_id=579, pad_token_id=0),
        scheduler=scheduler(prediction_type="sample", beta_schedule="linear", beta_start=1e-4, beta_end=0.02,
                            timestep_spacing="linspace"),
        dtype=torch.float32, latent=(7, 5), seed=33, old_names=True),
    "bare": dict(
        unet=dict(sample_size=None, block_out_channels=(8, 8, 16), layers_per_block=(2, 1, 1), cross_attention_dim=12,
                  norm_num_groups=4, attention_head_dim=(2, 1, 4), mid_block_type=None,
                  **blocks(CROSS, PLAIN, CROSS)),
        vae=dict(sample_size=16, block_out_channels=(8,), layers_per_block=1, latent_channels=4, norm_num_groups=2,
                 mid_block_add_attention=False, use_post_quant_conv=False, scaling_factor=1.0, **vae_blocks(1)),
        text=dict(vocab_size=580, hidden_size=12, intermediate_size=24, num_hidden_layers=1, num_attention_heads=1,
                  max_position_embeddings=9, hidden_act="quick_gelu", projection_dim=12,
                  bos_token_id=578, eos_token_id=579, pad_token_id=579),
        scheduler=scheduler(), dtype=torch.bfloat16, latent=(5, 3), seed=44),
}


def fill(module, seed, dtype):
    """Weights of deviation sqrt(1 / fan-in), rounded to what the file's dtype can hold."""
    generator = torch.Generator().manual_seed(seed)
    norms = (torch.nn.GroupNorm, torch.nn.LayerNorm)
    with torch.no_grad():
        for child in module.modules():
            for name, parameter in child.named_parameters(recurse=False):
                noise = torch.randn(parameter.shape, generator=generator)
                if isinstance(child, norms):
                    value = (name == "weight") + 0.2 * noise
                elif isinstance(child, torch.nn.Embedding):
                    value = 0.5 * noise
                elif name == "bias":
                    value = 0.1 * noise
                else:
                    value = noise / math.sqrt(parameter[0].numel())
                parameter.copy_(value.to(dtype))
    return module.float().eval()


def build(name):
    """(unet, vae, text encoder) of MODELS[name] in float32."""
    model = MODELS[name]
    unet = fill(UNet2DConditionModel(**model["unet"]), model["seed"], model["dtype"])
    vae = fill(AutoencoderKL(**model["vae"]), model["seed"] + 1, model["dtype"])
    text = fill(CLIPTextModel(CLIPTextConfig(**model["text"])), model["seed"] + 2, model["dtype"])
    return unet, vae, text


def write_tokenizer(folder, text):
    """CLIP's byte-level BPE with as many merges as the vocabulary has room for."""
    folder.mkdir(parents=True, exist_ok=True)
    letters = tiny_model.printable_bytes()
    merges = tiny_model.train_merges(text["vocab_size"] - 2 * len(letters) - 2)
    entries = letters + [c + "</w>" for c in letters] + ["".join(m) for m in merges]
    entries += ["<|startoftext|>", "<|endoftext|>"]
    assert len(set(entries)) == text["vocab_size"]
    vocabulary = {entry: i for i, entry in enumerate(entries)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False) + "\n", encoding="utf-8")
    lines = ["#version: 0.2"] + [" ".join(m) for m in merges]
    (folder / "merges.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    special = dict(bos_token="<|startoftext|>", eos_token="<|endoftext|>", unk_token="<|endoftext|>",
                   pad_token=entries[text["pad_token_id"]])
    io_goldens.write_json(folder / "special_tokens_map.json", special)
    io_goldens.write_json(folder / "tokenizer_config.json", dict(
        special, tokenizer_class="CLIPTokenizer", model_max_length=text["max_position_embeddings"],
        do_lower_case=True, add_prefix_space=False))


OLD_ATTENTION = {"to_q": "query", "to_k": "key", "to_v": "value", "to_out.0": "proj_attn"}


def old_attention_name(name):
    """The VAE's attention as files of 2022 and 2023 name it, SD 1.5's own among them."""
    for new, old in OLD_ATTENTION.items():
        name = name.replace(f"attentions.0.{new}.", f"attentions.0.{old}.")
    return name


def write(name, folder):
    """Writes MODELS[name] as a diffusers folder, and holds against the modules what diffusers reads back."""
    model, (unet, vae, text) = MODELS[name], build(name)
    write_part(folder / "unet", unet, unet.state_dict(), model["dtype"])
    old = model.get("old_names", False)
    state = {old_attention_name(n) if old else n: t for n, t in vae.state_dict().items()}
    write_part(folder / "vae", vae, state, model["dtype"])
    text_folder = folder / "text_encoder"
    text_folder.mkdir(parents=True, exist_ok=True)
    state = text.state_dict() if old else {ldm_names.with_text_model(n): t for n, t in text.state_dict().items()}
    io_goldens.write_shards(text_folder, "model", io_goldens.cast(state, model["dtype"]), 1)
    config = {key: getattr(text.config, key) for key in io_goldens.TEXT_KEYS}
    io_goldens.write_json(text_folder / "config.json", dict(config, architectures=["CLIPTextModel"]))
    write_tokenizer(folder / "tokenizer", model["text"])
    (folder / "scheduler").mkdir(exist_ok=True)
    io_goldens.write_json(folder / "scheduler" / "scheduler_config.json", dict(
        model["scheduler"], _class_name="DDIMScheduler", _diffusers_version="0.21.0"))
    io_goldens.write_json(folder / "model_index.json", {
        "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.21.0",
        "feature_extractor": [None, None], "requires_safety_checker": False, "safety_checker": [None, None],
        "scheduler": ["diffusers", "DDIMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"]})
    pipeline = pipeline_of(folder)
    for ours, theirs in ((unet, pipeline.unet), (vae, pipeline.vae), (text, pipeline.text_encoder)):
        check(theirs, ours)


def write_part(folder, module, state, dtype):
    folder.mkdir(parents=True, exist_ok=True)
    module.save_config(folder)
    io_goldens.write_shards(folder, "diffusion_pytorch_model", io_goldens.cast(state, dtype), 1)


def check(read, written):
    ours, theirs = written.state_dict(), read.state_dict()
    assert ours.keys() == theirs.keys()
    for key, tensor in ours.items():
        assert torch.equal(tensor, theirs[key].float()), key


def pipeline_of(folder):
    pipeline = StableDiffusionPipeline.from_pretrained(folder, torch_dtype=torch.float32, safety_checker=None,
                                                       local_files_only=True)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def tokenizer_of(folder):
    return CLIPTokenizer.from_pretrained(folder / "tokenizer", local_files_only=True)
