// Depth maps and equivalent activations of two functions, by averages over normals. For display under test.
import type { DepthMap, EquivalentActivation, FixedPoint, PlotCurve, Quantity } from '../../src/contract/result.ts';

type Complex = readonly [number, number];

export const FUNCTIONS: Record<'Cardioid' | 'modReLU', (z: Complex) => Complex> = {
  Cardioid([x, y]) {
    const half = 0.5 * (1 + x / (Math.hypot(x, y) || 1));
    return [half * x, half * y];
  },
  modReLU([x, y]) {
    const r = Math.hypot(x, y) || 1;
    const scale = Math.max(0, r - 0.1) / r;
    return [scale * x, scale * y];
  },
};

const DRAWS = 3000;
const [RADII, ANGLES] = [80, 48];
const ERROR = 1 / Math.sqrt(DRAWS);
const grid = (from: number, to: number, steps: number): number[] => Array.from({ length: steps + 1 }, (_, i) => from + ((to - from) * i) / steps);
const estimated = (value: number, error: number): Quantity => ({ value, method: 'monte-carlo', error });

/** Where a sampled curve crosses the diagonal, and its end where that lies on it. */
function fixedPoints({ x, y }: PlotCurve): FixedPoint[] {
  const out: FixedPoint[] = [];
  for (let i = 0; i + 1 < x.length; i++) {
    const [a, b] = [y[i]! - x[i]!, y[i + 1]! - x[i + 1]!];
    const last = i + 2 === x.length && Math.abs(b) < 1e-12;
    if (a === 0 || a * b < 0 || last) {
      const slope = (y[i + 1]! - y[i]!) / (x[i + 1]! - x[i]!);
      out.push({ value: last ? x[i + 1]! : x[i]! - a / (slope - 1 || 1), slope, stable: Math.abs(slope) < 1, error: x[1]! - x[0]! });
    }
  }
  return out;
}

export interface DepthExample {
  label: keyof typeof FUNCTIONS;
  layers: string[];
  next: string[];
  variance: number;
  weightVariance: number;
  biasVariance: number;
}

/** @param draw standard normal numbers */
export function exampleDepth({ label, layers, next, variance: q, weightVariance: s, biasVariance: sb }: DepthExample, draw: () => number): DepthMap {
  const phi = FUNCTIONS[label];
  const u = Array.from({ length: DRAWS }, () => [draw() * Math.SQRT1_2, draw() * Math.SQRT1_2] as const);
  const v = Array.from({ length: DRAWS }, () => [draw() * Math.SQRT1_2, draw() * Math.SQRT1_2] as const);
  const power = (at: number): number => u.reduce((sum, [x, y]) => {
    const [a, b] = phi([Math.sqrt(at) * x, Math.sqrt(at) * y]);
    return sum + (a * a + b * b) / DRAWS;
  }, 0);
  const cross = (c: number): number => {
    const d = Math.sqrt(1 - c * c);
    return u.reduce((sum, [x, y], i) => {
      const [a, b] = phi([Math.sqrt(q) * x, Math.sqrt(q) * y]);
      const [e, f] = phi([Math.sqrt(q) * (c * x + d * v[i]![0]), Math.sqrt(q) * (c * y + d * v[i]![1])]);
      return sum + (a * e + b * f) / DRAWS;
    }, 0);
  };
  const after = s * power(q) + sb;
  const correlationMap: PlotCurve = { x: grid(-1, 1, 40), y: grid(-1, 1, 40).map((c) => (s * cross(c) + sb) / after) };
  const variances = grid(-1, 1, 32).map((e) => q * 100 ** e);
  const varianceMap: PlotCurve = { x: variances, y: variances.map((at) => s * power(at) + sb) };
  const slope = (1 - (s * cross(0.995) + sb) / after) / 0.005;
  const gain = power(q) / q;
  const correlationFixedPoints = fixedPoints(correlationMap);
  const stable = correlationFixedPoints.find((p) => p.stable);
  return {
    layers, next, label, weightVariance: s, biasVariance: sb, variance: { value: q, method: 'quadrature', error: 2e-10 },
    varianceMap, varianceFixedPoints: fixedPoints(varianceMap), correlationMap, correlationFixedPoints,
    slope: estimated(slope, ERROR), phase: slope < 0.999 ? 'ordered' : slope > 1.001 ? 'chaotic' : 'critical', gradientFactor: estimated((slope * after) / q, ERROR),
    depthScale: stable?.slope ? estimated(1 / Math.abs(Math.log(Math.abs(stable.slope))), ERROR) : { value: null, method: 'monte-carlo', error: null, reason: 'no stable fixed point' },
    gain: estimated(gain, ERROR * gain), criticalWeightVariance: estimated(1 / gain, ERROR / gain),
  };
}

/** Ito's polynomial H_pq, orthonormal under CN(0, 1), at z. */
function ito(p: number, q: number, [x, y]: Complex): Complex {
  const factorial = (n: number): number => (n <= 1 ? 1 : n * factorial(n - 1));
  const choose = (n: number, k: number): number => factorial(n) / factorial(k) / factorial(n - k);
  const [r, turn] = [Math.hypot(x, y), Math.atan2(y, x) * (p - q)];
  let sum = 0;
  for (let k = 0; k <= Math.min(p, q); k++) sum += (-1) ** k * factorial(k) * choose(p, k) * choose(q, k) * r ** (p + q - 2 * k);
  sum /= Math.sqrt(factorial(p) * factorial(q));
  return [sum * Math.cos(turn), sum * Math.sin(turn)];
}

const ORDER = 6;

export function exampleEquivalent({ label, layers, variance }: Pick<DepthExample, 'label' | 'layers' | 'variance'>): EquivalentActivation {
  const std = Math.sqrt(variance);
  // Even angles and the middle quantiles of the radius.
  const z = Array.from({ length: RADII * ANGLES }, (_, i) => {
    const r = Math.sqrt(-Math.log(1 - (Math.floor(i / ANGLES) + 0.5) / RADII));
    const turn = (2 * Math.PI * (i % ANGLES)) / ANGLES;
    return [r * Math.cos(turn), r * Math.sin(turn)] as const;
  });
  const points = z.length;
  const values = z.map(([x, y]) => FUNCTIONS[label]([std * x, std * y]));
  const power = values.reduce((s, [a, b]) => s + (a * a + b * b) / points, 0);
  const coefficients = Array.from({ length: ORDER + 1 }, (_, n) => {
    let sum = 0;
    for (let p = 0; p <= n; p++) {
      const h = z.map((at) => ito(p, n - p, at));
      const re = values.reduce((s, [a, b], i) => s + (a * h[i]![0] + b * h[i]![1]) / points, 0);
      const im = values.reduce((s, [a, b], i) => s + (b * h[i]![0] - a * h[i]![1]) / points, 0);
      sum += re * re + im * im;
    }
    return Math.sqrt(sum);
  });
  const x = grid(-4, 4, 80);
  const y = x.map((at) => {
    let [before, now, sum] = [0, 1, 0];
    for (let n = 0; n <= ORDER; n++) {
      sum += coefficients[n]! * now;
      [before, now] = [now, (at * now - Math.sqrt(n) * before) / Math.sqrt(n + 1)];
    }
    return sum;
  });
  const held = coefficients.reduce((s, a) => s + a * a, 0);
  return {
    layers, label, std, kind: 'series', formula: null, coefficients, error: ERROR, method: 'quadrature', truncation: { value: Math.max(0, 1 - held / power), method: 'quadrature', error: ERROR }, curve: { x, y },
    notes: ['the inputs here differ in norm by up to 1.3: for unequal norms no single real network is exact'],
  };
}
