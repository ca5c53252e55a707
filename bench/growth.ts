// The growth of time with samples, depth and pixels as one picture: three panels on log axes, SVG text. Knows no file.
import type { GrowthResult } from './results.ts';
import { GROWTH_DEPTH, GROWTH_IMAGES, GROWTH_SAMPLES } from './works.ts';

const PANEL = { width: 250, height: 230, gap: 72, left: 62, top: 64 };
const SIZE = { width: PANEL.left + 3 * PANEL.width + 2 * PANEL.gap + 24, height: PANEL.top + PANEL.height + 92 };

const panels: { axis: GrowthResult['axis']; title: string; label: string; symbol: string }[] = [
  { axis: 'samples', title: `dense ReLU, depth ${GROWTH_DEPTH}`, label: 'samples n', symbol: 'n' },
  { axis: 'depth', title: `dense ReLU, n = ${GROWTH_SAMPLES}`, label: 'hidden layers L', symbol: 'L' },
  { axis: 'pixels', title: `2 convolutions, global pool, n = ${GROWTH_IMAGES}`, label: 'pixels P', symbol: 'P' },
];

/** Colours that colour-blind eyes tell apart on white, and a mark and a dash of their own. */
const lines = [
  { key: 'theirs', label: 'neural-tangents, real network on [Re, Im]', colour: '#c2410c', dash: '', mark: 'square' },
  { key: 'ours', label: 'ours, complex network', colour: '#1d4ed8', dash: '', mark: 'circle' },
  { key: 'oursWithTwin', label: 'ours, with its real twin', colour: '#0f766e', dash: '5 4', mark: 'diamond' },
] as const;

/** Where each line's entry of the legend starts. */
const LEGEND = [0, 330, 530];

const mark = (kind: (typeof lines)[number]['mark'], x: number, y: number, colour: string): string => {
  const [cx, cy] = [x.toFixed(1), y.toFixed(1)];
  if (kind === 'circle') return `<circle cx="${cx}" cy="${cy}" r="3.4" fill="${colour}"/>`;
  if (kind === 'square') return `<rect x="${(x - 3.2).toFixed(1)}" y="${(y - 3.2).toFixed(1)}" width="6.4" height="6.4" fill="${colour}"/>`;
  return `<path d="M${cx} ${(y - 4.2).toFixed(1)}l4.2 4.2l-4.2 4.2l-4.2 -4.2z" fill="${colour}"/>`;
};

const text = (x: number, y: number, words: string, more = ''): string => `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}"${more && ` ${more}`}>${words}</text>`;

/** Exponent p of time ~ at^p, from the two last points: how it grows where it is large. */
export function lastSlope(points: readonly (readonly [number, number])[]): number | null {
  const [a, b] = points.slice(-2);
  return a && b ? Math.log(b[1] / a[1]) / Math.log(b[0] / a[0]) : null;
}

const secondsLabel = (exponent: number): string => (exponent >= 0 ? `${10 ** exponent} s` : exponent >= -3 ? `${10 ** (exponent + 3)} ms` : `${10 ** (exponent + 6)} µs`);

/** @returns a whole SVG file: readable on light and dark pages, for it brings its own background. */
export function growthPicture(growth: readonly GrowthResult[]): string {
  const times = growth.flatMap((g) => lines.map(({ key }) => g[key])).filter((t): t is number => t !== null && t > 0);
  const [low, high] = times.length ? [Math.floor(Math.log10(Math.min(...times))), Math.ceil(Math.log10(Math.max(...times)))] : [-3, 1];
  const y = (seconds: number) => PANEL.top + PANEL.height * (1 - (Math.log10(seconds) - low) / Math.max(1, high - low));
  const parts: string[] = [];

  panels.forEach(({ axis, title, label, symbol }, at) => {
    const points = growth.filter((g) => g.axis === axis).sort((a, b) => a.at - b.at);
    if (points.length === 0) return;
    const left = PANEL.left + at * (PANEL.width + PANEL.gap);
    const [first, last] = [points[0]!.at, points.at(-1)!.at];
    const x = (value: number) => left + (points.length > 1 ? (PANEL.width * Math.log(value / first)) / Math.log(last / first) : PANEL.width / 2);
    parts.push(text(left + PANEL.width / 2, PANEL.top - 12, title, 'text-anchor="middle" font-weight="600"'));
    for (let e = low; e <= high; e++) {
      const height = y(10 ** e);
      parts.push(`<path d="M${left} ${height.toFixed(1)}h${PANEL.width}" stroke="#d4d4d8"/>`, text(left - 6, height + 4, secondsLabel(e), 'text-anchor="end"'));
    }
    for (const { at: value } of points) {
      parts.push(`<path d="M${x(value).toFixed(1)} ${PANEL.top}v${PANEL.height}" stroke="#ececef"/>`, text(x(value), PANEL.top + PANEL.height + 16, String(value), 'text-anchor="middle"'));
    }
    parts.push(text(left + PANEL.width / 2, PANEL.top + PANEL.height + 34, label, 'text-anchor="middle"'));
    lines.forEach(({ key, colour, dash, mark: kind }, k) => {
      const known = points.flatMap((g): [number, number][] => (g[key] === null ? [] : [[g.at, g[key]]]));
      if (known.length === 0) return;
      const path = known.map(([value, t]) => `${x(value).toFixed(1)} ${y(t).toFixed(1)}`).join('L');
      parts.push(`<path d="M${path}" fill="none" stroke="${colour}" stroke-width="2"${dash && ` stroke-dasharray="${dash}"`}/>`);
      parts.push(...known.map(([value, t]) => mark(kind, x(value), y(t), colour)));
      const slope = lastSlope(known);
      if (slope !== null) parts.push(text(left + 8, PANEL.top + 16 + 15 * k, `~ ${symbol}<tspan dy="-4" font-size="9">${slope.toFixed(1)}</tspan>`, `fill="${colour}"`));
    });
  });

  lines.forEach(({ label, colour, dash, mark: kind }, k) => {
    const [x0, y0] = [PANEL.left + LEGEND[k]!, SIZE.height - 18];
    parts.push(`<path d="M${x0} ${y0 - 4}h30" stroke="${colour}" stroke-width="2"${dash && ` stroke-dasharray="${dash}"`}/>`, mark(kind, x0 + 15, y0 - 4, colour), text(x0 + 38, y0, label));
  });

  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" width="${SIZE.width}" height="${SIZE.height}" role="img" aria-labelledby="title" font-family="system-ui, sans-serif" font-size="12" fill="#18181b">`,
    '<title id="title">Time of the kernels against samples, depth and pixels on log axes, of neural-tangents and ours. The numbers stand in docs/speed.md.</title>',
    `<rect width="${SIZE.width}" height="${SIZE.height}" rx="8" fill="#ffffff"/>`,
    text(PANEL.left, 26, 'Time of NNGP and NTK, float64, both warm; the exponents are those of the last two points', 'font-size="14" font-weight="600"'),
    ...parts, '</svg>', '',
  ].join('\n');
}
