// The dual of any activation at one pair by quadrature over both complex variables: their mean, broken where either factor is, and their difference.
import type { Kinks } from '../../catalog/activations/activation.ts';
import { breaksWithin, GAUSS_16, legendreRule, panelRule, type Rule } from '../quadrature.ts';
import type { Field } from './general.ts';

const REACH = 6.3;

/** A line n . z = c, or a circle of radius c about a centre, in the plane of the mean. */
interface Curve {
  circle: boolean;
  /** Direction of the normal, or the centre as angle and modulus. */
  angle: number;
  away: number;
  c: number;
}

/** The kinks of f(std e^{i turn} (z + shift)) as curves of z. */
function curvesOf(kinks: Kinks, std: number, turn: number, shift: [number, number]): Curve[] {
  const out: Curve[] = [];
  const line = (normal: number, c: number) => {
    const angle = normal - turn;
    out.push({ circle: false, angle, away: 0, c: c / std - shift[0] * Math.cos(angle) - shift[1] * Math.sin(angle) });
  };
  for (const x of kinks.x ?? []) line(0, x);
  for (const y of kinks.y ?? []) line(Math.PI / 2, y);
  for (const t of kinks.angles ?? []) line(t + Math.PI / 2, 0);
  for (const r of kinks.radii ?? []) out.push({ circle: true, angle: Math.atan2(-shift[1], -shift[0]), away: Math.hypot(...shift), c: r / std });
  return out;
}

/** E over the mean z ~ CN(0, variance) of f(a(z + D/2)) conj f(b e^{-i turn}(z - D/2)), every function; polar, every angle's panel between kinks. */
function overMean(field: Field, a: number, b: number, turn: number, dx: number, dy: number, variance: number, radial: Rule, out: Float64Array): void {
  const { functions, evaluate, kinks } = field;
  const spread = Math.sqrt(variance);
  const curves = [
    ...(a > 0 ? curvesOf(kinks, a, 0, [dx / 2, dy / 2]) : []),
    ...(b > 0 ? curvesOf(kinks, b, -turn, [-dx / 2, -dy / 2]) : []),
  ];
  const radii: number[] = [];
  for (let r = 0.5; r < REACH; r += 1) radii.push(r * spread);
  for (const k of curves) radii.push(...(k.circle ? [Math.abs(k.c - k.away), k.c + k.away] : [Math.abs(k.c)]));
  for (const d of [Math.hypot(dx, dy) / 2]) radii.push(d);
  const breaks = breaksWithin(0, REACH * spread, radii);
  const [f, g] = [new Float64Array(6), new Float64Array(6)];
  const [c, s] = [Math.cos(turn), Math.sin(turn)];
  out.fill(0);
  for (let panel = 0; panel + 1 < breaks.length; panel++) {
    const [low, high] = [breaks[panel]!, breaks[panel + 1]!];
    for (let i = 0; i < radial.nodes.length; i++) {
      // A circle that touches a kink leaves a square root at the end of the panel: a cubic stretch of the variable removes it.
      const u = (1 + radial.nodes[i]!) / 2;
      const r = low + (high - low) * u * u * (3 - 2 * u);
      const jacobian = (high - low) * 6 * u * (1 - u) * (radial.weights[i]! / 2);
      const weight = (jacobian * 2 * r * Math.exp(-(r * r) / variance)) / variance / (2 * Math.PI);
      if (weight < 1e-18) continue;
      const angles: number[] = [];
      for (const k of curves) {
        const cosine = k.circle ? (r * r + k.away * k.away - k.c * k.c) / (2 * r * k.away) : k.c / r;
        if (Math.abs(cosine) < 1) angles.push(k.angle + Math.acos(cosine), k.angle - Math.acos(cosine));
      }
      const wrapped = angles.map((t) => t - 2 * Math.PI * Math.floor(t / (2 * Math.PI)));
      for (let k = 1; k < 6; k++) wrapped.push((k * Math.PI) / 3);
      const rule = panelRule(breaksWithin(0, 2 * Math.PI, wrapped), GAUSS_16);
      for (let k = 0; k < rule.nodes.length; k++) {
        const x = r * Math.cos(rule.nodes[k]!);
        const y = r * Math.sin(rule.nodes[k]!);
        evaluate(a * (x + dx / 2), a * (y + dy / 2), f);
        const [p, q] = [x - dx / 2, y - dy / 2];
        evaluate(b * (c * p + s * q), b * (c * q - s * p), g);
        const w = weight * rule.weights[k]!;
        for (let v = 0; v < functions; v++) {
          out[2 * v]! += w * (f[2 * v]! * g[2 * v]! + f[2 * v + 1]! * g[2 * v + 1]!);
          out[2 * v + 1]! += w * (f[2 * v + 1]! * g[2 * v]! - f[2 * v]! * g[2 * v + 1]!);
        }
      }
    }
  }
}

/** Nodes for |D|^2 / E|D|^2, exponentially distributed, and the even angles beside them. */
interface Differences {
  t: number[];
  w: number[];
  angles: number;
  /** Of the mean's modulus, from panel to panel. */
  radial: Rule;
}

/** Gauss-Laguerre by Newton's method from the usual guesses. */
function laguerre(n: number, angles: number, radial: Rule): Differences {
  const t: number[] = [];
  const w: number[] = [];
  let z = 0;
  for (let i = 0; i < n; i++) {
    z = i === 0 ? 3 / (1 + 2.4 * n) : i === 1 ? z + 15 / (1 + 2.5 * n) : z + ((1 + 2.55 * (i - 1)) / (1.9 * (i - 1))) * (z - t[i - 2]!);
    for (let step = 0; step < 50; step++) {
      let p0 = 0;
      let p1 = 1;
      for (let j = 0; j < n; j++) [p0, p1] = [p1, ((2 * j + 1 - z) * p1 - j * p0) / (j + 1)];
      const slope = (n * (p1 - p0)) / z;
      const dz = p1 / slope;
      z -= dz;
      if (Math.abs(dz) < 1e-15 * z) {
        w[i] = -1 / (slope * n * p0);
        break;
      }
      w[i] = -1 / (slope * n * p0);
    }
    t[i] = z;
  }
  return { t, w, angles, radial };
}

const RULES = [laguerre(3, 7, legendreRule(8)), laguerre(5, 10, legendreRule(12))];
const AT_UNIT = [legendreRule(12), legendreRule(18)];
/** Above the difference of two rules, for what both miss. */
const MARGIN = 3;
const FLOOR = 1e-9;
/** Where kinks of the two factors coincide the integrand bends over differences of the order sqrt(1 - r), which both rules may miss alike: times that root. */
const BEND = 0.005;

/**
 * S, A, B of one pair into out[0..], as Re, Im: with u = a s, v = b e^{-i arg rho} t, s = z + D/2, t = z - D/2 the mean z ~ CN(0, (1+r)/2)
 * and the difference D ~ CN(0, 2(1-r)) are independent. Kinks that coincide make the outer integrand bend, and the error larger: two
 * rules tell it.
 * @param norms what each function's error is measured by
 * @returns the error relative to them
 */
export function planar(field: Field, a: number, b: number, rhoRe: number, rhoIm: number, r: number, norms: number[], out: Float64Array): number {
  const turn = Math.atan2(rhoIm, rhoRe);
  const one = new Float64Array(out.length);
  const coarse = new Float64Array(out.length);
  if (r === 1) {
    overMean(field, a, b, turn, 0, 0, 1, AT_UNIT[0]!, coarse);
    overMean(field, a, b, turn, 0, 0, 1, AT_UNIT[1]!, out);
  } else {
    RULES.forEach((rule, level) => {
      const sum = level === 0 ? coarse : out;
      sum.fill(0);
      for (let k = 0; k < rule.t.length; k++) {
        const modulus = Math.sqrt(2 * (1 - r) * rule.t[k]!);
        for (let j = 0; j < rule.angles; j++) {
          const angle = (2 * Math.PI * (j + 0.3 + 0.5 * (k % 2))) / rule.angles;
          overMean(field, a, b, turn, modulus * Math.cos(angle), modulus * Math.sin(angle), (1 + r) / 2, rule.radial, one);
          for (let v = 0; v < sum.length; v++) sum[v]! += (rule.w[k]! / rule.angles) * one[v]!;
        }
      }
    });
  }
  const bends = Object.values(field.kinks).some((list) => list.length > 0);
  let error = bends ? Math.max(FLOOR, BEND * Math.sqrt(1 - r)) : FLOOR;
  for (let v = 0; v < out.length; v++) if (norms[v >> 1]! > 0) error = Math.max(error, (MARGIN * Math.abs(out[v]! - coarse[v]!)) / norms[v >> 1]!);
  return error;
}
