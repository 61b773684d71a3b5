# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the small models of mini_models.py and what PyTorch computes inside them:

    python stage_goldens.py ../golden

  models/NAME/                  the model, a diffusers folder
  stages-NAME.safetensors       inputs and outputs of its stages

Tensors are in PyTorch's layout (NCHW, tokens [N,T,C]), computed in float32 on one thread. Where NAME/f64 stands beside
NAME, it is the same stage computed in float64 and rounded once: the distance between the two is what float32 costs.

  text.ids                      I64 [prompts,T]: each prompt, then ""; the prompts are in the metadata
  text.embeddings               [prompts,T,C] token + position embeddings
  text.layers.I                 after transformer block I
  text.last                     the context: after the final norm
  text.skip2                    clip skip 2: the last block but one, then the final norm
  unet.sample                   [2,C,H,W] noisy latents, two different ones
  unet.context                  [2,T,D]: the first two rows of text.last
  unet.timesteps                [K] F32, those of the evaluations below
  unet.K                        [2,C,H,W] the network's answer at unet.timesteps[K]
  unet.MODULE                   output of that module in evaluation 0, by diffusers' name of it ("unet.mid_block",
                                "unet.down_blocks.0.resnets.1", ... down to attn1, attn2 and ff of the transformers)
  unet.MODULE/in                its input, for spatial transformers and for the first residual block of each part
  unet.time_proj, unet.time_embedding   [2,C] the sinusoids, and what the residual blocks get
  vae.latent                    [1,C,H,W] as the U-Net sees it; the decoder gets latent / scaling_factor + shift_factor
  vae.decode                    [1,3,H,W] decoded, -1..1 nominally, not clamped
  vae.picture                   [1,3,H,W] input of the encoder
  vae.mean, vae.logvar          of its distribution; logvar clamped to -30..20
  vae.noise, vae.sample         mean + exp(logvar / 2) * noise
  vae.encoded                   (sample - shift_factor) * scaling_factor
  preview.sd1                   [H,W,3] U8, only in sd1-mini: unet.sample's first latent by the linear factors below
  vae.MODULE                    output of that module on the way ("vae.decoder.up_blocks.0", "vae.encoder.mid_block")
"""
import copy
import json
import pathlib
import sys

import torch

import golden_file
import mini_models

PROMPTS = ("a red apple on a white plate", "The OLD lighthouse, above the storm & the sea at night (oil painting) 42!")
TIMESTEPS = (801.0, 999.0, 500.0, 17.0, 0.0, 333.25)
UNET_KINDS = ("ResnetBlock2D", "Transformer2DModel", "Downsample2D", "Upsample2D", "CrossAttnDownBlock2D",
              "DownBlock2D", "CrossAttnUpBlock2D", "UpBlock2D", "UNetMidBlock2D", "UNetMidBlock2DCrossAttn")
VAE_LATENT = (5, 3)
TRANSFORMER_PARTS = ("attn1", "attn2", "ff", "norm", "proj_in")
VAE_KINDS = ("DownEncoderBlock2D", "UpDecoderBlock2D", "UNetMidBlock2D", "Attention")

# Rows: latent channel; columns: red, green, blue. As ComfyUI publishes them for SD 1.x.
SD1_PREVIEW = ((0.3512, 0.2297, 0.3227), (0.3250, 0.4974, 0.2350), (-0.2829, 0.1762, 0.2721),
               (-0.2120, -0.2616, -0.7177))


def linear_preview(latent):
    rgb = torch.einsum("khw,kc->hwc", latent.double(), torch.tensor(SD1_PREVIEW).double())
    return ((rgb / 2 + 0.5).clamp(0, 1) * 255).round().to(torch.uint8)


def randn(seed, *shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def first(value):
    return value[0] if isinstance(value, tuple) else value


def watch(model, prefix, out, is_wanted):
    """Stores what the wanted modules get and give in `out`; returns a function that ends it."""
    handles = []
    for name, module in model.named_modules():
        what = is_wanted(name, module)
        if not what:
            continue

        def hook(module, args, kwargs, result, name=name, what=what):
            if "in" in what:
                given = args[0] if args else kwargs["hidden_states"]
                out[f"{prefix}.{name}/in"] = given.detach().clone()
            out[f"{prefix}.{name}"] = first(result).detach().clone()
        handles.append(module.register_forward_hook(hook, with_kwargs=True))
    return lambda: [handle.remove() for handle in handles]


def unet_wanted(name, module):
    kind = type(module).__name__
    if name in ("conv_in", "time_proj", "time_embedding", "conv_norm_out"):
        return ("out",)
    if kind == "Transformer2DModel" or kind == "ResnetBlock2D" and name.endswith(".0"):
        return ("in", "out")
    if kind in UNET_KINDS:
        return ("out",)
    # Inside one transformer going down and one going up: enough to find where a difference begins.
    inside = name.startswith(("down_blocks.1.attentions.0.", "up_blocks.1.attentions.0."))
    return ("out",) if inside and name.split(".")[-1] in TRANSFORMER_PARTS else ()


def vae_wanted(name, module):
    return ("out",) if type(module).__name__ in VAE_KINDS or name.endswith("conv_in") else ()


def text_stages(out, folder, text):
    tokenizer = mini_models.tokenizer_of(folder)
    ids = tokenizer([*PROMPTS, ""], padding="max_length", max_length=tokenizer.model_max_length, truncation=True,
                    return_tensors="pt").input_ids
    out["text.ids"] = ids
    stop = watch(text, "text", out, lambda name, _: ("out",) if name == "embeddings" else ())
    states = text(ids, output_hidden_states=True)
    stop()
    for i, state in enumerate(layer_states(text, ids)):
        out[f"text.layers.{i}"] = state
    out["text.last"] = states.last_hidden_state
    out["text.skip2"] = text.final_layer_norm(states.hidden_states[-2])
    before = text.config.num_hidden_layers - 2
    assert torch.equal(states.hidden_states[-2], out[f"text.layers.{before}" if before >= 0 else "text.embeddings"])
    wide = copy.deepcopy(text).double()
    wide_states = wide(ids, output_hidden_states=True)
    out["text.last/f64"] = wide_states.last_hidden_state
    out["text.skip2/f64"] = wide.final_layer_norm(wide_states.hidden_states[-2])


def layer_states(text, ids):
    states = []
    handles = [layer.register_forward_hook(lambda m, a, result: states.append(first(result)))
               for layer in text.encoder.layers]
    text(ids)
    for handle in handles:
        handle.remove()
    return states


def unet_stages(out, unet, latent, seed):
    sample = randn(seed, 2, unet.config.in_channels, *latent)
    context = out["text.last"][:2].clone()
    out |= {"unet.sample": sample, "unet.context": context, "unet.timesteps": torch.tensor(TIMESTEPS)}
    wide = copy.deepcopy(unet).double()
    for i, timestep in enumerate(TIMESTEPS):
        stop = watch(unet, "unet", out, unet_wanted) if i == 0 else lambda: None
        out[f"unet.{i}"] = unet(sample, timestep, context).sample
        stop()
        out[f"unet.{i}/f64"] = evaluate_wide(wide, sample, timestep, context)


def evaluate_wide(wide, sample, timestep, context):
    """In float64, but with the sinusoids of float32: those are the input of the network, not a part of its rounding."""
    return wide(sample.double(), timestep, context.double()).sample


def vae_stages(out, vae, seed):
    config, latent = vae.config, VAE_LATENT
    z = randn(seed, 1, config.latent_channels, *latent) * 0.9
    side = 2 ** (len(config.block_out_channels) - 1)
    picture = randn(seed + 1, 1, 3, latent[0] * side, latent[1] * side).mul(0.5).clamp(-1, 1)
    noise = randn(seed + 2, 1, config.latent_channels, *latent)
    out |= {"vae.latent": z, "vae.picture": picture, "vae.noise": noise}
    for suffix, model in (("", vae), ("/f64", copy.deepcopy(vae).double())):
        dtype = next(model.parameters()).dtype
        shift, scale = config.shift_factor or 0, config.scaling_factor
        stop = watch(model, "vae", out, vae_wanted) if not suffix else lambda: None
        out[f"vae.decode{suffix}"] = model.decode(z.to(dtype) / scale + shift).sample
        posterior = model.encode(picture.to(dtype)).latent_dist
        stop()
        sample = posterior.mean + posterior.std * noise.to(dtype)
        out |= {f"vae.mean{suffix}": posterior.mean, f"vae.logvar{suffix}": posterior.logvar,
                f"vae.sample{suffix}": sample, f"vae.encoded{suffix}": (sample - shift) * scale}


def to_save(out):
    return {name: t.to(torch.float32 if t.is_floating_point() else t.dtype) for name, t in out.items()}


def report(name, out):
    """Prints the size of each watched tensor's numbers and the rounding error of float32, to see that both are sane."""
    for key in [k for k in out if k.endswith("/f64")]:
        exact, ours = out[key].double(), out[key[:-4]].double()
        relative = (ours - exact).norm() / exact.norm()
        print(f"{name:11} {key[:-4]:12} deviation {exact.std():8.3f}  float32 off by {relative:.1e}")


@torch.no_grad()
def main(golden):
    for name, model in mini_models.MODELS.items():
        folder = golden / "models" / name
        mini_models.write(name, folder)
        unet, vae, text = mini_models.build(name)
        out, seed = {}, model["seed"] * 100
        text_stages(out, folder, text)
        unet_stages(out, unet, model["latent"], seed)
        vae_stages(out, vae, seed + 10)
        if name == "sd1-mini":
            out["preview.sd1"] = linear_preview(out["unet.sample"][0])
        report(name, out)
        golden_file.write(golden / f"stages-{name}.safetensors", to_save(out), {
            "command": "tests/reference/stage_goldens.py tests/golden", "prompts": json.dumps([*PROMPTS, ""]),
            "torch": torch.__version__})


if __name__ == "__main__":
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    main(pathlib.Path(sys.argv[1]))
