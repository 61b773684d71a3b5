# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""The three networks of Proof, in plain PyTorch.

Modules and tensors carry the names of the published Stable Diffusion layout
(UNet2DConditionModel, AutoencoderKL, CLIPTextModel), so a state dict can be
written to a diffusers folder as it is.

Shape letters: B batch, C channels, H W rows and columns, N tokens or
positions, D width of a token.
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class Shape:
    """Sizes of one model; the exporter writes them into the configs."""

    size: int = 128                      # picture edge, pixels
    vae_channels: tuple = (32, 64, 96)
    vae_layers: int = 1
    vae_groups: int = 8
    unet_channels: tuple = (64, 128, 192)
    unet_attention: tuple = (False, True, True)
    unet_layers: int = 1
    unet_groups: int = 16
    heads: int = 4                       # at every level
    text_width: int = 192
    text_layers: int = 3
    text_heads: int = 4
    tokens: int = 32
    vocabulary: int = 4096

    @property
    def factor(self):
        """Pixels of a picture per latent position, along one edge."""
        return 2 ** (len(self.vae_channels) - 1)

    @property
    def latent_size(self):
        """Edge of the latent."""
        return self.size // self.factor


LATENT_CHANNELS = 4
SCALING_FACTOR = 0.18215


class Holder(nn.Module):
    """A module that only names its children."""


class Attention(nn.Module):
    """Multi-head attention over positions, self or cross."""

    def __init__(self, width, heads, context=None, bias=False, norm=None):
        super().__init__()
        self.heads = heads
        if norm is not None:
            self.group_norm = norm
        self.to_q = nn.Linear(width, width, bias)
        self.to_k = nn.Linear(context or width, width, bias)
        self.to_v = nn.Linear(context or width, width, bias)
        self.to_out = nn.ModuleList([nn.Linear(width, width), nn.Identity()])

    def forward(self, x, context=None):
        """x [B,N,C], context [B,M,D] (x itself when absent) -> [B,N,C]."""
        context = x if context is None else context
        batch, _, width = x.shape
        q, k, v = (
            t.view(batch, -1, self.heads, width // self.heads).transpose(1, 2)
            for t in (self.to_q(x), self.to_k(context), self.to_v(context)))
        out = F.scaled_dot_product_attention(q, k, v)
        return self.to_out[0](out.transpose(1, 2).reshape(x.shape))


class ResBlock(nn.Module):
    """Two normalised 3x3 convolutions around an optional time term."""

    def __init__(self, c_in, c_out, time_width, groups, eps):
        super().__init__()
        self.norm1 = nn.GroupNorm(groups, c_in, eps=eps)
        self.conv1 = nn.Conv2d(c_in, c_out, 3, padding=1)
        if time_width:
            self.time_emb_proj = nn.Linear(time_width, c_out)
        self.norm2 = nn.GroupNorm(groups, c_out, eps=eps)
        self.conv2 = nn.Conv2d(c_out, c_out, 3, padding=1)
        if c_in != c_out:
            self.conv_shortcut = nn.Conv2d(c_in, c_out, 1)
        # A block starts as the identity: training is steady from step one.
        nn.init.zeros_(self.conv2.weight)
        nn.init.zeros_(self.conv2.bias)

    def forward(self, x, time=None):
        """x [B,C,H,W], time [B,T] or None -> [B,C',H,W]."""
        h = self.conv1(F.silu(self.norm1(x)))
        if time is not None:
            h = h + self.time_emb_proj(F.silu(time))[:, :, None, None]
        h = self.conv2(F.silu(self.norm2(h)))
        if hasattr(self, 'conv_shortcut'):
            x = self.conv_shortcut(x)
        return x + h


class Downsample(nn.Module):
    """Halves rows and columns; the VAE pads on the right and bottom only."""

    def __init__(self, channels, asymmetric=False):
        super().__init__()
        self.asymmetric = asymmetric
        self.conv = nn.Conv2d(channels, channels, 3, 2,
                              0 if asymmetric else 1)

    def forward(self, x):
        """[B,C,H,W] -> [B,C,H/2,W/2]."""
        return self.conv(F.pad(x, (0, 1, 0, 1)) if self.asymmetric else x)


class Upsample(nn.Module):
    """Doubles rows and columns, then convolves."""

    def __init__(self, channels):
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        """[B,C,H,W] -> [B,C,2H,2W]."""
        return self.conv(F.interpolate(x, scale_factor=2., mode='nearest'))


class GeGlu(nn.Module):
    """Linear layer whose second half gates the first."""

    def __init__(self, width, inner):
        super().__init__()
        self.proj = nn.Linear(width, inner * 2)

    def forward(self, x):
        """[B,N,C] -> [B,N,inner]."""
        x, gate = self.proj(x).chunk(2, -1)
        return x * F.gelu(gate)


class FeedForward(nn.Module):
    """GEGLU feed-forward of four times the width."""

    def __init__(self, width):
        super().__init__()
        self.net = nn.ModuleList([GeGlu(width, 4 * width), nn.Identity(),
                                  nn.Linear(4 * width, width)])

    def forward(self, x):
        """[B,N,C] -> [B,N,C]."""
        return self.net[2](self.net[0](x))


class TransformerBlock(nn.Module):
    """Self attention, cross attention, feed-forward."""

    def __init__(self, width, heads, context):
        super().__init__()
        self.norm1 = nn.LayerNorm(width)
        self.attn1 = Attention(width, heads)
        self.norm2 = nn.LayerNorm(width)
        self.attn2 = Attention(width, heads, context)
        self.norm3 = nn.LayerNorm(width)
        self.ff = FeedForward(width)

    def forward(self, x, context):
        """x [B,N,C], context [B,M,D] -> [B,N,C]."""
        x = x + self.attn1(self.norm1(x))
        x = x + self.attn2(self.norm2(x), context)
        return x + self.ff(self.norm3(x))


class SpatialTransformer(nn.Module):
    """A transformer block over the positions of a feature map."""

    def __init__(self, width, heads, context, groups):
        super().__init__()
        self.norm = nn.GroupNorm(groups, width, eps=1e-6)
        self.proj_in = nn.Conv2d(width, width, 1)
        self.transformer_blocks = nn.ModuleList(
            [TransformerBlock(width, heads, context)])
        self.proj_out = nn.Conv2d(width, width, 1)
        # Small, not zero: with zero the prompt is found much later.
        self.proj_out.weight.data *= .3
        nn.init.zeros_(self.proj_out.bias)

    def forward(self, x, context):
        """x [B,C,H,W], context [B,M,D] -> [B,C,H,W]."""
        batch, width, rows, columns = x.shape
        h = self.proj_in(self.norm(x)).permute(0, 2, 3, 1)
        h = h.reshape(batch, rows * columns, width)
        h = self.transformer_blocks[0](h, context)
        h = h.reshape(batch, rows, columns, width).permute(0, 3, 1, 2)
        return self.proj_out(h) + x


def time_features(time, width):
    """Sinusoids of the time step, cosines first: [B] -> [B,width]."""
    half = width // 2
    steps = torch.arange(half, dtype=torch.float32, device=time.device)
    angles = time.float()[:, None] * torch.exp(
        -math.log(10000.) * steps / half)[None]
    return torch.cat([angles.cos(), angles.sin()], -1)


class UNet(nn.Module):
    """U-Net with cross attention at the levels that the shape names."""

    def __init__(self, shape):
        super().__init__()
        channels, layers = shape.unet_channels, shape.unet_layers
        groups, heads, context = (shape.unet_groups, shape.heads,
                                  shape.text_width)
        time_width = channels[0] * 4

        def res(c_in, c_out):
            return ResBlock(c_in, c_out, time_width, groups, 1e-5)

        def attend(c):
            return SpatialTransformer(c, heads, context, groups)

        self.first = channels[0]
        self.time_embedding = Holder()
        self.time_embedding.linear_1 = nn.Linear(channels[0], time_width)
        self.time_embedding.linear_2 = nn.Linear(time_width, time_width)
        self.conv_in = nn.Conv2d(LATENT_CHANNELS, channels[0], 3, padding=1)
        self.down_blocks = nn.ModuleList()
        c, skips = channels[0], [channels[0]]
        for level, width in enumerate(channels):
            block = Holder()
            block.resnets = nn.ModuleList()
            if shape.unet_attention[level]:
                block.attentions = nn.ModuleList(
                    [attend(width) for _ in range(layers)])
            for _ in range(layers):
                block.resnets.append(res(c, width))
                c = width
                skips.append(c)
            if level < len(channels) - 1:
                block.downsamplers = nn.ModuleList([Downsample(c)])
                skips.append(c)
            self.down_blocks.append(block)
        self.mid_block = Holder()
        self.mid_block.resnets = nn.ModuleList([res(c, c), res(c, c)])
        self.mid_block.attentions = nn.ModuleList([attend(c)])
        self.up_blocks = nn.ModuleList()
        for level, width in reversed(list(enumerate(channels))):
            block = Holder()
            block.resnets = nn.ModuleList()
            if shape.unet_attention[level]:
                block.attentions = nn.ModuleList(
                    [attend(width) for _ in range(layers + 1)])
            for _ in range(layers + 1):
                block.resnets.append(res(c + skips.pop(), width))
                c = width
            if level > 0:
                block.upsamplers = nn.ModuleList([Upsample(c)])
            self.up_blocks.append(block)
        self.conv_norm_out = nn.GroupNorm(groups, c, eps=1e-5)
        self.conv_out = nn.Conv2d(c, LATENT_CHANNELS, 3, padding=1)
        nn.init.zeros_(self.conv_out.weight)
        nn.init.zeros_(self.conv_out.bias)

    def forward(self, x, time, context):
        """x [B,4,H,W], time [B], context [B,M,D] -> velocity [B,4,H,W]."""
        embed = self.time_embedding
        t = time_features(time, self.first).to(x.dtype)
        t = embed.linear_2(F.silu(embed.linear_1(t)))
        x = self.conv_in(x)
        skips = [x]
        for block in self.down_blocks:
            for i, res in enumerate(block.resnets):
                x = res(x, t)
                if hasattr(block, 'attentions'):
                    x = block.attentions[i](x, context)
                skips.append(x)
            if hasattr(block, 'downsamplers'):
                x = block.downsamplers[0](x)
                skips.append(x)
        mid = self.mid_block
        x = mid.attentions[0](mid.resnets[0](x, t), context)
        x = mid.resnets[1](x, t)
        for block in self.up_blocks:
            for i, res in enumerate(block.resnets):
                x = res(torch.cat([x, skips.pop()], 1), t)
                if hasattr(block, 'attentions'):
                    x = block.attentions[i](x, context)
            if hasattr(block, 'upsamplers'):
                x = block.upsamplers[0](x)
        return self.conv_out(F.silu(self.conv_norm_out(x)))


def vae_res(c_in, c_out, groups):
    """Residual block of the VAE: no time term, finer epsilon."""
    return ResBlock(c_in, c_out, 0, groups, 1e-6)


class VaeMiddle(nn.Module):
    """Residual block, one attention head over all positions, block."""

    def __init__(self, channels, groups):
        super().__init__()
        norm = nn.GroupNorm(groups, channels, eps=1e-6)
        self.resnets = nn.ModuleList(
            [vae_res(channels, channels, groups) for _ in range(2)])
        self.attentions = nn.ModuleList(
            [Attention(channels, 1, bias=True, norm=norm)])

    def forward(self, x):
        """[B,C,H,W] -> [B,C,H,W]."""
        x = self.resnets[0](x)
        attend = self.attentions[0]
        h = attend.group_norm(x).flatten(2).transpose(1, 2)
        x = x + attend(h).transpose(1, 2).reshape(x.shape)
        return self.resnets[1](x)


class Encoder(nn.Module):
    """Picture to mean and log variance of the latent."""

    def __init__(self, shape):
        super().__init__()
        channels, groups = shape.vae_channels, shape.vae_groups
        self.conv_in = nn.Conv2d(3, channels[0], 3, padding=1)
        self.down_blocks = nn.ModuleList()
        c = channels[0]
        for level, width in enumerate(channels):
            block = Holder()
            block.resnets = nn.ModuleList()
            for _ in range(shape.vae_layers):
                block.resnets.append(vae_res(c, width, groups))
                c = width
            if level < len(channels) - 1:
                block.downsamplers = nn.ModuleList([Downsample(c, True)])
            self.down_blocks.append(block)
        self.mid_block = VaeMiddle(c, groups)
        self.conv_norm_out = nn.GroupNorm(groups, c, eps=1e-6)
        self.conv_out = nn.Conv2d(c, 2 * LATENT_CHANNELS, 3, padding=1)

    def forward(self, x):
        """[B,3,H,W] in -1..1 -> [B,8,H/f,W/f]."""
        x = self.conv_in(x)
        for block in self.down_blocks:
            for res in block.resnets:
                x = res(x)
            if hasattr(block, 'downsamplers'):
                x = block.downsamplers[0](x)
        x = self.mid_block(x)
        return self.conv_out(F.silu(self.conv_norm_out(x)))


class Decoder(nn.Module):
    """Latent to picture."""

    def __init__(self, shape):
        super().__init__()
        channels, groups = shape.vae_channels, shape.vae_groups
        c = channels[-1]
        self.conv_in = nn.Conv2d(LATENT_CHANNELS, c, 3, padding=1)
        self.mid_block = VaeMiddle(c, groups)
        self.up_blocks = nn.ModuleList()
        for level, width in reversed(list(enumerate(channels))):
            block = Holder()
            block.resnets = nn.ModuleList()
            for _ in range(shape.vae_layers + 1):
                block.resnets.append(vae_res(c, width, groups))
                c = width
            if level > 0:
                block.upsamplers = nn.ModuleList([Upsample(c)])
            self.up_blocks.append(block)
        self.conv_norm_out = nn.GroupNorm(groups, c, eps=1e-6)
        self.conv_out = nn.Conv2d(c, 3, 3, padding=1)

    def forward(self, z):
        """[B,4,H/f,W/f] -> [B,3,H,W], about -1..1."""
        x = self.mid_block(self.conv_in(z))
        for block in self.up_blocks:
            for res in block.resnets:
                x = res(x)
            if hasattr(block, 'upsamplers'):
                x = block.upsamplers[0](x)
        return self.conv_out(F.silu(self.conv_norm_out(x)))


class Vae(nn.Module):
    """Variational autoencoder of pictures."""

    def __init__(self, shape):
        super().__init__()
        self.encoder, self.decoder = Encoder(shape), Decoder(shape)
        self.quant_conv = nn.Conv2d(2 * LATENT_CHANNELS,
                                    2 * LATENT_CHANNELS, 1)
        self.post_quant_conv = nn.Conv2d(LATENT_CHANNELS, LATENT_CHANNELS, 1)
        # The posterior starts narrow, so that colour is learnt at once.
        nn.init.zeros_(self.quant_conv.weight.data[LATENT_CHANNELS:])
        nn.init.constant_(self.quant_conv.bias.data[LATENT_CHANNELS:], -4.)

    def encode(self, x):
        """[B,3,H,W] -> mean and log variance, each [B,4,H/f,W/f]."""
        return self.quant_conv(self.encoder(x)).chunk(2, 1)

    def decode(self, z):
        """Unscaled latent [B,4,H/f,W/f] -> [B,3,H,W]."""
        return self.decoder(self.post_quant_conv(z))


class TextEncoder(nn.Module):
    """CLIP's text transformer: causal, quick-GELU, final norm."""

    def __init__(self, shape):
        super().__init__()
        width = shape.text_width
        self.heads = shape.text_heads
        model = self.text_model = Holder()
        model.embeddings = Holder()
        words = nn.Embedding(shape.vocabulary, width)
        places = nn.Embedding(shape.tokens, width)
        model.embeddings.token_embedding = words
        model.embeddings.position_embedding = places
        nn.init.normal_(words.weight, std=1.)
        # Quiet start and end tokens: the padding states then carry the
        # words from the first step on.
        words.weight.data[-2:] *= .05
        nn.init.normal_(places.weight, std=.05)
        model.encoder = Holder()
        model.encoder.layers = nn.ModuleList(
            [self._layer(width) for _ in range(shape.text_layers)])
        model.final_layer_norm = nn.LayerNorm(width)

    @staticmethod
    def _layer(width):
        layer = Holder()
        layer.self_attn = Holder()
        for name in ('q_proj', 'k_proj', 'v_proj', 'out_proj'):
            setattr(layer.self_attn, name, nn.Linear(width, width))
        layer.layer_norm1 = nn.LayerNorm(width)
        layer.layer_norm2 = nn.LayerNorm(width)
        layer.mlp = Holder()
        layer.mlp.fc1 = nn.Linear(width, 4 * width)
        layer.mlp.fc2 = nn.Linear(4 * width, width)
        return layer

    def forward(self, ids):
        """Token ids [B,N] -> states [B,N,D]."""
        model = self.text_model
        batch, count = ids.shape
        x = (model.embeddings.token_embedding(ids)
             + model.embeddings.position_embedding.weight[:count])
        for layer in model.encoder.layers:
            attention = layer.self_attn
            y = layer.layer_norm1(x)
            q, k, v = (
                p(y).view(batch, count, self.heads, -1).transpose(1, 2)
                for p in (attention.q_proj, attention.k_proj,
                          attention.v_proj))
            y = F.scaled_dot_product_attention(q, k, v, is_causal=True)
            y = y.transpose(1, 2).reshape(x.shape)
            x = x + attention.out_proj(y)
            y = layer.mlp.fc1(layer.layer_norm2(x))
            x = x + layer.mlp.fc2(y * torch.sigmoid(1.702 * y))
        return model.final_layer_norm(x)
