"""Draws the two plots of docs/benchmarks.md. Runs in the environment of requirements-plots.txt.

Standard input: JSON {"title", "unit", "limit": number or null, "lines": {name: [[orders, value], ...]}};
the one argument is the SVG to write.
"""

import json
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams |= {"svg.hashsalt": "kleep", "svg.fonttype": "none"}
from matplotlib import pyplot  # noqa: E402 (the back end comes first)


def main() -> None:
    given = json.load(sys.stdin)
    figure, axes = pyplot.subplots(figsize=(7, 4), layout="constrained")
    for name, points in given["lines"].items():
        axes.plot(*zip(*points, strict=True), marker="o", label=name)
    if given["limit"]:
        axes.axhline(given["limit"], color="grey", linestyle=":", label="the limit set")
    axes.set(title=given["title"], xlabel="orders in the shop", ylabel=given["unit"], xscale="log")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(sys.argv[1], metadata={"Date": None})


if __name__ == "__main__":
    main()
