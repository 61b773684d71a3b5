# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mezzotint beside diffusers on one GPU, in one run: the second half of gpu.sh.

    gpu_table.py OUT MEZZOTINT MODEL [FOLDER]

MODEL is an SD 1.x file for us, FOLDER the same in diffusers' layout for gpu_peers.py, which is run where Python has torch
and diffusers. The peers load, compile and warm up first; then they wait while we are measured, alone on the GPU; then they
are. $COMPILE_MODE is torch.compile's (max-autotune). Writes OUT/gpu.json and prints the table in Markdown."""
import argparse
import json
import os
import pathlib
import queue
import statistics
import subprocess
import sys
import threading
import time

HERE = pathlib.Path(__file__).parent
STEP_FLOP = 1.607e12  # the arithmetic of a guided SD 1.5 step at 512x512
COMPILE_MODE = os.environ.get("COMPILE_MODE", "max-autotune")
COMPILE_SECONDS = float(os.environ.get("COMPILE_SECONDS", 600))


class Memory:
    """The most of the GPU's memory in use beyond what was at the start, in MiB, asked every 50 ms."""

    def __enter__(self):
        self.start = self.most = self.ask()
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    @staticmethod
    def ask():
        return int(subprocess.run(["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"],
                                  capture_output=True, text=True, check=True).stdout.split()[0])

    def watch(self):
        while not self.stop.wait(0.05):
            self.most = max(self.most, self.ask())


def ours(program, model, steps, pictures, out, at_once=1):
    """One process that makes `pictures` pictures, so many of them at once; times of a step are of one picture."""
    command = [program, "generate", "a red apple", "--json", "--backend", "cuda", "--model", model, "--size", "512x512", "--seed", "11",
               "--steps", str(steps), "--count", str(pictures), "--guidance", "7", "--output", str(out / "ours.png"),
               "--at-once", str(at_once)]
    begin, phases, step_seconds, picture_seconds, first_step = time.monotonic(), {}, [], [], None
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            now = time.monotonic() - begin
            event = json.loads(line)
            if event["event"] == "phase":
                phases.setdefault((event["picture"], event["phase"]), now)
            elif event["event"] == "step":
                if (event["picture"], event["step"]) == (0, 1):
                    first_step = event["seconds"]
                if event["picture"] == pictures - 1:
                    step_seconds.append(event["seconds"] / at_once)
            elif event["event"] == "picture":
                picture_seconds.append(event["seconds"])
                phases[(event["picture"], "saved")] = now
    if process.returncode:
        sys.exit(f"gpu_table.py: {program} ended with {process.returncode}")
    last = pictures - 1
    return {"at_once": at_once, "load": phases[(0, "text")], "text": phases[(0, "sample")] - phases[(0, "text")],
            "step_ms": 1e3 * statistics.median(step_seconds[1:]), "first_step_ms": 1e3 * first_step,
            "decode_ms": 1e3 * (phases[(last, "saved")] - phases[(last, "decode")]), "picture": picture_seconds[last],
            "first_picture": phases[(0, "saved")], "steps": steps}


def measure(options, steps, pictures, at_once):
    """After a run that brings files into the cache and finds the ways of the products."""
    ours(options.program, options.model, 4, at_once, options.out, at_once)
    with Memory() as memory:
        result = ours(options.program, options.model, steps, pictures, options.out, at_once)
    return {**result, "memory_mib": memory.most - memory.start}


class Peers:
    def __init__(self, folder, go, batches):
        self.go, self.values, self.lines = go, [], queue.Queue()
        self.process = subprocess.Popen([sys.executable, str(HERE / "gpu_peers.py"), folder, "--wait", str(go), "--batches", batches,
                                         "--compile-mode", COMPILE_MODE],
                                        stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def until(self, end, seconds):
        """Takes lines until `end`; FALSE when the process ended or the time was up before."""
        limit = time.monotonic() + seconds
        while (left := limit - time.monotonic()) > 0:
            try:
                line = self.lines.get(timeout=left)
            except queue.Empty:
                break
            if line is None:
                return end is None
            if line.strip() == end:
                return True
            self.values.append(json.loads(line))
        self.process.kill()
        return False


def table(rows, ours_20, ours_50, together, floors):
    peers = sorted({r["peer"] for r in rows if "peer" in r and r["what"] == "step"})
    value = {(r["peer"], r["what"], r.get("steps")): r.get("ms", r.get("seconds", r.get("mib")))
             for r in rows if r.get("batch") == 1}
    for r in rows:
        if r.get("what") == "step":
            value[r["peer"], "step", -r["batch"]] = r["ms"] / r["batch"]
    lines = ["| | ours |" + "".join(f" diffusers, {p} | ratio |" for p in peers), "|---|---|" + "---|---|" * len(peers)]
    for name, mine, what, steps in (("guided step, ms", ours_20["step_ms"], "step", None),
                                    *((f"the same, one of {run['at_once']} at once, ms", run["step_ms"], "step", -run["at_once"])
                                      for run in together),
                                    ("decode, ms", ours_20["decode_ms"], "decode", None),
                                    ("20 steps, s", ours_20["picture"], "picture", 20),
                                    ("50 steps, s", ours_50["picture"], "picture", 50),
                                    ("load, s", ours_20["load"], None, None),
                                    ("start to first picture (20 steps), s", ours_20["first_picture"], None, None),
                                    ("peak memory, MiB", ours_20["memory_mib"], "memory", None)):
        cells = []
        for peer in peers:
            theirs = value.get((peer, what, steps))
            cells += [f"{theirs:.3g}", f"{theirs / mine:.2f}"] if theirs else ["", ""]
        lines.append(f"| {name} | {mine:.4g} |" + "".join(f" {cell} |" for cell in cells))
    if floors:
        rates = {run["at_once"]: STEP_FLOP / run["step_ms"] * 1e-9 for run in (ours_20, *together)}
        shares = ", ".join(f"{rate:.0f} TFLOP/s ({100 * rate / floors['matrix']:.0f} %) with {n} at once" for n, rate in rates.items())
        lines.append(f"\nThe GPU's own: {floors['matrix']:.0f} TFLOP/s in a large product, {floors['copy']:.2f} TB/s in a large "
                     f"copy. A step's 1.607 TFLOP are done at {shares}.")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("program")
    parser.add_argument("model")
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--batches", default=os.environ.get("BATCHES", "1,4,8"), help="pictures at once, ours and the peers'")
    options = parser.parse_args()
    go = options.out / "go"
    go.unlink(missing_ok=True)
    batches = [int(b) for b in options.batches.split(",")]
    peers = Peers(options.folder, go, options.batches) if options.folder else None
    if peers and not peers.until("READY", COMPILE_SECONDS):
        print("The peers did not get ready.", file=sys.stderr)
        peers = None

    ours_20 = measure(options, 20, 3, 1)
    ours_50 = ours(options.program, options.model, 50, 3, options.out)
    together = [measure(options, 20, batch, batch) for batch in batches if batch > 1]
    rows = []
    if peers:
        go.touch()
        peers.until(None, 300)
        rows = peers.values
    go.unlink(missing_ok=True)
    floors = {r["what"]: r.get("tflops", r.get("tbytes")) for r in rows if r["what"] in ("matrix", "copy")}
    (options.out / "gpu.json").write_text(json.dumps({"ours": [ours_20, ours_50, *together], "peers": rows}, indent=1) + "\n")
    print(table(rows, ours_20, ours_50, together, floors))


if __name__ == "__main__":
    main()
