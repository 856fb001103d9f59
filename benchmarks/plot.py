"""The plot of growth: the processor time of a cold build and of one after an edit, over the pages of the site."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.harness import Cost

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 320, 56, 40, 16
STYLE = (
    "text{font:13px sans-serif;fill:#777}.a{stroke:#777;fill:none}.c{stroke:#c2410c;fill:none;stroke-width:2}"
    ".w{stroke:#0f766e;fill:none;stroke-width:2}.l{text-anchor:end}"
)


def svg(points: Sequence[tuple[int, Cost, Cost]]) -> str:
    """Return the plot as SVG."""
    most = max(pages for pages, _, _ in points)
    slowest = max(max(cold.processor, warm.processor) for _, cold, warm in points)

    def at(pages: float, seconds: float) -> tuple[float, float]:
        return (
            LEFT + pages / most * (WIDTH - LEFT - 90),
            HEIGHT - BOTTOM - seconds / slowest * (HEIGHT - BOTTOM - TOP),
        )

    def line(name: str, words: str, seconds: Sequence[float]) -> str:
        places = [at(pages, value) for (pages, _, _), value in zip(points, seconds, strict=True)]
        path = " L".join(f"{x:.1f},{y:.1f}" for x, y in places)
        dots = "".join(f'<circle class="{name}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in places)
        x, y = places[-1]
        return f'<path class="{name}" d="M{path}"/>{dots}<text x="{x + 8:.1f}" y="{y + 4:.1f}">{words}</text>'

    x0, y0 = at(0, 0)
    x1, y1 = at(most, slowest)
    marks = "".join(
        f'<text class="l" x="{x0 - 6:.0f}" y="{at(0, n)[1] + 4:.0f}">{n:.0f} s</text>'
        for n in (0, slowest / 2, slowest)
    )
    ticks = "".join(f'<text class="l" x="{at(n, 0)[0]:.0f}" y="{y0 + 20:.0f}">{n:,}</text>' for n, _, _ in points)
    cold = line("c", "cold", [one.processor for _, one, _ in points])
    warm = line("w", "after an edit", [one.processor for _, _, one in points])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="Seconds of processor time of a build over the number of pages"><style>{STYLE}</style>'
        f'<path class="a" d="M{x0},{y1} V{y0} H{x1}"/>{marks}{ticks}{cold}{warm}'
        f'<text class="l" x="{x1:.0f}" y="{HEIGHT - 4}">pages</text></svg>\n'
    )
