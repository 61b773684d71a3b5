#!/usr/bin/env python3
# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times a guided picture with Mezzotint and its peers side by side, in one run on one machine:

    tests/bench/step.py --model sd15-random.safetensors --mezzotint build/mezzotint --sdcpp .../sd-cli \
                        --python .../bin/python --folder sd15-random --threads 1 --sizes 256,512 --out step.json

Peers whose program is not given or not there are left out. Each peer makes the same picture (size, steps, guidance,
prompts) as a process of its own; what it prints is followed, and at the end of each phase the clock and the process's
processor time are read. Everything but the standard library comes from the peers.

  load     from start to the first work on the prompt
  text     both prompts through the text encoder
  step     one guided step: the median, without the first, which may prepare things
  decode   latent to pixels
  wall s, CPU s   the second is the one to trust while the machine does other work; with n threads it is the sum
  peak MiB        largest resident set, mapped files included; "own": the anonymous part, as seen at the ends of phases

--model is an F16 file in the original layout (tests/reference/make_full_size.py makes one), --folder the same model as
diffusers has it."""
import argparse
import collections
import json
import os
import pathlib
import platform
import re
import shlex
import statistics
import subprocess
import sys
import tempfile
import time

PROMPT, NEGATIVE, GUIDANCE = "a red apple on a white plate", "blurry, frame", 7
PHASES = ("load", "text", "step", "decode")


class Peer:
    """A program to time: `command` makes its command line, `mark` tells which phase a line of its output ends."""

    def __init__(self, name, command, mark):
        self.name, self.command, self.mark = name, command, mark


def mark_mezzotint(line):
    """Its JSON lines say which phase begins, and when a step is done."""
    if not (line.startswith("{") and line.endswith("}")):
        return None
    event = json.loads(line)
    kind = event.get("event")
    if kind == "phase":
        return {"text": "load", "sample": "text", "decode": "between"}.get(event["phase"])
    return {"step": "step", "picture": "decode"}.get(kind)


SDCPP_MARKS = ((r"generate_image \d+x\d+", "load"), (r"get_learned_condition completed", "text"),
               (r"generating image:", "between"), (r"\| *\d+/\d+ - [\d.]+(s/it|it/s)", "step"),
               (r"decoding \d+ latents", "between"), (r"decode_first_stage completed", "decode"))


def mark_sdcpp(line):
    # Loading draws the same kind of bar, but counts megabytes a second.
    for pattern, phase in SDCPP_MARKS:
        if re.search(pattern, line):
            return phase
    return None


def mark_diffusers(line):
    return line.split()[1] if line.startswith("END ") else None


def mezzotint_peer(options):
    def command(side, folder):
        return [options.mezzotint, "generate", PROMPT, "--negative", NEGATIVE, "--model", options.model,
                "--size", f"{side}x{side}", "--steps", options.steps, "--sampler", "euler", "--guidance", GUIDANCE,
                "--seed", 1, "--threads", options.threads, "--json", "--output", folder / "ours.png"]
    return Peer("Mezzotint", command, mark_mezzotint)


def sdcpp_peer(options):
    def command(side, folder):
        return [options.sdcpp, "-m", options.model, "-p", PROMPT, "-n", NEGATIVE, "-W", side, "-H", side,
                "--steps", options.steps, "--sampling-method", "euler", "--cfg-scale", GUIDANCE, "--seed", 1,
                "-t", options.threads, "-v", "-o", folder / "sdcpp.png", *shlex.split(options.sdcpp_args)]
    return Peer("stable-diffusion.cpp", command, mark_sdcpp)


def diffusers_peer(options):
    def command(side, folder):
        return [options.python, pathlib.Path(__file__).with_name("diffusers_step.py"), options.folder,
                "--size", side, "--steps", options.steps, "--threads", options.threads, "--guidance", GUIDANCE,
                "--dtype", options.dtype]
    return Peer(f"diffusers {options.dtype}", command, mark_diffusers)


def find_peers(options):
    known = ((mezzotint_peer, options.mezzotint, options.model), (sdcpp_peer, options.sdcpp, options.model),
             (diffusers_peer, options.python, options.folder))
    for make, program, model in known:
        if program and model and os.access(program, os.X_OK) and os.path.exists(model):
            yield make(options)
        else:
            print(f"step.py: no {make.__name__.removesuffix('_peer')}, left out", file=sys.stderr)


def processor_seconds(pid):
    """User and system time of all threads so far."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def anonymous_mib(pid):
    match = re.search(r"RssAnon:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())
    return int(match[1]) / 1024 if match else 0


def follow(peer, process, said):
    """Yields (phase, wall seconds, processor seconds, anonymous MiB) as phases end; what is printed goes to `said`."""
    before, pending = (time.monotonic(), 0.0), b""
    while chunk := os.read(process.stdout.fileno(), 65536):
        *lines, pending = re.split(rb"[\r\n]+", pending + chunk)
        if peer.mark(pending.decode(errors="replace")) == "step":  # progress bars end without a line end
            lines, pending = [*lines, pending], b""
        for line in lines:
            said.append(line.decode(errors="replace"))
            phase = peer.mark(said[-1])
            if phase is None:
                continue
            now = (time.monotonic(), processor_seconds(process.pid))
            yield phase, now[0] - before[0], now[1] - before[1], anonymous_mib(process.pid)
            before = now


def time_once(peer, side, log):
    with tempfile.TemporaryDirectory() as folder:
        command = [str(word) for word in peer.command(side, pathlib.Path(folder))]
        log.write(f"$ {shlex.join(command)}\n")
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        said = collections.deque(maxlen=5)
        ended = list(follow(peer, process, said))
        _, status, usage = os.wait4(process.pid, 0)
    log.writelines(f"  {phase} {wall:.3f} s, CPU {cpu:.3f} s\n" for phase, wall, cpu, _ in ended)
    if status != 0:
        sys.exit("\n".join([f"step.py: {peer.name} failed ({status}):", *said]))
    times = {name: [(wall, cpu) for phase, wall, cpu, _ in ended if phase == name] for name in PHASES}
    return times, usage.ru_maxrss / 1024, max(anonymous for *_, anonymous in ended)


def measure(peers, side, repeats, log):
    runs = {peer.name: [] for peer in peers}
    for i in range(repeats):
        for peer in peers if i % 2 == 0 else peers[::-1]:
            runs[peer.name].append(time_once(peer, side, log))
            log.flush()
    return {name: summarize(found) for name, found in runs.items()}


def summarize(found):
    result = {"peak_mib": max(peak for _, peak, _ in found), "own_mib": max(own for *_, own in found)}
    for phase in PHASES:
        seen = [pair for times, *_ in found for pair in (times[phase][1:] if phase == "step" else times[phase])]
        for i, unit in enumerate(("wall", "cpu")):
            result[f"{phase}_{unit}_s"] = statistics.median(pair[i] for pair in seen) if seen else None
    return result


def ratios(rows):
    """Ours divided by each peer's: below 1 is faster or smaller."""
    ours = rows.get("Mezzotint")
    if ours is None:
        return {}
    return {name: {key: ours[key] / row[key] for key in row if ours[key] is not None and row[key]}
            for name, row in rows.items() if name != "Mezzotint"}


def machine():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"model name\s*:\s*(.+)", text)
    flags = set(re.search(r"flags\s*:\s*(.+)", text)[1].split()) if "flags" in text else set()
    wide = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16") if flag in flags]
    return {"processor": model[1] if model else platform.processor(), "extensions": wide,
            "processors": os.cpu_count(), "load_average": os.getloadavg()}


def table(results):
    lines = ["| size | | load | text | **step** | decode | peak MiB (own) |", "|---|---|---|---|---|---|---|"]

    def cell(row, phase):
        wall, cpu = row[f"{phase}_wall_s"], row[f"{phase}_cpu_s"]
        return "–" if wall is None else f"{wall:.2f} ({cpu:.2f})"
    for side, result in results.items():
        for name, row in result["rows"].items():
            lines.append(f"| {side} | {name} | " + " | ".join(cell(row, phase) for phase in PHASES)
                         + f" | {row['peak_mib']:.0f} ({row['own_mib']:.0f}) |")
        for name, row in result["ratios"].items():
            lines.append(f"| {side} | ours / {name} | " + " | ".join(
                f"{row[f'{phase}_wall_s']:.2f} ({row[f'{phase}_cpu_s']:.2f})" if f"{phase}_cpu_s" in row else "–"
                for phase in PHASES) + f" | {row['peak_mib']:.2f} ({row['own_mib']:.2f}) |")
    return "\n".join([*lines, "", "Seconds of wall clock, in parentheses of processor time."])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", help="F16 safetensors file in the original layout")
    parser.add_argument("--folder", help="the same model, a diffusers folder")
    parser.add_argument("--mezzotint", help="our program")
    parser.add_argument("--sdcpp", help="stable-diffusion.cpp's sd-cli")
    parser.add_argument("--sdcpp-args", default="", help="more options for it")
    parser.add_argument("--python", help="a Python that has diffusers")
    parser.add_argument("--dtype", default="float32", help="what diffusers computes in")
    parser.add_argument("--sizes", default="256,512", help="sides of the pictures, px")
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--out", type=pathlib.Path, help="JSON")
    options = parser.parse_args()
    if options.steps < 2:
        parser.error("at least 2 steps: the first is not counted")
    peers, results = list(find_peers(options)), {}
    about = machine()
    for side in map(int, options.sizes.split(",")):
        rows = measure(peers, side, options.repeats, sys.stderr)
        results[side] = {"rows": rows, "ratios": ratios(rows)}
    print(f"{about['processor']} ({', '.join(about['extensions'])}), {options.threads} of {about['processors']} "
          f"threads, {options.steps} steps, {options.repeats} run(s), load average {about['load_average'][0]:.1f}\n")
    print(table(results))
    if options.out:
        settings = {"steps": options.steps, "threads": options.threads, "repeats": options.repeats,
                    "sdcpp_args": options.sdcpp_args}
        options.out.write_text(json.dumps({"machine": about, "settings": settings, "sizes": results}, indent=2) + "\n")


if __name__ == "__main__":
    main()
