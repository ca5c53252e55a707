// The dual of any activation by its values alone: Ito's complex Hermite series, mode by mode of the angle; near |rho| = 1, where kinks make it slow, quadrature.
import type { Activation, Kinks, Parameters } from '../../catalog/activations/activation.ts';
import { Fault } from '../../contract/fault.ts';
import { breaksWithin, GAUSS_16, panelRule, type Rule } from '../quadrature.ts';
import { unitModulus, worseMethod, type DualOptions, type DualOutcome, type PreparedDual } from './dual.ts';
import { planar } from './planar.ts';
import { distinctOf } from './distinct.ts';
import { acrossStds } from './spectra.ts';
import { fallOf, type Fall } from './tails.ts';

/** Total degrees p + q at which the series is cut; the last ones only where few modes are not empty. */
const ORDERS = [12, 24, 48, 96, 384];
const LAST_WIDE = 3;
/** More standard deviations than this do not take the last wide rung for the sake of single entries. */
const FEW = 24;
/** No rung takes more numbers than this over all standard deviations. */
const MOST_NUMBERS = 3e7;
const REACH = 8.5;
/** What a series may leave out, of sqrt(S_aa S_bb). */
const TAIL = 1e-11;
/** Blocks of more entries take the series as far as it goes: an integral over the plane is up to a second a pair. */
const MOST_PLANAR = 8;
/** Of coefficients interpolated over the standard deviations of a layer. */
const INTERPOLATION = 1e-11;
const ROUNDING = 1e-13 + 2 * INTERPOLATION;

/** Where the coefficients of one function and one mode lie in a row, as Re, Im by turns. */
interface Modes {
  order: number;
  band: number;
  /** m = -order..order: terms q = 0..count-1, from `start` on. */
  count: Int32Array;
  start: Int32Array;
  length: number;
}

/** @param band modes beyond +-band are known to be empty */
function modesOf(order: number, band: number): Modes {
  const count = new Int32Array(2 * order + 1);
  const start = new Int32Array(2 * order + 1);
  let length = 0;
  for (let m = -order; m <= order; m++) {
    count[m + order] = Math.abs(m) > band ? 0 : ((order - Math.abs(m)) >> 1) + 1;
    start[m + order] = length;
    length += 2 * count[m + order]!;
  }
  return { order, band: Math.min(order, band), count, start, length };
}

/** Angles where phi may break on the circle of radius r, and the radii where a new one begins. */
function anglesAt(kinks: Kinks, r: number): number[] {
  const out = [...(kinks.angles ?? [])];
  for (const x of kinks.x ?? []) if (Math.abs(x) < r) out.push(Math.acos(x / r), -Math.acos(x / r));
  for (const y of kinks.y ?? []) if (Math.abs(y) < r) out.push(Math.asin(y / r), Math.PI - Math.asin(y / r));
  return out.map((t) => t - 2 * Math.PI * Math.floor(t / (2 * Math.PI)));
}

function radialRule(kinks: Kinks, a: number, width: number): Rule {
  const inner: number[] = [];
  for (let r = 0; r < REACH; r += width) inner.push(r);
  if (a > 0) for (const k of [...(kinks.radii ?? []), ...(kinks.x ?? []), ...(kinks.y ?? [])]) inner.push(Math.abs(k) / a);
  for (let r = width / 2; r > 0.01; r /= 2) inner.push(r); // phi may bend at the origin
  return panelRule(breaksWithin(0, REACH, inner), GAUSS_16);
}

/** Even nodes on the circle, by their number. */
const evenCircles = new Map<number, Rule>();

/**
 * Nodes and weights (of sum one) on the circle of radius r: even ones where phi is smooth there, else panels between the breaks.
 * @param least even nodes there are at least
 */
function circle(kinks: Kinks, r: number, order: number, least = 96): Rule {
  const breaks = anglesAt(kinks, r);
  if (breaks.length === 0) {
    const n = 2 ** Math.ceil(Math.log2(Math.max(least, 4 * order)));
    const known = evenCircles.get(n) ?? { nodes: Float64Array.from({ length: n }, (_, k) => (2 * Math.PI * k) / n), weights: new Float64Array(n).fill(1 / n) };
    evenCircles.set(n, known);
    return known;
  }
  const inner = [...breaks];
  const panels = Math.max(8, Math.ceil(order / 2));
  for (let k = 1; k < panels; k++) inner.push((2 * Math.PI * k) / panels);
  const rule = panelRule(breaksWithin(0, 2 * Math.PI, inner), GAUSS_16);
  for (let i = 0; i < rule.weights.length; i++) rule.weights[i]! /= 2 * Math.PI;
  return rule;
}

/** e^{-2 pi i k / n} for k < n / 2, as Re, Im by turns, by n. */
const turnsOf = new Map<number, Float64Array>();

function twiddles(n: number): Float64Array {
  const known = turnsOf.get(n) ?? Float64Array.from({ length: n }, (_, i) => (i % 2 ? Math.sin : Math.cos)((-2 * Math.PI * (i >> 1)) / n));
  turnsOf.set(n, known);
  return known;
}

/** In place, length a power of two: sum_k z_k e^{-2 pi i k m / n}. */
function transform(re: Float64Array, im: Float64Array): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j]!, re[i]!];
      [im[i], im[j]] = [im[j]!, im[i]!];
    }
  }
  const turns = twiddles(n);
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    const stride = n / half;
    for (let k = 0; k < half; k++) {
      const c = turns[stride * k]!;
      const s = turns[stride * k + 1]!;
      for (let start = k; start < n; start += size) {
        const other = start + half;
        const x = re[other]! * c - im[other]! * s;
        const y = re[other]! * s + im[other]! * c;
        re[other] = re[start]! - x;
        im[other] = im[start]! - y;
        re[start]! += x;
        im[start]! += y;
      }
    }
  }
}

/** Functions phi, phi_z, phi_zbar of one activation; only the first where no derivative is wanted. */
export interface Field {
  functions: number;
  evaluate(x: number, y: number, out: Float64Array): void;
  kinks: Kinks;
}

/**
 * Coefficients c_{m,q} = E[f(a z) conj H_{m,q}(z)] of each function, one function after another, and then E|f|^2 of each, with
 * H_{m,q} = sqrt(q!/(q+|m|)!) |z|^|m| L_q^(|m|)(|z|^2) e^{i m arg z}.
 */
function hermiteRow({ functions, evaluate, kinks }: Field, a: number, modes: Modes): Float64Array {
  const { order, band, count, start, length } = modes;
  const row = new Float64Array(functions * (length + 1));
  const radii = radialRule(kinks, a, order > 48 ? 0.5 : 1);
  const value = new Float64Array(6);
  const sums = new Float64Array(2 * functions * (2 * order + 1));
  const radial = new Float64Array((order >> 1) + 1);
  for (let i = 0; i < radii.nodes.length; i++) {
    const r = radii.nodes[i]!;
    const weight = radii.weights[i]! * 2 * r;
    const root = Math.exp((-r * r) / 2);
    const turn = narrow(kinks, a * r, order, band);
    const n = turn.nodes.length;
    const even = anglesAt(kinks, a * r).length === 0;
    const parts = Array.from({ length: 2 * functions }, () => new Float64Array(n));
    for (let k = 0; k < n; k++) {
      evaluate(a * r * Math.cos(turn.nodes[k]!), a * r * Math.sin(turn.nodes[k]!), value);
      for (let v = 0; v < functions; v++) {
        const [x, y] = [value[2 * v]!, value[2 * v + 1]!];
        parts[2 * v]![k] = x * turn.weights[k]!;
        parts[2 * v + 1]![k] = y * turn.weights[k]!;
        row[functions * length + v]! += weight * root * root * turn.weights[k]! * (x * x + y * y);
      }
    }
    for (let v = 0; v < functions; v++) {
      const [re, im] = [parts[2 * v]!, parts[2 * v + 1]!];
      if (even) {
        transform(re, im);
        for (let m = -band; m <= band; m++) {
          const at = 2 * (v * (2 * order + 1) + m + order);
          sums[at] = re[(m + n) % n]!;
          sums[at + 1] = im[(m + n) % n]!;
        }
      } else {
        unevenModes(turn.nodes, re, im, order, sums.subarray(2 * v * (2 * order + 1)));
      }
    }
    // Radial polynomials of every |m| at r, and the products.
    let power = root;
    for (let m = 0; m <= band; m++) {
      if (m > 0) power *= r / Math.sqrt(m);
      let before = 0;
      let now = power * weight * root;
      const terms = count[m + order]!;
      for (let q = 0; q < terms; q++) {
        radial[q] = now;
        const next = ((2 * q + 1 + m - r * r) * now - Math.sqrt(q * (q + m)) * before) / Math.sqrt((q + 1) * (q + 1 + m));
        before = now;
        now = next;
      }
      for (let v = 0; v < functions; v++) {
        for (let sign = m > 0 ? -1 : 1; sign <= 1; sign += 2) {
          const index = sign * m + order;
          const x = sums[2 * (v * (2 * order + 1) + index)]!;
          const y = sums[2 * (v * (2 * order + 1) + index) + 1]!;
          if (x === 0 && y === 0) continue;
          for (let q = 0, to = v * length + start[index]!; q < terms; q++, to += 2) {
            row[to]! += radial[q]! * x;
            row[to + 1]! += radial[q]! * y;
          }
        }
      }
    }
  }
  return row;
}

/** The circle for modes up to `band` of a phi that has no others. */
const narrow = (kinks: Kinks, r: number, order: number, band: number): Rule => (band < order ? circle(kinks, r, band, 4 * band + 8) : circle(kinks, r, order));

/** sum_k z_k e^{-i m theta_k}, m = -order..order. */
function unevenModes(angles: Float64Array, re: Float64Array, im: Float64Array, order: number, out: Float64Array): void {
  out.fill(0, 0, 2 * (2 * order + 1));
  for (let k = 0; k < angles.length; k++) {
    const c1 = Math.cos(angles[k]!);
    const s1 = Math.sin(angles[k]!);
    const [x, y] = [re[k]!, im[k]!];
    let c = 1;
    let s = 0;
    for (let m = 0; m <= order; m++) {
      const plus = 2 * (order + m);
      out[plus]! += c * x + s * y;
      out[plus + 1]! += c * y - s * x;
      if (m > 0) {
        const minus = 2 * (order - m);
        out[minus]! += c * x - s * y;
        out[minus + 1]! += c * y + s * x;
      }
      const turned = c * c1 - s * s1;
      s = s * c1 + c * s1;
      c = turned;
    }
  }
}

/** The modes whose radial series is slow: phi bends at the origin, and they fall by powers of q. */
interface Slow {
  /** Function, m + order, and the fall that fits. */
  list: { v: number; index: number; m: number }[];
  /** Rows of `LONG` coefficients and E|f_m|^2 for each in the list. */
  rows: Float64Array[];
  /** [std][mode]: fits of real and imaginary part, and which fall they belong to. */
  fits: ({ fall: Fall; re: Float64Array; im: Float64Array } | null)[][];
  /** What is missed: by the fits, and by all other modes. */
  missed: Float64Array;
}
const LONG = 320;
const MOST_SLOW = 24;
const MISSED = 1e-10;

const knownFalls = new Map<number, Fall>();
function fallFor(m: number, power: number): Fall {
  const key = 4 * m + 2 * power;
  const fall = knownFalls.get(key) ?? fallOf(m, LONG, power);
  knownFalls.set(key, fall);
  return fall;
}

/** Long radial series of single modes. */
function slowRow({ evaluate, kinks }: Field, a: number, { order, band }: Modes, list: Slow['list']): Float64Array {
  const size = 2 * LONG + 1;
  const row = new Float64Array(list.length * size);
  const radii = radialRule(kinks, a, 0.5);
  const value = new Float64Array(6);
  for (let i = 0; i < radii.nodes.length; i++) {
    const r = radii.nodes[i]!;
    const root = Math.exp((-r * r) / 2);
    const weight = radii.weights[i]! * 2 * r * root;
    const turn = narrow(kinks, a * r, order, band);
    const n = turn.nodes.length;
    const parts = Array.from({ length: 6 }, () => new Float64Array(n));
    for (let k = 0; k < n; k++) {
      evaluate(a * r * Math.cos(turn.nodes[k]!), a * r * Math.sin(turn.nodes[k]!), value);
      for (let v = 0; v < 6; v++) parts[v]![k] = value[v]! / n;
    }
    for (const v of new Set(list.map((it) => it.v))) transform(parts[2 * v]!, parts[2 * v + 1]!);
    list.forEach(({ v, index, m }, at) => {
      const k = (index - order + n) % n;
      const [x, y] = [parts[2 * v]![k]!, parts[2 * v + 1]![k]!];
      row[at * size + 2 * LONG]! += weight * root * (x * x + y * y);
      let before = 0;
      let now = weight * root;
      for (let k = 1; k <= m; k++) now *= r / Math.sqrt(k);
      for (let q = 0; q < LONG; q++) {
        row[at * size + q]! += now * x;
        row[at * size + LONG + q]! += now * y;
        const next = ((2 * q + 1 + m - r * r) * now - Math.sqrt(q * (q + m)) * before) / Math.sqrt((q + 1) * (q + 1 + m));
        before = now;
        now = next;
      }
    });
  }
  return row;
}

/** The slow modes of a rung, or null where there are too many or they do not fall by powers. */
function slowOf(field: Field, stds: readonly number[], { modes, rows }: Rung): Slow | null {
  const { order, count, start, length } = modes;
  const { functions } = field;
  const scales = (row: Float64Array) => [0, 1, 2].map((v) => (v === 0 ? row[functions * length]! : row[functions * length + 1]! + row[functions * length + 2]!));
  const list: Slow['list'] = [];
  for (let v = 0; v < functions; v++) {
    for (let index = 0; index <= 2 * order; index++) {
      const m = Math.abs(index - order);
      if (m > order / 2 || count[index]! < 2) continue;
      const slow = rows.some((row) => {
        const last = v * length + start[index]! + 2 * (count[index]! - 2);
        let sum = 0;
        for (let at = last; at < last + 4; at++) sum += row[at]! * row[at]!;
        return sum * count[index]! > 1e-14 * scales(row)[v]!;
      });
      if (slow) list.push({ v, index, m });
    }
  }
  if (list.length === 0 || list.length > MOST_SLOW || stds.length * list.length * 2 * LONG > MOST_NUMBERS) return null;
  const size = 2 * LONG + 1;
  const long = acrossStds(stds, list.map((_, k) => (k + 1) * size), (s) => slowRow(field, s, modes, list), INTERPOLATION);
  const missed = new Float64Array(stds.length);
  const fits = long.map((row, s) => {
    const own = rows[s]!;
    const scale = scales(own);
    const rest = Array.from({ length: functions }, (_, v) => {
      let left = own[functions * length + v]!;
      for (let at = v * length; at < (v + 1) * length; at++) left -= own[at]! * own[at]!;
      return left;
    });
    const chosen = list.map(({ v, index, m }, k) => {
      const square = row[k * size + 2 * LONG]!;
      let left = square;
      for (let q = 0; q < 2 * LONG; q++) left -= row[k * size + q]! ** 2;
      let short = square;
      for (let at = v * length + start[index]!, end = at + 2 * count[index]!; at < end; at++) short -= own[at]! ** 2;
      rest[v]! -= short;
      const options = [1, 1.5].map((power) => {
        const fall = fallFor(m, power);
        const [re, im] = [fall.fit(row, k * size), fall.fit(row, k * size + LONG)];
        return { fall, re, im, off: Math.abs(left - fall.sum(re, re, 1) - fall.sum(im, im, 1)) };
      });
      const fitted = options[0]!.off < options[1]!.off ? options[0]! : options[1]!;
      // Some end by themselves, as a geometric series does: then there is nothing to add.
      const off = Math.min(fitted.off, Math.abs(left));
      if (scale[v]! > 0) missed[s]! += off / scale[v]!;
      return off === fitted.off ? fitted : null;
    });
    rest.forEach((left, v) => { if (scale[v]! > 0) missed[s]! += Math.abs(left) / scale[v]!; });
    return chosen;
  });
  return { list, rows: long, fits, missed };
}

interface Rung {
  modes: Modes;
  rows: Float64Array[];
  tail: Float64Array;
  /** Modes that any row has, as m + order. */
  active: Int32Array;
}

/** The whole E|f|^2 of each function at one std, by panels `finer` times narrower. */
function moments({ functions, evaluate, kinks }: Field, a: number, finer: number, reach: number): Float64Array {
  const out = new Float64Array(functions);
  const inner: number[] = [];
  for (let r = 0; r < reach; r += 1 / finer) inner.push(r);
  for (const k of [...(kinks.radii ?? []), ...(kinks.x ?? []), ...(kinks.y ?? [])]) inner.push(Math.abs(k) / a);
  const radii = panelRule(breaksWithin(0, reach, inner), GAUSS_16);
  const value = new Float64Array(6);
  for (let i = 0; i < radii.nodes.length; i++) {
    const r = radii.nodes[i]!;
    const turn = circle(kinks, a * r, 16 * finer);
    for (let k = 0; k < turn.nodes.length; k++) {
      evaluate(a * r * Math.cos(turn.nodes[k]!), a * r * Math.sin(turn.nodes[k]!), value);
      for (let v = 0; v < functions; v++) out[v]! += radii.weights[i]! * 2 * r * Math.exp(-r * r) * turn.weights[k]! * (value[2 * v]! ** 2 + value[2 * v + 1]! ** 2);
    }
  }
  return out;
}

/** @throws Fault where E|phi|^2 or that of a derivative moves as panels are refined or reach further. */
function requireMoments(field: Field, a: number, label: string): void {
  const steps = [1, 2, 4].map((finer) => moments(field, a, finer, REACH));
  const far = moments(field, a, 1, REACH + 3);
  const names = ['|phi|^2', '|phi_z|^2', '|phi_zbar|^2'];
  for (let v = 0; v < field.functions; v++) {
    const [i1, i2, i3] = steps.map((s) => s[v]!) as [number, number, number];
    const refuse = (why: string): never => {
      throw new Fault('not-supported', `The moment E${names[v]} of ${label} before preactivations of standard deviation ${a.toPrecision(3)} does not exist in double precision: ${why}.`);
    };
    if (!Number.isFinite(i3) || !Number.isFinite(far[v]!)) refuse('it is not a finite number');
    if (Math.abs(far[v]! - i1) > 1e-6 * i1) refuse('it grows with the radius to which it is integrated');
    if (Math.abs(i3 - i2) > 0.4 * Math.abs(i2 - i1) && Math.abs(i3 - i2) > 2e-3 * i3) refuse('it grows as the integration is refined, as at a pole');
  }
}

/** Ranges of standard deviations whose ends have been seen to have moments, by activation: a network asks again at every layer. */
const momentsSeen = new Map<string, { low: number; high: number }>();

/**
 * The dual maps of any phi. Without `derivatives` only S.
 * @see prepareDual
 * @throws Fault not-supported where E|phi|^2 or, with derivatives, E|phi_z|^2 does not converge
 */
export function prepareGeneral(activation: Activation, p: Parameters, std: Float64Array, { derivatives }: DualOptions): PreparedDual {
  const functions = derivatives ? 3 : 1;
  const field: Field = { functions, evaluate: (x, y, out) => activation.evaluate(x, y, p, out), kinks: activation.kinks?.(p) ?? {} };
  const { stds, index } = distinctOf(std);
  const positive = stds.filter((s) => s > 0);
  if (positive.length > 0) {
    const key = `${activation.id} ${activation.formula} ${JSON.stringify(p)} ${functions}`;
    const seen = momentsSeen.get(key) ?? { low: Infinity, high: 0 };
    for (const a of new Set([Math.min(...positive), Math.max(...positive)])) if (a < seen.low || a > seen.high) requireMoments(field, a, activation.label);
    momentsSeen.set(key, { low: Math.min(seen.low, ...positive), high: Math.max(seen.high, ...positive) });
  }
  const smooth = [field.kinks.radii, field.kinks.angles, field.kinks.x, field.kinks.y].every((list) => !list?.length);
  const rungs: (Rung | null | undefined)[] = [];

  /** Largest mode that is not empty, seen at the least and the largest standard deviation; all of them where the high ones are not empty. */
  const band = (() => {
    if (!smooth || positive.length === 0) return Infinity;
    const modes = modesOf(ORDERS[0]!, Infinity);
    let largest = 1;
    for (const a of new Set([Math.min(...positive), Math.max(...positive)])) {
      const row = hermiteRow(field, a, modes);
      for (let v = 0; v < functions; v++) {
        const scale = v === 0 ? row[functions * modes.length]! : row[functions * modes.length + 1]! + row[functions * modes.length + 2]!;
        for (let m = 0; m <= 2 * modes.order; m++) {
          let own = 0;
          for (let at = v * modes.length + modes.start[m]!, end = at + 2 * modes.count[m]!; at < end; at++) own += row[at]! * row[at]!;
          if (own > 1e-28 * scale) largest = Math.max(largest, Math.abs(m - modes.order));
        }
      }
    }
    return largest <= modes.order / 2 ? largest : Infinity;
  })();

  function rungAt(k: number): Rung | null {
    if (rungs[k] !== undefined) return rungs[k]!;
    if (k > LAST_WIDE && band === Infinity) return (rungs[k] = null);
    const modes = modesOf(ORDERS[k]!, band);
    if (stds.length * functions * modes.length > MOST_NUMBERS) return (rungs[k] = null);
    const ends = Array.from({ length: functions }, (_, v) => (v + 1) * modes.length);
    const rows = acrossStds(stds, ends, (s) => hermiteRow(field, s, modes), INTERPOLATION);
    const tail = new Float64Array(stds.length);
    const used = new Set<number>();
    rows.forEach((row, s) => {
      const square = (v: number) => row[functions * modes.length + v]!;
      for (let v = 0; v < functions; v++) {
        const scale = v === 0 ? square(0) : square(1) + square(2);
        let sum = 0;
        for (let m = 0; m <= 2 * modes.order; m++) {
          let own = 0;
          const from = v * modes.length + modes.start[m]!;
          for (let at = from; at < from + 2 * modes.count[m]!; at++) own += row[at]! * row[at]!;
          if (own > 1e-28 * scale) used.add(m);
          sum += own;
        }
        if (scale > 0) tail[s] = Math.max(tail[s]!, (square(v) - sum) / scale, 1e-15);
      }
    });
    return (rungs[k] = { modes, rows, tail, active: Int32Array.from([...used].sort((x, y) => x - y)) });
  }

  const LAST_SHORT = 2;
  let slow: Slow | null | undefined;
  let crowded = false;
  const value = new Float64Array(2 * functions);
  const turns = new Float64Array(2 * (ORDERS.at(-1)! + 1));
  let error = 0;

  function bySeries({ modes, rows, active }: Rung, s: number, t: number, x: number, y: number): void {
    const { order, count, start, length } = modes;
    const square = x * x + y * y;
    turns[0] = 1;
    turns[1] = 0;
    for (let m = 1; m <= order; m++) {
      turns[2 * m] = turns[2 * m - 2]! * x - turns[2 * m - 1]! * y;
      turns[2 * m + 1] = turns[2 * m - 2]! * y + turns[2 * m - 1]! * x;
    }
    value.fill(0);
    const [u, w] = [rows[s]!, rows[t]!];
    for (let k = 0; k < active.length; k++) {
      const index = active[k]!;
      const m = Math.abs(index - order);
      const c = turns[2 * m]!;
      const d = index < order ? -turns[2 * m + 1]! : turns[2 * m + 1]!;
      if (c * c + d * d < 1e-34) continue;
      for (let v = 0; v < functions; v++) {
        let at = v * length + start[index]!;
        let power = 1;
        let re = 0;
        let im = 0;
        for (let q = count[index]!; q > 0; q--, at += 2, power *= square) {
          re += (u[at]! * w[at]! + u[at + 1]! * w[at + 1]!) * power;
          im += (u[at + 1]! * w[at]! - u[at]! * w[at + 1]!) * power;
        }
        value[2 * v]! += c * re - d * im;
        value[2 * v + 1]! += c * im + d * re;
      }
    }
  }

  /** The series of a rung, with what the slow modes have beyond it. */
  function bySlow(rung: Rung, { list, rows, fits }: Slow, s: number, t: number, x: number, y: number, r: number): void {
    bySeries(rung, s, t, x, y);
    const { count, order } = rung.modes;
    const size = 2 * LONG + 1;
    const square = x * x + y * y;
    const [u, w] = [rows[s]!, rows[t]!];
    list.forEach(({ v, index, m }, k) => {
      const first = count[index]!;
      let power = square ** first * r ** m;
      let re = 0;
      let im = 0;
      for (let q = first, a = k * size + first, b = a + LONG; q < LONG; q++, a++, b++, power *= square) {
        re += (u[a]! * w[a]! + u[b]! * w[b]!) * power;
        im += (u[b]! * w[a]! - u[a]! * w[b]!) * power;
      }
      const [p, q] = [fits[s]![k]!, fits[t]![k]!];
      if (p && q && p.fall === q.fall) {
        re += p.fall.sum(p.re, q.re, r) + p.fall.sum(p.im, q.im, r);
        im += p.fall.sum(p.im, q.re, r) - p.fall.sum(p.re, q.im, r);
      }
      // e^{i m arg rho}
      const norm = r ** m || 1;
      const c = turns[2 * m]! / norm;
      const d = (index < order ? -turns[2 * m + 1]! : turns[2 * m + 1]!) / norm;
      value[2 * v]! += c * re - d * im;
      value[2 * v + 1]! += c * im + d * re;
    });
  }

  /** By the long series of the slow modes, where that is exact enough. */
  function slowly(s: number, t: number, x: number, y: number, r: number): boolean {
    const rung = rungAt(LAST_SHORT);
    if (!rung) return false;
    if (slow === undefined) slow = slowOf(field, stds, rung);
    if (!slow) return false;
    const reach = r ** (ORDERS[LAST_SHORT]! + 1);
    const ratio = Math.sqrt(rung.tail[s]! / rung.tail[t]!);
    const missed = reach * (slow.missed[s]! / ratio + slow.missed[t]! * ratio);
    if (missed > MISSED) return false;
    bySlow(rung, slow, s, t, x, y, r);
    error += 2 * missed;
    return true;
  }

  function evaluate(s: number, t: number, x: number, y: number, r: number): DualOutcome['method'] {
    error = ROUNDING;
    const first = rungAt(0)!;
    if (r === 1 && s === t && x === 1) {
      for (let v = 0; v < functions; v++) {
        value[2 * v] = first.rows[s]![functions * first.modes.length + v]!;
        value[2 * v + 1] = 0;
      }
      return 'quadrature';
    }
    let bestOf: Rung | null = null;
    let least = Infinity;
    const wide = band === Infinity;
    for (let k = 0; k < ORDERS.length; k++) {
      if (smooth && wide && k === LAST_SHORT + 1 && slowly(s, t, x, y, r)) return 'series';
      if (crowded && k > LAST_SHORT && stds.length > FEW && wide) break;
      const reach = r ** (ORDERS[k]! + 1);
      const before = k > 1 ? rungs[k - 1] : null;
      if (before && reach * Math.sqrt(before.tail[s]! * before.tail[t]!) > 1e-7) continue; // no hope: kinks
      const own = rungAt(k);
      if (!own) break;
      const left = reach * Math.sqrt(own.tail[s]! * own.tail[t]!);
      if (left < least) [least, bestOf] = [left, own];
      if (left <= TAIL) {
        bySeries(own, s, t, x, y);
        error += left;
        return 'series';
      }
    }
    if (smooth && !wide && slowly(s, t, x, y, r)) return 'series';
    if (crowded && bestOf) {
      // What the series leaves out is then its error.
      bySeries(bestOf, s, t, x, y);
      error += least;
      return 'series';
    }
    const norm = (v: number) => Math.sqrt(first.rows[s]![functions * first.modes.length + v]! * first.rows[t]![functions * first.modes.length + v]!);
    const both = functions > 1 ? norm(1) + norm(2) : 0;
    error += planar(field, stds[s]!, stds[t]!, x, y, r, [norm(0), both, both], value);
    return 'quadrature';
  }

  return ({ count, left, right, re, im, aRe, aIm, bRe, bIm }) => {
    const out: DualOutcome = { error: 0, method: 'series' };
    crowded = count > MOST_PLANAR;
    for (let at = 0; at < count; at++) {
      const [x, y] = [re[at]!, im[at]!];
      const method = evaluate(index[left[at]!]!, index[right[at]!]!, x, y, unitModulus(x, y));
      if (error > out.error) out.error = error;
      out.method = worseMethod(out.method, method);
      re[at] = value[0]!;
      im[at] = value[1]!;
      if (!derivatives) continue;
      aRe[at] = value[2]!;
      aIm[at] = value[3]!;
      bRe[at] = value[4]!;
      bIm[at] = value[5]!;
    }
    return out;
  };
}

