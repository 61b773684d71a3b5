# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the tiny model in both layouts, and the table of names of full-size models:

    python io_goldens.py ../golden

  tiny-diffusers/        a diffusers folder: U-Net F16 in two shards with an index, VAE F32, text encoder BF16
  tiny-ldm.safetensors   the same numbers as one file in the original naming, F16, with the leftovers that real files
                         have; tiny-ldm.json beside it says what tensors cannot (groups, text heads, tokenizer)
  names-sd1.txt          "LDM name<TAB>canonical name<TAB>shape" of every tensor of SD 1.5, as diffusers converts it
  names-sd2-text.txt     "LDM name<TAB>canonical name<TAB>shape in the file<TAB>first row<TAB>rows" of SD 2's text encoder
                         (a "-" for the last block, which is not used)

Everything is first loaded by diffusers itself (the single file by StableDiffusionPipeline.from_single_file) and held
against the source, number by number."""
import json
import pathlib
import sys

import torch
from accelerate import init_empty_weights
from diffusers import AutoencoderKL, StableDiffusionPipeline, UNet2DConditionModel
from diffusers.loaders import single_file_utils
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel

import ldm_names
import tiny_model

METADATA = {"format": "pt"}
TEXT_KEYS = ("model_type", "vocab_size", "hidden_size", "intermediate_size", "projection_dim", "num_hidden_layers",
             "num_attention_heads", "max_position_embeddings", "hidden_act", "layer_norm_eps", "bos_token_id",
             "eos_token_id", "pad_token_id")


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n")


def write_diffusers(folder, unet, vae, text, unet_dtype, vae_dtype, text_dtype, shards=1):
    """A folder as diffusers 0.2x and transformers 4 wrote them, which is what people have."""
    for part in ("unet", "vae", "text_encoder", "scheduler"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    write_json(folder / "model_index.json", {
        "_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.21.0",
        "feature_extractor": [None, None], "requires_safety_checker": False, "safety_checker": [None, None],
        "scheduler": ["diffusers", "PNDMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"]})
    unet.save_config(folder / "unet")
    vae.save_config(folder / "vae")
    config = {k: getattr(text.config, k) for k in TEXT_KEYS}
    write_json(folder / "text_encoder" / "config.json", dict(config, architectures=["CLIPTextModel"]))
    write_json(folder / "scheduler" / "scheduler_config.json", dict(
        tiny_model.SCHEDULER, _class_name="PNDMScheduler", _diffusers_version="0.21.0", clip_sample=False,
        prediction_type="epsilon", timestep_spacing="leading", trained_betas=None))

    write_shards(folder / "unet", "diffusion_pytorch_model", cast(unet.state_dict(), unet_dtype), shards)
    write_shards(folder / "vae", "diffusion_pytorch_model", cast(vae.state_dict(), vae_dtype), 1)
    named = {ldm_names.with_text_model(n): t for n, t in text.state_dict().items()}
    write_shards(folder / "text_encoder", "model", cast(named, text_dtype), 1)


def cast(state, dtype):
    return {name: tensor.to(dtype).contiguous() for name, tensor in state.items() if not name.endswith("position_ids")}


def write_shards(folder, stem, state, shards):
    names = sorted(state)
    if shards == 1:
        save_file(state, folder / f"{stem}.safetensors", METADATA)
        return
    weight_map = {}
    for i in range(shards):
        file = f"{stem}-{i + 1:05}-of-{shards:05}.safetensors"
        part = names[i * len(names) // shards:(i + 1) * len(names) // shards]
        save_file({n: state[n] for n in part}, folder / file, METADATA)
        weight_map |= dict.fromkeys(part, file)
    total = sum(t.numel() * t.element_size() for t in state.values())
    write_json(folder / f"{stem}.safetensors.index.json", {"metadata": {"total_size": total}, "weight_map": weight_map})


def write_ldm(path, unet, vae, text, dtype, leftovers=True):
    state = cast(ldm_names.ldm_state(unet.state_dict(), vae.state_dict(), text.state_dict()), dtype)
    if leftovers:
        betas = torch.linspace(0.00085 ** 0.5, 0.012 ** 0.5, 1000) ** 2
        state["betas"] = betas
        state["alphas_cumprod"] = torch.cumprod(1 - betas, 0)
        state["model_ema.decay"] = torch.tensor(0.9999)
        state["model_ema.num_updates"] = torch.tensor(1000, dtype=torch.int32)
        state["model_ema.diffusion_modeltime_embed0bias"] = torch.zeros(8)
        state[ldm_names.CLIP + "text_model.embeddings.position_ids"] = torch.arange(77)[None]
    save_file(state, path, METADATA)


def check_pipeline(pipeline, unet, vae, text):
    for name, ours, theirs in (("unet", unet, pipeline.unet), ("vae", vae, pipeline.vae),
                               ("text_encoder", text, pipeline.text_encoder)):
        mine, other = ours.state_dict(), theirs.state_dict()
        assert mine.keys() == other.keys(), name
        for key, tensor in mine.items():
            assert torch.equal(tensor.float(), other[key].float()), f"{name}.{key}"


def write_sd1_names(path):
    """The names of a full-size model without its numbers: meta tensors go through diffusers' converters, and which
    tensor came out where is seen by its identity, since the converters only rename (but for the VAE's attention)."""
    with init_empty_weights():
        unet, vae = UNet2DConditionModel(**SD1_UNET), AutoencoderKL(**FULL_VAE)
        text = CLIPTextModel(CLIPTextConfig(**SD1_TEXT))
    source = ldm_names.ldm_state(unet.state_dict(), vae.state_dict(), text.state_dict())
    by_identity = {id(tensor): name for name, tensor in source.items()}
    parts = {
        "unet": (unet, single_file_utils.convert_ldm_unet_checkpoint(dict(source), unet.config)),
        "vae": (vae, convert_vae_marked(source, vae)),
        "text_encoder": (text, single_file_utils.convert_ldm_clip_checkpoint(dict(source)))}
    lines = []
    for part, (model, converted) in parts.items():
        wanted = set(model.state_dict())
        assert wanted == set(converted) or {ldm_names.with_text_model(n) for n in wanted} == set(converted), part
        for name, tensor in converted.items():
            ldm = tensor if isinstance(tensor, str) else by_identity[id(tensor)]
            lines.append(f"{ldm}\t{part}.{name}\t{list(source[ldm].shape)}")
    assert len(lines) == len(source)
    path.write_text("\n".join(sorted(lines)) + "\n")


def write_sd2_text_names(path):
    """As above for OpenCLIP, whose q, k and v are rows of one tensor: a narrow model whose rows hold their number."""
    narrow = dict(SD2_TEXT, hidden_size=4, intermediate_size=16, num_attention_heads=1, vocab_size=8)
    text = CLIPTextModel(CLIPTextConfig(**dict(narrow, num_hidden_layers=24)))
    with init_empty_weights():
        full = CLIPTextModel(CLIPTextConfig(**dict(SD2_TEXT, num_hidden_layers=24)))
        used = CLIPTextModel(CLIPTextConfig(**SD2_TEXT))
    source = ldm_names.open_clip_state(text.state_dict(), 24, torch.cat)
    shapes = {n: list(t.shape) for n, t in ldm_names.open_clip_state(full.state_dict(), 24, torch.cat).items()}
    names = list(source)
    marked = {n: mark(names.index(n), t) for n, t in source.items()}
    converted = single_file_utils.convert_open_clip_checkpoint(text, marked)
    wanted = {ldm_names.with_text_model(n): list(t.shape) for n, t in used.state_dict().items()}
    assert wanted.keys() == {ldm_names.with_text_model(n) for n in converted}

    lines = []
    for name, tensor in converted.items():
        index, row = divmod(int(tensor.flatten()[0]), 1000)
        ldm, name = names[index], ldm_names.with_text_model(name)
        row = row * shapes[ldm][0] // source[ldm].shape[0]
        lines.append(f"{ldm}\ttext_encoder.{name}\t{shapes[ldm]}\t{row}\t{wanted[name][0]}")
    taken = {line.split("\t")[0] for line in lines}
    lines += [f"{n}\t-\t{shapes[n]}\t0\t0" for n in names if n not in taken]
    path.write_text("\n".join(sorted(lines)) + "\n")


def mark(index, tensor):
    rows = torch.arange(tensor.shape[0]).reshape(-1, *[1] * (tensor.dim() - 1))
    return (1000.0 * index + rows).expand(tensor.shape)


def convert_vae_marked(source, vae):
    """New name -> old name; attention weights are re-shaped on the way, so each tensor carries its number inside."""
    names = [n for n in source if n.startswith(ldm_names.VAE)]
    marked = {n: torch.full((1,) * source[n].dim(), float(i)) for i, n in enumerate(names)}
    converted = single_file_utils.convert_ldm_vae_checkpoint(marked, vae.config)
    return {new: names[int(tensor.flatten()[0])] for new, tensor in converted.items()}


FULL_VAE = dict(block_out_channels=(128, 256, 512, 512), layers_per_block=2, latent_channels=4, sample_size=512,
                down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)
SD1_UNET = dict(sample_size=64, cross_attention_dim=768, attention_head_dim=8)
SD1_TEXT = dict(hidden_size=768, intermediate_size=3072, num_hidden_layers=12, num_attention_heads=12)
SD2_TEXT = dict(hidden_size=1024, intermediate_size=4096, num_hidden_layers=23, num_attention_heads=16,
                hidden_act="gelu", projection_dim=512)


def main(golden):
    unet, vae, text, _ = tiny_model.build()
    folder, single = golden / "tiny-diffusers", golden / "tiny-ldm.safetensors"
    write_diffusers(folder, unet, vae, text, torch.float16, torch.float32, torch.bfloat16, shards=2)
    tiny_model.write_tokenizer(folder / "tokenizer")
    write_ldm(single, unet, vae, text, torch.float16)
    write_json(golden / "tiny-ldm.json", {"norm_num_groups": 8, "vae_norm_num_groups": 4,
                                          "text_num_attention_heads": 4, "tokenizer": "tiny-diffusers/tokenizer"})
    options = dict(safety_checker=None, local_files_only=True)
    check_pipeline(StableDiffusionPipeline.from_pretrained(folder, **options), unet, vae, text)
    check_pipeline(StableDiffusionPipeline.from_single_file(str(single), config=str(folder), **options),
                   unet, vae, text)
    write_sd1_names(golden / "names-sd1.txt")
    write_sd2_text_names(golden / "names-sd2-text.txt")
    print("both layouts are accepted by diffusers and hold the same numbers")


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(pathlib.Path(sys.argv[1]))
