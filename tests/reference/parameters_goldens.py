# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes how A1111's rules read all kinds of parameters texts:

    python parameters_goldens.py ../golden        (writes ../golden/parameters.json)

A list of {"text", "prompt", "negative", "pairs": [[key, value], ...]}. The rules are the published ones: the last line
holds the pairs when this regular expression finds three of them in it; a quoted value is JSON. (A1111 also splits
"512x768" into two numbers; that is left to whoever wants numbers.) Only Python itself is needed."""
import json
import pathlib
import random
import re
import sys

PAIR = re.compile(r'\s*(\w[\w \-/]+):\s*("(?:\\.|[^\\"])+"|[^,]*)(?:,|$)')
NEGATIVE = "Negative prompt:"


def unquote(value):
    if not value or value[0] != '"' or value[-1] != '"':
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def quote(value):
    return json.dumps(value, ensure_ascii=False) if any(c in value for c in ',\n:') else value


def read(text):
    *lines, last = text.strip().split("\n")
    if len(PAIR.findall(last)) < 3:
        lines.append(last)
        last = ""
    texts, current = ["", ""], 0
    for line in lines:
        line = line.strip()
        if line.startswith(NEGATIVE):
            current = 1
            line = line[len(NEGATIVE):].strip()
        texts[current] += ("\n" if texts[current] else "") + line
    pairs = {}
    for key, value in PAIR.findall(last):
        if value and unquote(value):
            pairs[key] = unquote(value)
    return texts[0], texts[1], pairs


def is_beyond_the_rules(text):
    """Where Mezzotint reads more than A1111: values over several lines, stable-diffusion.cpp's tail; NUL and half
    characters, which C strings and UTF-8 do not hold."""
    lines = text.strip().split("\n")
    return ("SDCPP:" in text or "\\u" in text or "\0" in text
            or any(line.strip().startswith("Steps:") and '"' in line for line in lines[:-1]))


WORDS = ["a cat", "lighthouse", "(storm:1.2)", "[a|b]", "猫", "ソフト", "été", "🍎", "Ünï", "٣ apples", "a/b - c", "x",
         "<lora:impasto:0.7>", "Steps: 3", "Negative prompt: y", NEGATIVE, "\\", "\"", "\\\"", "\"quoted, text\"", "\"a: b\"",
         ":", ",", ", ", ": ", "\n", "\n\n", " ", "\t", "\u00a0", "\u2028", "\r\n", "-", "/", "_", "Size: 512x768",
         "Seed: 42", "CFG scale: 7.5", "Model: \"m, 1\"", "Sampler: DPM++ 2M", "Lora hashes: \"impasto: 0123\"",
         "empty:", "q: \"\"", "q: \"", "key: \"\\\"\\n\\t\\/\"", "key: \"bad \\x\"", "key: \"open", "k2:v", "²: 3", "a1:", "Ⅷ8: 9"]
REAL = [
    "a lighthouse on a basalt cliff, (storm clouds:1.2), oil painting,\nvisible brush strokes <lora:impasto:0.7>\n"
    "Negative prompt: blurry, [photo], frame\n"
    "Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 6.5, Seed: 3141592653, Size: 640x512, "
    "Model hash: 0123456789, Model: example-v1, VAE: example.vae.safetensors, Denoising strength: 0.45, Clip skip: 2, "
    "RNG: NV, Hires upscale: 1.5, Hires upscaler: Latent, Lora hashes: \"impasto: 0123456789ab\", Version: v1.10.1",
    "Steps: 20, Sampler: Euler a, CFG scale: 7", "", "only a prompt", "Steps: 20, CFG scale: 7",
    "p\nNegative prompt: n\nNegative prompt: m\nSteps: 1, Sampler: Euler, Size: 64x64",
]


def random_text(rng):
    def piece():
        return "".join(rng.choice(WORDS) for _ in range(rng.randrange(6)))

    kind = rng.randrange(3)
    if kind == 0:
        return "".join(rng.choice(WORDS) for _ in range(rng.randrange(1, 30)))
    pairs = ["Steps: 20", "Sampler: " + quote(rng.choice(["Euler a", "x: y", "a, b"])), "Seed: %d" % rng.getrandbits(64)]
    pairs += ["Key %d: %s" % (i, quote(piece()) if kind == 1 else piece()) for i in range(rng.randrange(4))]
    return piece() + "\nNegative prompt: " + piece() + "\n" + ", ".join(pairs)


def main(folder):
    rng = random.Random(2026)
    texts = [text for text in REAL + [random_text(rng) for _ in range(900)] if not is_beyond_the_rules(text)]
    cases = []
    for text in texts:
        prompt, negative, pairs = read(text)
        cases.append({"text": text, "prompt": prompt, "negative": negative, "pairs": [list(p) for p in pairs.items()]})
    out = pathlib.Path(folder) / "parameters.json"
    out.write_text("[\n" + ",\n".join(json.dumps(c, ensure_ascii=False) for c in cases) + "\n]\n", encoding="utf-8")
    print(len(cases), "cases,", sum(bool(c["pairs"]) for c in cases), "with pairs")


if __name__ == "__main__":
    main(sys.argv[1])
