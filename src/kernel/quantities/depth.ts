// The depth study: what one activation and the weighted layer after it do to variances and correlations, layer by layer. Knows no kernel.
import type { Activation } from '../../catalog/activations/activation.ts';
import { Fault } from '../../contract/fault.ts';
import type { DepthMap, DepthPhase, FixedPoint, Part, Quantity } from '../../contract/result.ts';
import type { Pace } from '../pace.ts';
import { meanSquare } from './gauss.ts';
import { momentsOfCorrelations } from './moments.ts';
import { grouped, type Site } from './sites.ts';

const VARIANCES = 33;
/** For phi without structure, whose E|phi|^2 is an integral over the plane. */
const FEW_VARIANCES = 13;
/** The variance map is followed this factor below and above the layer's own variance. */
const VARIANCE_REACH = 100;
const CORRELATIONS = 61;
/** What bisection leaves open, and the least error of any slope. */
const ROUNDING = 1e-12;

const none = (reason: string): Quantity => ({ value: null, method: 'closed', error: null, reason });

/** One study for each different block. */
export async function depthOf(sites: Site[], pace: Pace): Promise<Part<DepthMap[]>> {
  if (sites.length === 0) return { value: null, reason: 'the network has no activation' };
  const out: DepthMap[] = [];
  for (const group of grouped(sites, (s) => [s.variance.value, s.next[0]?.weightVariance, s.next[0]?.biasVariance])) {
    out.push(await depthMap(group));
    await pace(1);
  }
  return { value: out };
}

async function depthMap(group: Site[]): Promise<DepthMap> {
  const { activation, parameters: p, variance, next } = group[0]!;
  const { weightVariance: s, biasVariance: b2 } = next[0] ?? { weightVariance: 1, biasVariance: 0 };
  const limit = activation.limit(p);
  const empty = { x: [], y: [] };
  const about = { layers: group.map((g) => g.layer), next: [...new Set(group.flatMap((g) => g.next.map((n) => n.layer)))], label: activation.label, weightVariance: s, biasVariance: b2, variance };
  const known = variance.value !== null && variance.value > 0;
  const dual = limit.exists === 'none' ? limit.reason! : variance.value === null ? variance.reason! : known ? prepared(group[0]!) : 'the variance before it is 0';
  if (typeof dual === 'string') {
    const q = none(dual);
    return { ...about, varianceMap: empty, varianceFixedPoints: [], correlationMap: empty, correlationFixedPoints: [], slope: q, phase: null, gradientFactor: q, depthScale: q, gain: q, criticalWeightVariance: q };
  }
  const q = variance.value!;
  const varianceMap = (x: number[]) => {
    const squares = x.map((v) => meanSquare(activation, p, v));
    const y = squares.map((m) => s * m.value + b2);
    return { y, error: Math.max(...squares.map((m, i) => (y[i]! > 0 && Number.isFinite(y[i]!) ? (s * m.error) / y[i]! : 0))) };
  };
  const structured = activation.field === 'real' || activation.scalar || activation.radial || activation.angular;
  const count = structured ? VARIANCES : FEW_VARIANCES;
  const asked = Array.from({ length: count }, (_, i) => q * VARIANCE_REACH ** ((2 * i) / (count - 1) - 1));
  const whole = varianceMap(asked);
  // Where phi grows too fast for a moment, the map ends.
  const ends = asked.findIndex((_, i) => !Number.isFinite(whole.y[i]!));
  const qs = asked.slice(0, ends < 0 ? count : ends);
  const curve = { ...whole, y: whole.y.slice(0, qs.length) };

  const own = dual([1]);
  const { method } = own;
  // The study is made at the layer's mean variance, whose own error counts too.
  const error = own.error + (variance.error ?? 0) / q + ROUNDING;
  const after = s * own.s[0]! + b2;
  const gain = own.s[0]! / q;
  const slopeAt = (d: number) => (s * q * d) / after;
  const correlate = (c: number[]) => {
    const m = dual(c);
    return { y: Array.from(m.s, (v) => (s * v + b2) / after), slope: m.d && !activation.jumps ? Array.from(m.d, slopeAt) : null };
  };
  const cs = Array.from({ length: CORRELATIONS }, (_, i) => -1 + (2 * i) / (CORRELATIONS - 1));
  const correlations = after > 0 ? correlate(cs).y : [];
  const atOne: Quantity = after === 0 ? none('nothing passes: the variance after it is 0')
    : activation.jumps ? none(`${activation.label} jumps: the correlation map has infinite slope at 1, and any two samples separate`)
    : own.d === null ? none(`E|phi_z|^2 diverges: the correlation map has infinite slope at 1 (${limit.reason})`)
    : { value: slopeAt(own.d[0]!), method, error: 3 * error * slopeAt(own.d[0]!) };
  const fixed = after > 0 ? correlationFixedPoints(correlate, cs, correlations, atOne, 2 * own.error + ROUNDING) : [];
  const phase: DepthPhase | null = after === 0 ? null : atOne.value === null ? 'chaotic' : phaseOf(atOne);
  const stable = phase === 'ordered' ? fixed.find((f) => f.value === 1) : fixed.find((f) => f.stable && f.value < 1);
  const scaleOf = (f: FixedPoint): Quantity => {
    const slope = Math.abs(f.slope!);
    if (slope === 0) return { value: 0, method, error: 0 };
    const length = 1 / Math.abs(Math.log(slope));
    return { value: length, method, error: (length * length * 3 * (error + f.error)) / slope };
  };
  return {
    ...about,
    varianceMap: { x: qs, y: curve.y },
    varianceFixedPoints: varianceFixedPoints(varianceMap, qs, curve.y, curve.error, b2 === 0 && vanishesAtZero(activation, p)),
    correlationMap: after > 0 ? { x: cs, y: correlations } : empty,
    correlationFixedPoints: fixed,
    slope: atOne,
    phase,
    gradientFactor: own.d ? { value: s * own.d[0]!, method, error: 2 * error * s * own.d[0]! } : none(limit.reason!),
    depthScale: phase === 'critical' ? none('critical within its error: correlations move more slowly than any exponential')
      : stable ? scaleOf(stable) : none(after > 0 ? 'no stable correlation was found' : 'nothing passes'),
    gain: { value: gain, method, error: 2 * error * gain },
    criticalWeightVariance: gain > 0 ? { value: 1 / gain, method, error: (2 * error) / gain } : none('the activation is 0 here'),
  };
}

/** The dual at the site's variance, or why there is none. */
function prepared({ activation, parameters, variance }: Site): ReturnType<typeof momentsOfCorrelations> | string {
  try {
    const dual = momentsOfCorrelations(activation, parameters, variance.value!);
    dual([1]);
    return dual;
  } catch (e) {
    if (e instanceof Fault) return e.message;
    throw e;
  }
}

/** Critical where the slope is 1 within its error. */
function phaseOf({ value, error }: Quantity): DepthPhase {
  if (Math.abs(value! - 1) <= error!) return 'critical';
  return value! < 1 ? 'ordered' : 'chaotic';
}

function vanishesAtZero(activation: Activation, p: Site['parameters']): boolean {
  const out = new Float64Array(6);
  activation.evaluate(0, 0, p, out);
  return out[0] === 0 && out[1] === 0;
}

/** Zeros of f: each sign change between neighbours of the grid x, y = f(x), by the Illinois variant of regula falsi. */
function zeros(f: (x: number) => number, x: number[], y: number[]): { x: number; error: number }[] {
  const out: { x: number; error: number }[] = [];
  for (let i = 0; i + 1 < x.length; i++) {
    let [low, high, atLow, atHigh] = [x[i]!, x[i + 1]!, y[i]!, y[i + 1]!];
    if (atLow === 0) out.push({ x: low, error: 0 });
    if (atLow * atHigh >= 0) continue;
    let mid = low;
    for (let step = 0, side = 0; step < 60 && high - low > 1e-14 * Math.max(1, Math.abs(high)); step++) {
      mid = (low * atHigh - high * atLow) / (atHigh - atLow);
      const at = f(mid);
      if (Math.abs(at) <= 1e-15) break;
      if (at * atHigh > 0) {
        [high, atHigh] = [mid, at];
        if (side === 1) atLow /= 2;
        side = 1;
      } else {
        [low, atLow] = [mid, at];
        if (side === -1) atHigh /= 2;
        side = -1;
      }
      if (step > 0 && Math.abs(at) <= 1e-14) break;
    }
    out.push({ x: mid, error: 1e-13 });
  }
  return out;
}

/** In log q, where a homogeneous activation's map is a straight line. */
function varianceFixedPoints(map: (x: number[]) => { y: number[]; error: number }, qs: number[], ys: number[], error: number, zero: boolean): FixedPoint[] {
  const off = (x: number[]) => map(x.map(Math.exp)).y.map((v, i) => Math.log(v) - x[i]!);
  const logs = qs.map(Math.log);
  const differences = ys.map((v, i) => Math.log(v) - logs[i]!);
  const slopeAt = (x: number): number => {
    const h = 1e-3;
    const [a, b] = off([x - h, x + h]);
    return 1 + (b! - a!) / (2 * h);
  };
  const out: FixedPoint[] = [];
  const level = 4 * (error + ROUNDING);
  if (zero) {
    const tiny = qs[0]! * 1e-4;
    const slope = map([tiny]).y[0]! / tiny;
    out.push({ value: 0, slope, stable: slope < 1 - level, error: 0 });
  }
  // A critical homogeneous activation keeps every variance: no single one is the fixed point.
  if (differences.every((d) => Math.abs(d) <= level)) return out;
  for (const { x, error: width } of zeros((v) => off([v])[0]!, logs, differences)) {
    const slope = slopeAt(x);
    const value = Math.exp(x);
    out.push({ value, slope, stable: Math.abs(slope) < 1, error: value * (width + (error + ROUNDING) / Math.max(1e-6, Math.abs(1 - slope))) });
  }
  return out;
}

/** c = 1 is always one; the others are the crossings below it. */
function correlationFixedPoints(map: (c: number[]) => { y: number[]; slope: number[] | null }, cs: number[], ys: number[], atOne: Quantity, error: number): FixedPoint[] {
  const one: FixedPoint = { value: 1, slope: atOne.value, stable: atOne.value !== null && phaseOf(atOne) === 'ordered', error: 0 };
  const off = (c: number[]) => map(c).y.map((v, i) => v - c[i]!);
  // Just below 1 the sign is that of (1 - slope): a crossing may hide between the last point of the grid and 1.
  const close = [1 - 1e-3, 1 - 1e-5];
  const grid = [...cs.slice(0, -1), ...close];
  const values = [...ys.slice(0, -1).map((v, i) => v - cs[i]!), ...off(close)];
  // A linear activation keeps every correlation.
  if (values.every((d) => Math.abs(d) <= 4 * error)) return [one];
  const out = zeros((c) => off([c])[0]!, grid, values).map(({ x: value, error: width }): FixedPoint => {
    const h = 1e-4;
    const { y, slope } = map([value, Math.max(-1, value - h), Math.min(1, value + h)]);
    const s = slope ? slope[0]! : (y[2]! - y[1]!) / (Math.min(1, value + h) - Math.max(-1, value - h));
    return { value, slope: s, stable: Math.abs(s) < 1, error: width + error / Math.max(1e-6, Math.abs(1 - s)) };
  });
  return [...out, one];
}
