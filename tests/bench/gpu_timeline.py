# Copyright 2026 The Mezzotint developers
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the time of a step goes on an NVIDIA GPU: kernels as they really follow one another, and the pauses between them.

    gpu_timeline.py OUT MEZZOTINT MODEL [--size 512x512] [--steps 12] [--library FILE] [OPTION...]

Builds cuda-timeline.c with the CUDA Toolkit ($CUDA_HOME, else /usr/local/cuda) unless --library names one that is built,
makes one picture with it, and cuts the record at the copies that bring each step's result down. Writes OUT/timeline.tsv, prints
tables in Markdown: the median step of the run's second half, and its kernels by name and grid. Recording itself costs each kernel
a little, so sums are for shares, not for the time of a step."""
import argparse
import collections
import os
import pathlib
import re
import statistics
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
Record = collections.namedtuple("Record", "begin end size threads registers shared name")


def build(out):
    toolkit = pathlib.Path(os.environ.get("CUDA_HOME", "/usr/local/cuda"))
    library = out.absolute() / "timeline.so"
    folders = [f for f in (toolkit / "lib64", toolkit / "lib", toolkit / "extras/CUPTI/lib64") if f.is_dir()]
    includes = [f for f in (toolkit / "include", toolkit / "extras/CUPTI/include") if f.is_dir()]
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", *(f"-I{f}" for f in includes), str(HERE / "cuda-timeline.c"), "-o", str(library),
                    *(f"-L{f}" for f in folders), *(f"-Wl,-rpath,{f}" for f in folders), "-lcupti"], check=True)
    return library


def read(path):
    records = []
    for line in path.read_text(encoding="utf8").splitlines():
        *numbers, name = line.split("\t", 6)
        records.append(Record(*map(int, numbers), name))
    return sorted(records)


def short(name):
    """Of a mangled kernel of ours its name and the numbers it was made for, of another its first words."""
    found = re.search(r"(?<=\d)([a-z_]+_kernel)(.*)", name)
    if not name.startswith("_Z"):
        return re.sub(r"\(.*", "", name)[:110]
    if not found:
        return name[:60]
    numbers = re.findall(r"L[ib](\d+)E", found[1 + 1])
    return found[1] + (f"<{','.join(numbers)}>" if numbers else "")


def cut(records):
    """The evaluations: each ends with a copy to the host."""
    steps, now = [], []
    for record in records:
        now.append(record)
        if record.name == "copy down":
            steps.append(now)
            now = []
    return steps


def find_steady(steps):
    """Where in `steps` those of the run's second half are that have the usual number of launches."""
    usual = statistics.mode(len(step) for step in steps)
    whole = [i for i, step in enumerate(steps) if len(step) == usual and i > 0]
    return whole[len(whole) // 2:]


def print_steps(steps, steady, launches):
    """How long a step takes, and what the host does between two of them."""
    ends, begins = [steps[i - 1][-1].end for i in steady], [steps[i][0].begin for i in steady]
    calls = [min((c for c in launches if c.begin > end), default=None) for end in ends]
    waits = [((c.begin - end) / 1e3, (c.end - c.begin) / 1e3, (begin - c.begin) / 1e3)
             for c, begin, end in zip(calls, begins, ends) if c]
    if waits:
        print("From a step's end on the card to the launch of the next {:.0f} us, the call {:.0f} us, from its begin to the card's {:.0f} us."
              .format(*map(statistics.median, zip(*waits))))
    length = statistics.median(steps[i][-1].end - steps[i][0].begin for i in steady) / 1e3
    busy = statistics.median(sum(r.end - r.begin for r in steps[i]) for i in steady) / 1e3
    between = statistics.median(begin - end for begin, end in zip(begins, ends)) / 1e3
    print(f"{len(steps[steady[0]])} launches and copies a step; median of {len(steady)} steps: {length:.0f} us from the first to the end of "
          f"the last, of which {busy:.0f} busy; {between:.0f} us from step to step\n")


def print_kernels(steps, steady):
    """Kernels by name and grid, then by family."""
    rows, families, n = collections.defaultdict(list), collections.defaultdict(lambda: [0, 0., 0.]), len(steady)
    for i in steady:
        for before, record in zip([None, *steps[i]], steps[i]):
            pause = (record.begin - before.end) / 1e3 if before else 0.
            rows[short(record.name), record.size, record.threads].append(((record.end - record.begin) / 1e3, pause))
    print("| kernel | grid | block | a step | us each | us in all | pause before |\n|---|---|---|---|---|---|---|")
    for (name, size, threads), values in sorted(rows.items(), key=lambda item: -sum(v[0] for v in item[1])):
        count, (total, pause) = len(values) / n, (sum(part) / n for part in zip(*values))
        print(f"| {name} | {size} | {threads} | {count:g} | {total / count:.1f} | {total:.0f} | {pause / count:.1f} |")
        family = families[re.match(r"nvjet|sm\d+_xmma|[a-z ]*[a-z_]*", name)[0]]
        for k, value in enumerate((count, total, pause)):
            family[k] += value
    print("\n| family | a step | us | pauses, us |\n|---|---|---|---|")
    for name, (count, total, pause) in sorted(families.items(), key=lambda item: -item[1][1]):
        print(f"| {name} | {count:g} | {total:.0f} | {pause:.0f} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("program")
    parser.add_argument("model")
    parser.add_argument("--size", default="512x512")
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--library")
    options, more = parser.parse_known_args()
    library = options.library or build(options.out)
    path = options.out / "timeline.tsv"
    command = [options.program, "generate", "a red apple", "--backend", "cuda", "--model", options.model, "--size", options.size, "--seed",
               "11", "--steps", str(options.steps), "--guidance", "7", "--output", str(options.out / "timeline.png"), *more]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=100,
                   env=dict(os.environ, CUDA_INJECTION64_PATH=str(library), TIMELINE=str(path)))
    records = read(path)
    steps = cut([r for r in records if r.name != "launch"])
    steady = find_steady(steps)
    if len(steady) < 2:
        sys.exit("gpu_timeline.py: no steps that repeat were found")
    print_steps(steps, steady, [r for r in records if r.name == "launch"])
    print_kernels(steps, steady)


if __name__ == "__main__":
    main()
