# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the model folder: configs, F16 safetensors, tokenizer, preview."""

import json
import math
import os
import shutil
import struct

import torch

from . import pictures, things
from .bpe import END, START
from .nets import (LATENT_CHANNELS, SCALING_FACTOR, Shape, TextEncoder, UNet,
                   Vae)
from .sample import BETA_FIRST, BETA_LAST, TIME_STEPS


def write_json(value, *path):
    """Writes a readable JSON file, making its folder."""
    path = os.path.join(*path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf8') as file:
        json.dump(value, file, indent=2)
        file.write('\n')


def write_safetensors(state, *path):
    """Writes a state dict as F16 safetensors; returns its bytes."""
    path = os.path.join(*path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    header, offset, blobs = {'__metadata__': {'format': 'pt'}}, 0, []
    for name in sorted(state):
        blob = state[name].to(torch.float16).contiguous().numpy().tobytes()
        header[name] = {'dtype': 'F16', 'shape': list(state[name].shape),
                        'data_offsets': [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header).encode()
    text += b' ' * (-len(text) % 8)
    with open(path, 'wb') as file:
        file.write(struct.pack('<Q', len(text)) + text)
        file.writelines(blobs)
    return 8 + len(text) + offset


def read_safetensors(path):
    """The state dict in a file of F16 or F32 tensors, in single
    precision."""
    kinds = {'F16': torch.float16, 'F32': torch.float32}
    with open(path, 'rb') as file:
        head = json.loads(file.read(struct.unpack('<Q', file.read(8))[0]))
        blob = bytearray(file.read())
    head.pop('__metadata__', None)
    return {name: torch.frombuffer(
        blob, dtype=kinds[of['dtype']], offset=of['data_offsets'][0],
        count=math.prod(of['shape'])).reshape(of['shape']).float()
            for name, of in head.items()}


def read_vae(folder):
    """The autoencoder in a folder as export() writes it."""
    with open(os.path.join(folder, 'config.json'), encoding='utf8') as file:
        config = json.load(file)
    net = Vae(Shape(size=config['sample_size'],
                    vae_channels=tuple(config['block_out_channels']),
                    vae_layers=config['layers_per_block'],
                    vae_groups=config['norm_num_groups']))
    net.load_state_dict(read_safetensors(
        os.path.join(folder, 'diffusion_pytorch_model.safetensors')))
    return net.eval()


def unet_config(shape):
    """Config of the UNet2DConditionModel."""
    attention = shape.unet_attention
    return {
        '_class_name': 'UNet2DConditionModel',
        'sample_size': shape.latent_size,
        'in_channels': LATENT_CHANNELS,
        'out_channels': LATENT_CHANNELS,
        'center_input_sample': False,
        'flip_sin_to_cos': True,
        'freq_shift': 0,
        'down_block_types': ['CrossAttnDownBlock2D' if attend
                             else 'DownBlock2D' for attend in attention],
        'mid_block_type': 'UNetMidBlock2DCrossAttn',
        'up_block_types': ['CrossAttnUpBlock2D' if attend else 'UpBlock2D'
                           for attend in reversed(attention)],
        'block_out_channels': list(shape.unet_channels),
        'layers_per_block': shape.unet_layers,
        'downsample_padding': 1,
        'mid_block_scale_factor': 1,
        'act_fn': 'silu',
        'norm_num_groups': shape.unet_groups,
        'norm_eps': 1e-5,
        'cross_attention_dim': shape.text_width,
        # As in Stable Diffusion 1: the number of heads, despite its name.
        'attention_head_dim': shape.heads,
    }


def vae_config(shape):
    """Config of the AutoencoderKL."""
    levels = len(shape.vae_channels)
    return {
        '_class_name': 'AutoencoderKL',
        'in_channels': 3,
        'out_channels': 3,
        'down_block_types': ['DownEncoderBlock2D'] * levels,
        'up_block_types': ['UpDecoderBlock2D'] * levels,
        'block_out_channels': list(shape.vae_channels),
        'layers_per_block': shape.vae_layers,
        'act_fn': 'silu',
        'latent_channels': LATENT_CHANNELS,
        'norm_num_groups': shape.vae_groups,
        'sample_size': shape.size,
        'scaling_factor': SCALING_FACTOR,
    }


def text_config(shape):
    """Config of the CLIPTextModel."""
    last = shape.vocabulary - 1
    return {
        'architectures': ['CLIPTextModel'],
        'model_type': 'clip_text_model',
        'hidden_act': 'quick_gelu',
        'hidden_size': shape.text_width,
        'intermediate_size': 4 * shape.text_width,
        'num_hidden_layers': shape.text_layers,
        'num_attention_heads': shape.text_heads,
        'max_position_embeddings': shape.tokens,
        'vocab_size': shape.vocabulary,
        'layer_norm_eps': 1e-5,
        'bos_token_id': last - 1,
        'eos_token_id': last,
        'pad_token_id': last,
        'torch_dtype': 'float16',
    }


SCHEDULER = {
    '_class_name': 'DDIMScheduler',
    'beta_start': BETA_FIRST,
    'beta_end': BETA_LAST,
    'beta_schedule': 'scaled_linear',
    'num_train_timesteps': TIME_STEPS,
    'clip_sample': False,
    'set_alpha_to_one': False,
    'steps_offset': 1,
    'prediction_type': 'v_prediction',
    'timestep_spacing': 'leading',
}

MODEL_INDEX = {
    '_class_name': 'StableDiffusionPipeline',
    '_diffusers_version': '0.27.0',
    'unet': ['diffusers', 'UNet2DConditionModel'],
    'vae': ['diffusers', 'AutoencoderKL'],
    'text_encoder': ['transformers', 'CLIPTextModel'],
    'tokenizer': ['transformers', 'CLIPTokenizer'],
    'scheduler': ['diffusers', 'DDIMScheduler'],
    'safety_checker': [None, None],
    'feature_extractor': [None, None],
    'requires_safety_checker': False,
}


def write_tokenizer(source, shape, folder):
    """Copies vocabulary and merges and writes the two configs."""
    os.makedirs(folder, exist_ok=True)
    for name in ('vocab.json', 'merges.txt'):
        shutil.copyfile(os.path.join(source, name),
                        os.path.join(folder, name))
    special = {'bos_token': START, 'eos_token': END, 'pad_token': END,
               'unk_token': END}
    write_json(special, folder, 'special_tokens_map.json')
    write_json(dict(special, tokenizer_class='CLIPTokenizer',
                    model_max_length=shape.tokens, do_lower_case=True,
                    errors='replace', add_prefix_space=False),
               folder, 'tokenizer_config.json')


@torch.no_grad()
def preview_factors(vae, compositor, count):
    """Least-squares factors from scaled latent to RGB, over the pictures on
    several grounds."""
    inputs, wanted = [], []
    for name in ('white', 'blue', 'green', 'red', 'black'):
        for first in range(0, count, 64):
            rows = list(range(first, min(first + 64, count)))
            x = compositor(pictures.plain_views(
                rows, 'cpu', things.BACKGROUNDS[name]))
            z = vae.encode(x)[0] * SCALING_FACTOR
            small = torch.nn.functional.adaptive_avg_pool2d(x, z.shape[-1])
            inputs.append(z.permute(0, 2, 3, 1).reshape(-1,
                                                        LATENT_CHANNELS))
            wanted.append(small.permute(0, 2, 3, 1).reshape(-1, 3))
    inputs, wanted = torch.cat(inputs), torch.cat(wanted)
    inputs = torch.cat([inputs, torch.ones(len(inputs), 1)], 1)
    found = torch.linalg.lstsq(inputs, wanted).solution
    error = (inputs @ found - wanted).square().mean().sqrt().item()
    rounded = [[round(v, 4) for v in row] for row in found.tolist()]
    return {
        'latent_rgb_factors': rounded[:LATENT_CHANNELS],
        'latent_rgb_bias': rounded[LATENT_CHANNELS],
        'comment': 'RGB in -1..1 = scaled latent (as the U-Net sees it) '
                   'times factors plus bias; least squares over the '
                   f'training pictures, RMS error {error:.3f}',
    }


def load_networks(state):
    """The three networks of a checkpoint (as unet.Run.small makes it)."""
    shape = Shape(**state['shape'])
    nets = UNet(shape), TextEncoder(shape), Vae(shape)
    for net, name in zip(nets, ('unet', 'text', 'vae')):
        net.load_state_dict(state[name])
        net.float().eval()
    return shape, *nets


def export(state, tokens, pack, folder):
    """Writes the diffusers folder; returns its weights' size in bytes.

    state: a checkpoint as unet.Run.small makes it.
    """
    shape, _, _, vae = load_networks(state)
    weights = 'diffusion_pytorch_model.safetensors'
    size = write_safetensors(state['unet'], folder, 'unet', weights)
    size += write_safetensors(state['text'], folder, 'text_encoder',
                              'model.safetensors')
    size += write_safetensors(state['vae'], folder, 'vae', weights)
    write_json(unet_config(shape), folder, 'unet', 'config.json')
    write_json(vae_config(shape), folder, 'vae', 'config.json')
    write_json(text_config(shape), folder, 'text_encoder', 'config.json')
    write_json(SCHEDULER, folder, 'scheduler', 'scheduler_config.json')
    write_json(MODEL_INDEX, folder, 'model_index.json')
    write_tokenizer(tokens, shape, os.path.join(folder, 'tokenizer'))
    entries = [e for e in pictures.read_entries(pack) if e['src'] == 'noto'
               and e['name'] in things.POPULAR]
    compositor = pictures.Compositor(
        pictures.read_pixels(pack, entries, 1), 'cpu')
    write_json(preview_factors(vae, compositor, len(entries)), folder,
               'preview.json')
    return size
