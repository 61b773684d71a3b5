# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the token ids that transformers' CLIPTokenizer (5.x: the fast one, there is no other) gives for the texts below.

    python tests/reference/text_goldens.py

makes tests/golden/tokens.json and, for it, the small vocabularies tests/golden/tokenizer-*:

  clip      CLIP's own vocabulary, derived from data/clip/merges.txt; not stored
  small     600 tokens trained on the texts; vocab.json and merges.txt, settings as in the built-in model
  sd2       the same without the byte 0xf0 (emoji become unknown), BOS and EOS found after clean-up, "!" for padding,
            an added token; settings in the older files, as Stable Diffusion 2 has them
  json      the same as small in a tokenizer.json and nothing else

A case: "text"; "html", the text after html.unescape twice, where that changes it; for each vocabulary the ids of "text"
without BOS and EOS; "clip_html" those of "html"; "begin", the byte of "text" where each of clip's ids begins (where
nothing was reordered); "padded", ids of clip and sd2 cut and padded to 77 and 16 positions."""
import html
import json
import pathlib
import shutil
import tempfile
import unicodedata

import tokenizers
import transformers
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer
from transformers import CLIPTokenizer

ROOT = pathlib.Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
BOS, EOS = "<|startoftext|>", "<|endoftext|>"

TEXTS = [
    # plain prompts
    "", " ", "a", "a red apple", "A photo of a cat", "a photograph of an astronaut riding a horse",
    "portrait of an old fisherman, oil on canvas, rim light, highly detailed, 4k, trending on artstation",
    "masterpiece, best quality, 1girl, solo, (looking at viewer:1.2), [out of frame], ((wide shot))",
    "lowres, bad anatomy, bad hands, text, error, missing fingers, extra digit, fewer digits, cropped",
    "a bowl of fruit:0.8 | a vase of flowers:1.2 --ar 16:9 --seed 42", "cat\\(animal\\), {sun|moon}, <lora:impasto:0.8>",
    "photo by john_doe_99, file-name_v2.final.png", "C++ & C# @ 100% #hashtag $5.00 ~tilde^caret`backtick",
    "semi;colons: and/or\\backslashes \"double\" 'single' ''two'' \"\"",
    # contractions
    "it's don't we're I've I'm she'll he'd", "IT'S DON'T WE'RE I'VE I'M SHE'LL HE'D", "rock'n'roll 'tis 'twas o'clock",
    "'s 't 're 've 'm 'll 'd", "'sun 'tea 'red 'vest 'moon 'llama 'dog", "'S'T'RE", "cats' dogs' 's's's", "it’s don’t",
    "''s '' 's' s'", "l'été d'or qu'il",
    # digits
    "0 1 12 123 1234567890", "3d 2d 4k 8k 50mm f1.8 1/250s", "1,000,000.00", "x2y3z4", "½ ¼ ² ³ ¹", "Ⅷ ⅷ Ⅻ ↀ", "①②③ ⒈ ⓐ Ⓐ Ⓩ",
    "٠١٢٣ ०१२३ ０１２３", "１girl", "1st 2nd 3rd 21st",
    # punctuation runs
    "...", "!!!???", "wow!!! really??", "----====____", "a--b__c..d,,e", "(((((deep)))))", "[[[x]]]", "{}{}{}", "<<<>>>", "||",
    "!@#$%^&*()_+-=[]{}|;':\",./<>?", "¡hola! ¿qué?", "« guillemets » ‹single›", "“curly” ‘quotes’ „low“", "– — ― …", "€ £ ¥ ¢ § ¶ © ® ™ ° ±",
    "、。！？「」『』（）", "→ ← ↑ ↓ ∞ ≠ ≤ ≥ √ ∑", "★☆♥♦♣♠",
    # scripts
    "一只可爱的猫", "日本語のテキスト、猫", "ひらがな カタカナ ﾊﾝｶｸ", "한국어 고양이", "고양이", "Привет, мир", "ПРИВЕТ",
    "Ελληνικά ΚΌΣΜΟΣ κόσμος", "العربية قطة", "עברית חתול", "हिन्दी बिल्ली", "ไทย แมว", "ქართული ᲥᲐᲠᲗᲣᲚᲘ", "Հայերեն", "አማርኛ", "မြန်မာ",
    "漢字カナ混じり文123と記号！", "tiếng Việt con mèo", "naïve café résumé Ångström", "nai\u0308ve cafe\u0301 re\u0301sume\u0301 A\u030angstro\u0308m",
    "e\u0323\u0302 e\u0302\u0323 ệ", "\u212b \u2126 \u212a", "q\u0307\u0323 q\u0323\u0307", "\u0301orphan mark", "a\u0300\u0301\u0302\u0303\u0304\u0305",
    "\u1112\u1161\u11ab\u1100\u116e\u11a8", "שׁ \ufb2a \ufb2c", "\u0958 \u0915\u093c", "\u2000\u2001x", "豈 更",
    "straße STRASSE ẞ", "İstanbul ISTANBUL ıi", "ΣΊΣΥΦΟΣ Σ ςσ", "Ǆ ǅ ǆ Ǉ Ǌ", "ﬁ ﬂ ﬀ ſ ſt 'ſ", "ＦＵＬＬＷＩＤＴＨ", "ÀÉÎÕÜ ŸŽŠ ÞÐÆŒ", "ʻokina ʼapostrophe ˈstress", "ªº", "𝐁𝐨𝐥𝐝 𝔉𝔯𝔞𝔨𝔱𝔲𝔯 𐐀𐐨",
    # emoji
    "😀", "😀😃😄 cat 🐱", "👩‍👩‍👧‍👦 family", "👍🏽 👍", "🇩🇪🇯🇵", "❤️ ❤ ☀️", "1️⃣ #️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🧑🏿‍🚀 on the 🌕",
    # HTML
    "&amp;", "&amp;amp;", "&amp;amp;amp;", "&lt;b&gt;bold&lt;/b&gt;", "&#39;quoted&#39; it&#39;s", "caf&eacute; &Eacute;", "caf&eacute caf&eacutes",
    "rock &amp roll &copy2024 &notit; &not;", "&nbsp;&nbsp;x&emsp;y", "&#x1F600; &#128512; &#X41;", "&#0; &#xD800; &#x110000; &#99999999999999999999;", "&#128; &#150; &#x9d;",
    "&#1;&#127;x&#xFFFE;y", "& &; &# &#; &#x; &#xg; &unknown; &a", "R&D AT&T salt&pepper x&y=1&lt=2", "&NotEqualTilde; &bne; &fjlig;", "&CounterClockwiseContourIntegral;", "&lt;|endoftext|&gt;",
    "&amp;lt;", "&quot;&apos;&QUOT;", "&hearts;&sung;",
    # white space
    "  leading and trailing  ", "tabs\tand\nnew\r\nlines\x0b\x0c", "non\u00a0breaking\u2003em\u3000wide\u2028line\u0085nel\u1680ogham\u202f\u205f",
    "zero\u200bwidth\u200cnon\u200djoiner\ufeffbom\u2060", "file\x1csep\x1d\x1e\x1f",
    # control characters and oddities
    "\x01\x02\x07bell\x08\x1b[31mred\x7f", "\x80\x9f", "\ufffd \ufffe \uffff \U0010ffff", "\ue000private", "\u202eright\u202c", "soft\u00adhyphen",
    # special tokens
    "<|startoftext|>", "<|endoftext|>", "a<|endoftext|>b", "<|startoftext|>a cat<|endoftext|>", "<|ENDOFTEXT|>", "!<|EndOfText|>!!", "?<|STARTOFTEXT|>'s x",
    "<|endo<|endoftext|>ftext|>", "<|endoftext|><|endoftext|>", "<|endoftext", "<| endoftext |>", "a </w> b</w>", "<|EndOfText|><|EndOfText|>", "e<|endoftext|>\u0301",
    # added token of sd2
    "a photo of <my-cat>", "<My-Cat><my-cat>!", "x<my-catty>y",
    # long
    "supercalifragilisticexpialidocious pneumonoultramicroscopicsilicovolcanoconiosis", "antidisestablishmentarianism" * 4,
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ha" * 200, "!" * 300, "a cat " * 38 + "dog", "a cat " * 100,
    "1" * 80, "猫" * 60, "😀" * 40, "the quick brown fox jumps over the lazy dog. " * 20,
]


def byte_chars():
    """The characters that stand for bytes 0..255."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in plain]
    return {b: chr(b) if b in plain else chr(256 + others.index(b)) for b in range(256)}


def base_tokens():
    chars = sorted(byte_chars().values())
    return chars + [c + "</w>" for c in chars]


def write_folder(folder, vocab, merges, settings):
    """Writes a tokenizer folder; settings: file name -> contents."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    dump = lambda name, data: (folder / name).write_text(json.dumps(data, ensure_ascii=False, indent=0) + "\n", "utf-8")
    dump("vocab.json", vocab)
    (folder / "merges.txt").write_text("#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges), "utf-8")
    for name, data in settings.items():
        dump(name, data)


def clip(folder):
    lines = (ROOT / "data/clip/merges.txt").read_text("utf-8").split("\n")[1:-1]
    merges = [tuple(line.split(" ")) for line in lines]
    tokens = base_tokens() + [a + b for a, b in merges] + [BOS, EOS]
    write_folder(folder, {t: i for i, t in enumerate(tokens)}, merges, {})


def train_merges(n_merges):
    """Byte-pair encoding learned from the texts' own words."""
    cutter = CLIPTokenizer()._tokenizer
    words = [w for t in TEXTS for w, _ in cutter.pre_tokenizer.pre_tokenize_str(cutter.normalizer.normalize_str(t))]
    model = tokenizers.Tokenizer(BPE(end_of_word_suffix="</w>"))
    model.pre_tokenizer = tokenizers.pre_tokenizers.WhitespaceSplit()
    trainer = BpeTrainer(vocab_size=10**6, min_frequency=1, initial_alphabet=sorted(byte_chars().values()),
                         end_of_word_suffix="</w>", show_progress=False)
    model.train_from_iterator(words, trainer)
    return [tuple(m) for m in json.loads(model.to_str())["model"]["merges"]][:n_merges]


def small_folders():
    merges = train_merges(600 - 512 - 2)
    tokens = base_tokens() + [a + b for a, b in merges] + [BOS, EOS]
    vocab = {t: i for i, t in enumerate(tokens)}
    write_folder(GOLDEN / "tokenizer-small", vocab, merges, {"tokenizer_config.json": {
        "tokenizer_class": "CLIPTokenizer", "model_max_length": 77, "bos_token": BOS, "eos_token": EOS, "pad_token": EOS,
        "unk_token": EOS}})

    gone = byte_chars()[0xf0]
    flags = {"lstrip": False, "normalized": True, "rstrip": False, "single_word": False}
    specials = {"bos_token": {"content": BOS, **flags}, "eos_token": {"content": EOS, **flags},
                "unk_token": {"content": EOS, **flags}}
    kept = [t for t in tokens if gone not in t]
    write_folder(GOLDEN / "tokenizer-sd2", {t: i for i, t in enumerate(kept)},
                 [m for m in merges if gone not in m[0] + m[1]],
                 {"tokenizer_config.json": {"tokenizer_class": "CLIPTokenizer", "model_max_length": 16,
                                            "pad_token": EOS, **specials},
                  "special_tokens_map.json": {"pad_token": "!", **specials},
                  "added_tokens.json": {"<my-cat>": len(kept)}})

    with tempfile.TemporaryDirectory() as scratch:
        CLIPTokenizer.from_pretrained(GOLDEN / "tokenizer-small").save_pretrained(scratch)
        saved = json.loads((pathlib.Path(scratch) / "tokenizer.json").read_text("utf-8"))
    folder = GOLDEN / "tokenizer-json"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "tokenizer.json").write_text(json.dumps(saved, ensure_ascii=False, indent=0) + "\n", "utf-8")


def begins(encoding, text):
    """Byte offsets of the tokens' first characters, or None where marks change places: ours then stand for all of their
    bytes together, so that offsets never decrease."""
    nfd = lambda t: unicodedata.normalize("NFD", t)
    if nfd(text) != "".join(map(nfd, text)):
        return None
    return [len(text[:first].encode()) for first, _ in encoding.offsets]


def make_case(text, models):
    for t in models.values():  # else they keep what "padded" asked of them
        t._tokenizer.no_truncation()
        t._tokenizer.no_padding()
    begin = begins(models["clip"]._tokenizer.encode(text, add_special_tokens=False), text)
    ids = {name: t(text, add_special_tokens=False).input_ids for name, t in models.items()}
    unescaped = html.unescape(html.unescape(text))
    if unescaped != text:
        ids |= {"html": unescaped, "clip_html": models["clip"](unescaped, add_special_tokens=False).input_ids}
    pad = lambda name, n: models[name](text, padding="max_length", truncation=True, max_length=n).input_ids
    padded = {"clip": pad("clip", 77), "sd2": pad("sd2", 16)}
    return {"text": text, **ids, "begin": begin, "padded": padded}


def main():
    small_folders()
    with tempfile.TemporaryDirectory() as scratch:
        clip(pathlib.Path(scratch) / "clip")
        models = {"clip": CLIPTokenizer.from_pretrained(pathlib.Path(scratch) / "clip")}
    models |= {name: CLIPTokenizer.from_pretrained(GOLDEN / f"tokenizer-{name}") for name in ("small", "sd2", "json")}
    cases = [make_case(text, models) for text in TEXTS]
    head = {"command": "python tests/reference/text_goldens.py", "transformers": transformers.__version__,
            "tokenizers": tokenizers.__version__}
    lines = ",\n".join(json.dumps(c, ensure_ascii=True, separators=(",", ":")) for c in cases)
    text = json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n"
    (GOLDEN / "tokens.json").write_text(text, "utf-8")
    print(len(cases), "texts")


main()
