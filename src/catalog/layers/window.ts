// Layers that slide a window: convolutions, their transposes, and pools. Knows the arithmetic of stride, padding and dilation.
import { eachAxis, positive, type Axes, type LayerRule, type Parameters, type Shape, type ShapeOutcome } from './layer.ts';

const spatial = (shape: number[], axes: Axes): number[] => (axes === 'channels-first' ? shape.slice(1) : shape.slice(0, -1));
const channels = (shape: number[], axes: Axes): number => (axes === 'channels-first' ? shape[0]! : shape[shape.length - 1]!);
const assemble = (c: number, sizes: number[], axes: Axes): number[] => (axes === 'channels-first' ? [c, ...sizes] : [...sizes, c]);

/** Total padding of one axis. */
function padded(padding: Parameters[string], axis: number, rank: number, span: number, size: number, stride: number): number | null {
  if (padding === 'valid') return 0;
  if (padding === 'circular' || padding === 'same') return Math.max((Math.ceil(size / stride) - 1) * stride + span - size, 0);
  if (Array.isArray(padding) && padding.every(Array.isArray)) {
    const pair = padding[axis] as number[] | undefined;
    return pair && typeof pair[0] === 'number' && typeof pair[1] === 'number' ? pair[0] + pair[1] : null;
  }
  const each = eachAxis(padding, rank);
  return each && 2 * each[axis]!;
}

/** Output sizes of a window over the spatial axes; null where a parameter is unknown. */
function slide(sizes: number[], p: Parameters): number[] | string | null {
  const rank = sizes.length;
  const kernel = eachAxis(p.kernel ?? p.window, rank);
  const stride = eachAxis(p.stride ?? p.kernel ?? p.window, rank);
  const dilation = eachAxis(p.dilation ?? 1, rank);
  if (!kernel || !stride || !dilation) return null;
  const out: number[] = [];
  for (let a = 0; a < rank; a++) {
    const span = dilation[a]! * (kernel[a]! - 1) + 1;
    const pad = padded(p.padding ?? 0, a, rank, span, sizes[a]!, stride[a]!);
    if (pad === null) return null;
    const steps = (sizes[a]! + pad - span) / stride[a]!;
    const n = (p.ceilMode === true ? Math.ceil(steps) : Math.floor(steps)) + 1;
    if (!(n > 0)) return `its window spans ${span} places, the input has ${sizes[a]! + pad} with padding`;
    out.push(n);
  }
  return out;
}

const kernelSize = (p: Parameters): number | null => {
  const k = Array.isArray(p.kernel) ? p.kernel : [p.kernel];
  return k.every((x) => positive(x) !== null) ? (k as number[]).reduce((a, b) => a * b, 1) : null;
};

/** Channels times taps, of one group or of all. */
function fan(p: Parameters, size: Parameters[string] | undefined, groups: Parameters[string] = p.groups ?? 1): number | null {
  const [c, k, g] = [positive(size), kernelSize(p), positive(groups)];
  return c === null || k === null || g === null ? null : (c / g) * k;
}

const rankOf = { conv1d: 1, conv2d: 2, conv3d: 3 } as const;

function convolutionOutput(rank: number | null, input: Shape, p: Parameters, axes: Axes): ShapeOutcome {
  if (!input) return { shape: null };
  if (rank !== null && input.length !== rank + 1) return { shape: null, mismatch: `it expects ${rank} spatial axes and a channel axis, its input has shape [${input.join(', ')}]` };
  const n = positive(p.inFeatures);
  const m = positive(p.outFeatures);
  const c = channels(input, axes);
  const sizes = slide(spatial(input, axes), p);
  if (typeof sizes === 'string') return { shape: null, mismatch: sizes };
  const shape = sizes && m !== null ? assemble(m, sizes, axes) : null;
  return n !== null && n !== c ? { shape, mismatch: `it expects ${n} channels, its input has ${c}` } : { shape };
}

const convolution = (kind: keyof typeof rankOf): LayerRule => ({
  kinds: [kind],
  output: ([input], p, axes) => convolutionOutput(rankOf[kind], input ?? null, p, axes),
  fanIn: (p) => fan(p, p.inFeatures),
  fans: (p) => [fan(p, p.inFeatures), fan(p, p.outFeatures, 1)],
});

export const convolutions: LayerRule[] = [convolution('conv1d'), convolution('conv2d'), convolution('conv3d')];

export const transposed: LayerRule = {
  kinds: ['conv-transpose'],
  output([input], p, axes) {
    const m = positive(p.outFeatures);
    if (!input) return { shape: null };
    const sizes = spatial(input, axes);
    const rank = sizes.length;
    if (Array.isArray(p.kernel) && p.kernel.length !== rank) return { shape: null, mismatch: `it expects ${p.kernel.length} spatial axes and a channel axis, its input has shape [${input.join(', ')}]` };
    const [kernel, stride, padding, dilation, more] = [p.kernel, p.stride ?? 1, p.padding ?? 0, p.dilation ?? 1, p.outputPadding ?? 0].map((v) => eachAxis(v, rank));
    if (!kernel || !stride || !padding || !dilation || !more) return { shape: null };
    // (n - 1) stride - 2 padding + dilation (kernel - 1) + output padding + 1
    const out = sizes.map((n, a) => (n - 1) * stride[a]! - 2 * padding[a]! + dilation[a]! * (kernel[a]! - 1) + more[a]! + 1);
    if (out.some((n) => n < 1)) return { shape: null, mismatch: 'its padding cuts off all places' };
    const shape = m === null ? null : assemble(m, out, axes);
    const n = positive(p.inFeatures);
    const c = channels(input, axes);
    return n !== null && n !== c ? { shape, mismatch: `it expects ${n} channels, its input has ${c}` } : { shape };
  },
  fanIn: (p) => fan(p, p.inFeatures),
  // The weight is stored with its input channels first: what PyTorch's initialisers take for fan_in belongs to the output.
  fans: (p) => [fan(p, p.outFeatures), fan(p, p.inFeatures, 1)],
};

export const pools: LayerRule = {
  kinds: ['average-pool', 'max-pool'],
  output([input], p, axes) {
    if (!input || input.length < 2) return { shape: null };
    const before = spatial(input, axes);
    const c = channels(input, axes);
    if (p.outputSize !== undefined) {
      const to = eachAxis(p.outputSize, before.length);
      return { shape: to && assemble(c, to, axes) };
    }
    const sizes = slide(before, p);
    return typeof sizes === 'string' ? { shape: null, mismatch: sizes } : { shape: sizes && assemble(c, sizes, axes) };
  },
};

export const globalPool: LayerRule = {
  kinds: ['global-average-pool'],
  output([input], p, axes) {
    if (!input) return { shape: null };
    const c = channels(input, axes);
    return { shape: p.keepAxes === true ? assemble(c, spatial(input, axes).map(() => 1), axes) : [c] };
  },
};
