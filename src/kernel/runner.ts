// The recursion of NNGP and NTK over the steps of a network, tile by tile. Every thread has a runner of its own over the same arrays.
import { activationOf } from '../catalog/activations/index.ts';
import type { Activation } from '../catalog/activations/activation.ts';
import { prepareDual, worseMethod, type PreparedDual } from './duals/index.ts';
import type { PackedInputs } from './inputs.ts';
import { activate, newScratch, SCRATCH_BYTES, type Indexing } from './layers/activation.ts';
import { axisPasses, flatTaps, meanInto, scaleInto, weigh } from './layers/linear.ts';
import { recur } from './layers/rnn.ts';
import type { GramBlocks } from './gram.ts';
import { growthsOf, largestOf, stdOf, variancesOf, type Measures } from './measures.ts';
import { entriesOf, positionsOf, type Network, type Rule, type Step } from './network.ts';
import { assignSlots, diagonalTile, pairsOf, planeCapacity, type Plane, type State, type Tile } from './tile.ts';
import { openWorkspace, type PlacedWindow } from './wasm/index.ts';

/** Which recursion: the network's own, or its real twin's, started from Re K0. */
export type Variant = 'network' | 'twin';

export interface Wanted {
  /** Tangent kernels; without them the NNGP alone. */
  ntk: boolean;
  holomorphic: boolean;
}

export interface RunnerOptions {
  network: Network;
  variant: Variant;
  inputs: PackedInputs;
  grams: GramBlocks;
  measures: Measures;
  wanted: Wanted;
  /** Steps from this index on are not run (an activation without a limit). */
  until: number;
  /** Duals that network and twin have in common, by step, where they have their standard deviations in common. */
  duals?: Map<number, PreparedDual>;
}

export interface Runner {
  /** Fills the measures of samples [from, to). */
  measure(from: number, to: number): void;
  /** The kernels of a tile from its K0. The planes are valid until the next call. */
  run(k0: GramTile): State;
}

/** K0 of one tile for each input step, shared by network and twin. */
export interface GramTile {
  tile: Tile;
  /** By step index. */
  planes: Map<number, Plane>;
}

/** K0 of every input step on a tile, the second argument conjugated. */
export function gramTile(network: Network, grams: GramBlocks, tile: Tile): GramTile {
  return { tile, planes: new Map(network.steps.flatMap((s, at) => (s.rule.kind === 'input' ? [[at, grams.step(at, tile)] as const] : []))) };
}

/** A sum of d products in float64; complex ones stand for three. */
const gramError = (inputs: PackedInputs): number => (inputs.im ? 3.6e-16 : 1.2e-16) * (8 + 2 * Math.sqrt(inputs.channels));

/** Whether S of real correlations may have an imaginary part: only where no structure forbids it. */
const turns = (activation: Activation): boolean =>
  activation.output !== 'real' && !activation.angular && !activation.radial && !activation.holomorphic && (!activation.scalar || activation.imaginary !== undefined);

/** For each step whether its kernel has an imaginary part. */
export function imaginaryOf(network: Network, inputsComplex: boolean, variant: Variant): boolean[] {
  const out: boolean[] = [];
  network.steps.forEach((step, i) => {
    const before = step.inputs.some((f) => out[f]);
    const { rule } = step;
    if (rule.kind === 'input') out[i] = inputsComplex && variant === 'network';
    else if (rule.kind === 'activation' || rule.kind === 'rnn') out[i] = step.field === 'complex' && (before || turns(activationOf(rule.name, rule.parameters)!));
    else out[i] = step.field === 'complex' && before;
  });
  return out;
}

/** Tables of a window, made once. */
interface Prepared {
  dual?: PreparedDual;
  std?: Float64Array;
  growth: number;
  /** Of a convolution on all pairs, axis after axis; taps of all axes together otherwise. */
  axes?: PlacedWindow[];
  taps?: Int32Array;
  size?: number;
  scale?: Float64Array;
}

/** Bytes of a runner's memory: planes of all slots, of windows under way, standard deviations, taps and scratch. */
export function bytesOfSpace(network: Network, samples: number, holomorphic: boolean): number {
  const planes = assignSlots(network).count * (holomorphic ? 6 : 4) + 1 + (network.steps.some((s) => s.rule.kind === 'weighted' && s.rule.window !== null) ? 2 : 0);
  const std = network.steps.reduce((sum, s) => sum + (positionsOf(s) + (s.rule.kind === 'rnn' ? positionsOf(network.steps[s.inputs[0]!]!) : 0)) * samples, 0);
  const taps = network.steps.reduce((sum, { rule }) => {
    const window = rule.kind === 'pool' || rule.kind === 'weighted' ? rule.window : null;
    return sum + (window ? window.scale.length * (2 + window.axes.reduce((n, a) => n * a.taps[0]!.length, 1)) + window.axes.reduce((n, a) => n + a.output * (1 + a.taps[0]!.length), 0) : 0);
  }, 0);
  return 8 * (planes * planeCapacity(network, samples) + std + taps) + SCRATCH_BYTES + 64 * (planes + 8 * network.steps.length + 32);
}

export function openRunner(options: RunnerOptions): Runner {
  const { network, variant, inputs, grams, measures, wanted, until, duals } = options;
  const { steps } = network;
  const imaginary = imaginaryOf(network, inputs.im !== null, variant);
  const slots = assignSlots(network);
  const capacity = planeCapacity(network, inputs.samples);
  const space = openWorkspace(bytesOfSpace(network, inputs.samples, wanted.holomorphic));
  const scratch = newScratch(space);
  const tables: Prepared[] = steps.map((step) => {
    const { rule } = step;
    const window = rule.kind === 'pool' || rule.kind === 'weighted' ? rule.window : null;
    if (!window) return { growth: 1 };
    if (rule.kind === 'weighted') return { growth: 1, axes: axisPasses(window).map((a) => space.window(a)) };
    const { taps, size } = flatTaps(window);
    const placed = space.indices(taps.length);
    placed.set(taps);
    const scale = space.plane(window.scale.length);
    scale.set(window.scale);
    return { growth: 1, taps: placed, size, scale };
  });
  const known = new Map<string, Float64Array>();
  /** A plane that is there from call to call. */
  const plane = (name: string, count = capacity): Float64Array => {
    const found = known.get(name) ?? space.plane(count);
    known.set(name, found);
    return found;
  };
  const planeOf = (step: number, part: 'k' | 't' | 'h'): Plane => ({
    re: plane(`${slots.of[step]} ${part} re`),
    im: imaginary[step] ? plane(`${slots.of[step]} ${part} im`) : null,
  });

  const dualOf = (rule: Rule & { kind: 'activation' | 'rnn' }, std: Float64Array, derivatives: boolean, real: boolean, inSpace = false): PreparedDual =>
    prepareDual(activationOf(rule.name, rule.parameters)!, rule.parameters as Record<string, number>, std, { derivatives, real, ...(inSpace ? { workspace: space } : {}) });

  /** Measured standard deviations, where the assembled loops reach them. */
  const stdInSpace = (at: number): Float64Array => {
    const measured = stdOf(measures, at);
    const own = space.plane(measured.length);
    own.set(measured);
    return own;
  };

  /** Everything a step needs on a tile; `measuring` fills the measures as it goes. */
  const runSteps = (tile: Tile, grams: Map<number, Plane>, measuring: boolean): State => {
    const pairs = pairsOf(tile);
    const row = new Int32Array(pairs);
    const column = new Int32Array(pairs);
    // The diagonal pass has standard deviations of its own samples only.
    const shift = measuring ? tile.rows[0]! : 0;
    for (let p = 0; p < pairs; p++) {
      row[p] = (tile.outer ? tile.rows[Math.floor(p / tile.columns.length)]! : tile.rows[p]!) - shift;
      column[p] = (tile.outer ? tile.columns[p % tile.columns.length]! : tile.columns[p]!) - shift;
    }
    const states: State[] = [];
    const tangents = wanted.ntk && !measuring;
    for (let at = 0; at < Math.min(steps.length, until); at++) {
      const state = runStep(at, states, { tile, pairs, row, column, grams, measuring, tangents, holomorphic: tangents && wanted.holomorphic });
      states[at] = state;
      if (measuring) diagonalMeans(at, state, tile);
    }
    return states[Math.min(network.last, until - 1)]!;
  };

  interface Run {
    tile: Tile;
    pairs: number;
    row: Int32Array;
    column: Int32Array;
    grams: Map<number, Plane>;
    measuring: boolean;
    tangents: boolean;
    holomorphic: boolean;
  }

  const runStep = (at: number, states: State[], run: Run): State => {
    const step = steps[at]!;
    const { rule } = step;
    const from = states[step.inputs[0]!]!;
    const count = run.pairs * entriesOf(step);
    switch (rule.kind) {
      case 'input': {
        const k = planeOf(at, 'k');
        const gram = run.grams.get(at)!;
        k.re.set(gram.re.subarray(0, count));
        if (k.im && gram.im) k.im.set(gram.im.subarray(0, count));
        return { k, t: null, h: null, kError: gramError(inputs), tError: 0, method: 'closed' };
      }
      case 'weighted': {
        const moved = rule.window ? transformed(at, from, run, (x, y) => window(at, step, run.pairs, x, y)) : placed(at, from, count);
        const t = run.tangents ? moved.t ?? zeroed(at, 't', count) : null;
        const h = run.holomorphic ? moved.h ?? zeroed(at, 'h', count) : null;
        weigh(space, count, rule.weightVariance, rule.biasVariance, moved.k, t, h);
        const error = moved.kError + 1e-15;
        return { ...moved, t, h, kError: error, tError: Math.max(error, moved.tError) + 1e-15 };
      }
      case 'activation': return activation(at, placed(at, from, count), rule, run);
      case 'pool': {
        const input = steps[step.inputs[0]!]!;
        const { taps, size, scale } = tables[at]!;
        const moved = transformed(at, from, run, (x, y) =>
          space.poolPairs(run.pairs, positionsOf(input), positionsOf(step), size!, taps!, scale!, step.pairs === 'equal', x, y));
        return grown(at, from, moved, run);
      }
      case 'mean': {
        const input = steps[step.inputs[0]!]!;
        const entries = entriesOf(input);
        const whole = rule.over === 'all' || input.pairs === 'equal';
        const moved = transformed(at, from, run, (x, y) => (whole ? space.sums(run.pairs, entries, 1 / entries, x, y) : meanInto(run.pairs, input, x, y)));
        return rule.over === 'all' ? grown(at, from, moved, run) : moved;
      }
      case 'combine': {
        const sources = step.inputs.map((i) => states[i]!);
        const sum = (pick: (s: State) => Plane | null, part: 'k' | 't' | 'h'): Plane | null => {
          if (!sources.some((s) => pick(s))) return null;
          const out = planeOf(at, part);
          const { re, im } = out;
          re.fill(0, 0, count);
          im?.fill(0, 0, count);
          sources.forEach((s, n) => {
            const p = pick(s);
            if (!p) return;
            const w = rule.weights[n]!;
            for (let i = 0; i < count; i++) re[i]! += w * p.re[i]!;
            if (im && p.im) for (let i = 0; i < count; i++) im[i]! += w * p.im[i]!;
          });
          return out;
        };
        const worst = (pick: (s: State) => number) => Math.max(...sources.map(pick)) + 1e-15;
        return {
          k: sum((s) => s.k, 'k')!, t: sum((s) => s.t, 't'), h: sum((s) => s.h, 'h'),
          kError: worst((s) => s.kError), tError: worst((s) => s.tError), method: sources.map((s) => s.method).reduce(worseMethod),
        };
      }
      case 'scale': {
        const moved = placed(at, from, count);
        for (const p of [moved.k, moved.t, moved.h]) {
          if (!p) continue;
          scaleInto(count, rule.variance, p.re, p.re);
          if (p.im) scaleInto(count, rule.variance, p.im, p.im);
        }
        return moved;
      }
      case 'norm': return normalise(at, placed(at, from, count), rule, run);
      case 'rnn': return recurrent(at, from, rule, run);
    }
  };

  /** Planes of step `at` filled by a linear map of its input's. */
  const transformed = (at: number, from: State, run: Run, map: (x: Float64Array, y: Float64Array) => void): State => {
    const count = run.pairs * entriesOf(steps[at]!);
    const move = (p: Plane | null, part: 'k' | 't' | 'h'): Plane | null => {
      if (!p) return null;
      const to = planeOf(at, part);
      map(p.re, to.re);
      if (to.im) {
        if (p.im) map(p.im, to.im);
        else to.im.fill(0, 0, count);
      }
      return to;
    };
    return { ...from, k: move(from.k, 'k')!, t: move(from.t, 't'), h: move(from.h, 'h') };
  };

  /** The input's planes, in this step's slot: the same arrays where it works in place, a copy where others read them too. */
  const placed = (at: number, from: State, count: number): State => {
    const same = slots.of[at] === slots.of[steps[at]!.inputs[0]!];
    const move = (p: Plane | null, part: 'k' | 't' | 'h'): Plane | null => {
      if (!p) return null;
      const to = planeOf(at, part);
      if (!same) to.re.set(p.re.subarray(0, count));
      if (to.im && !p.im) to.im.fill(0, 0, count);
      else if (to.im && p.im && !same) to.im.set(p.im.subarray(0, count));
      return p.im && !to.im ? { re: to.re, im: same ? p.im : copied(p.im, at, part, count) } : to;
    };
    return { ...from, k: move(from.k, 'k')!, t: move(from.t, 't'), h: move(from.h, 'h') };
  };

  /** An imaginary part that is read once more, by a function that is real afterwards. */
  const copied = (im: Float64Array, at: number, part: string, count: number): Float64Array => {
    const to = plane(`${slots.of[at]} ${part} im`);
    to.set(im.subarray(0, count));
    return to;
  };

  const zeroed = (at: number, part: 't' | 'h', count: number): Plane => {
    const p = planeOf(at, part);
    p.re.fill(0, 0, count);
    p.im?.fill(0, 0, count);
    return p;
  };

  const window = (at: number, step: Step, pairs: number, from: Float64Array, to: Float64Array): void => {
    const axes = tables[at]!.axes!;
    const last = axes.length - 1;
    const factor = (step.rule as Rule & { kind: 'weighted' }).window!.scale[0]!;
    if (axes.length === 2 && step.pairs === 'all') return space.windowPlane(pairs, axes[0]!, axes[1]!, factor, plane('window 0'), from, to);
    axes.forEach((axis, a) => {
      const source = a === 0 ? from : plane(`window ${(a - 1) % 2}`);
      const target = a === last ? to : plane(`window ${a % 2}`);
      if (step.pairs === 'all') space.windowPairs(pairs, axis, a === last ? factor : 1, source, target);
      else space.windowEqual(pairs, axis, a === last ? factor : 1, source, target);
    });
  };

  /** Indices of the standard deviations at the entries of a step: stretches of one row of positions against consecutive ones. */
  const indexing = (step: Step, { row, column }: Run): Indexing => {
    const p = positionsOf(step);
    if (p === 1) {
      return (from, count, left, right) => {
        left.set(row.subarray(from, from + count));
        right.set(column.subarray(from, from + count));
      };
    }
    const all = step.pairs === 'all';
    const entries = all ? p * p : p;
    return (from, count, left, right) => {
      for (let i = 0; i < count; ) {
        const pair = Math.floor((from + i) / entries);
        const e = from + i - pair * entries;
        const u = all ? Math.floor(e / p) : e;
        const v = all ? e - u * p : e;
        const stretch = Math.min(count - i, p - v);
        const l = row[pair]! * p + u;
        const r = column[pair]! * p + v;
        const step = all ? 0 : 1;
        for (let k = 0; k < stretch; k++, i++) {
          left[i] = l + step * k;
          right[i] = r + k;
        }
      }
    };
  };

  /** Roots of the diagonal at equal positions, of the samples of the diagonal pass; kept for all. */
  const measureStd = (at: number, step: Step, k: Plane, tile: Tile): Float64Array => {
    const p = positionsOf(step);
    const all = step.pairs === 'all';
    const own = plane('measured').subarray(0, tile.rows.length * p);
    for (let i = 0; i < tile.rows.length; i++) {
      for (let u = 0; u < p; u++) own[i * p + u] = rootOf(k.re[all ? i * p * p + u * (p + 1) : i * p + u]!);
    }
    stdOf(measures, at).set(own, tile.rows[0]! * p);
    return own;
  };

  /** Largest slope of the normalised S at rho = 1, for each sample: Infinity where phi jumps. */
  const measureGrowth = (at: number, rule: Rule & { kind: 'activation' | 'rnn' }, std: Float64Array, samples: [number, number], dual: PreparedDual): void => {
    const found = activationOf(rule.name, rule.parameters)!;
    const growths = growthsOf(measures, at);
    const p = std.length / (samples[1] - samples[0]);
    if (found.jumps || found.limit(rule.parameters as Record<string, number>).exists !== 'ntk') {
      growths.fill(found.jumps ? Infinity : 1, samples[0], samples[1]);
      return;
    }
    for (let from = 0; from < std.length; from += scratch.re.length) {
      const count = atOne(std, from);
      dual(Object.assign(scratch, { count }));
      for (let i = 0; i < count; i++) {
        const power = scratch.re[i]!;
        const slope = power > 0 ? ((scratch.aRe[i]! + scratch.bRe[i]!) * std[from + i]! ** 2) / power : 1;
        const sample = samples[0] + Math.floor((from + i) / p);
        growths[sample] = Math.max(growths[sample]!, slope);
      }
    }
  };

  const contextOf = (rule: Rule & { kind: 'activation' | 'rnn' }) => {
    const found = activationOf(rule.name, rule.parameters)!;
    return { space, realChain: found.scalar !== undefined };
  };

  const activation = (at: number, state: State, rule: Rule & { kind: 'activation' }, run: Run): State => {
    const step = steps[at]!;
    const table = tables[at]!;
    let { dual, std } = table;
    if (run.measuring) {
      std = measureStd(at, step, state.k, run.tile);
      dual = dualOf(rule, std, true, state.k.im === null, true);
      measureGrowth(at, rule, std, samplesOf(run.tile), dual);
    } else if (!dual) {
      std = table.std = stdInSpace(at);
      table.growth = largestOf(growthsOf(measures, at));
      dual = table.dual = duals?.get(at) ?? dualOf(rule, std, wanted.ntk, state.k.im === null, true);
      // One that works in the memory of this runner is not for another.
      if (!activationOf(rule.name, rule.parameters)!.scalar) duals?.set(at, dual);
    }
    return activate(state, run.pairs * entriesOf(step), { ...contextOf(rule), dual: dual!, std: std!, index: indexing(step, run), growth: table.growth, imaginary: imaginary[at]! }, scratch);
  };

  const recurrent = (at: number, from: State, rule: Rule & { kind: 'rnn' }, run: Run): State => {
    const step = steps[at]!;
    const input = steps[step.inputs[0]!]!;
    const table = tables[at]!;
    const real = !imaginary[at];
    const out: State = { ...from, k: planeOf(at, 'k'), t: run.tangents ? planeOf(at, 't') : null, h: run.holomorphic ? planeOf(at, 'h') : null };
    const context = { input, pairs: run.pairs, row: run.row, column: run.column };
    if (run.measuring) {
      const std = timesStd(rule, from, input, run.pairs);
      stdOf(measures, at).set(std, run.tile.rows[0]! * positionsOf(input));
      const dual = dualOf(rule, std, true, real, true);
      measureGrowth(at, rule, std, samplesOf(run.tile), dual);
      return recur(rule, from, out, { ...context, activation: { ...contextOf(rule), dual, std, growth: 1, imaginary: !real } }, scratch);
    }
    if (!table.dual) {
      table.std = stdInSpace(at);
      table.growth = largestOf(growthsOf(measures, at));
      table.dual = dualOf(rule, table.std, wanted.ntk, real, true);
    }
    return recur(rule, from, out, { ...context, activation: { ...contextOf(rule), dual: table.dual, std: table.std!, growth: table.growth, imaginary: !real } }, scratch);
  };

  /** Standard deviations of all times of the diagonal pass: Sigma_tt = s_u K_tt + s_r S(Sigma_{t-1,t-1}) + s_b^2. */
  const timesStd = (rule: Rule & { kind: 'rnn' }, from: State, input: Step, pairs: number): Float64Array => {
    const times = positionsOf(input);
    const all = input.pairs === 'all';
    const std = plane('measured').subarray(0, pairs * times);
    const passed = new Float64Array(pairs); // S(Sigma_{t-1,t-1})
    for (let t = 0; t < times; t++) {
      for (let i = 0; i < pairs; i++) {
        const x = from.k.re[i * (all ? times * times : times) + (all ? t * (times + 1) : t)]!;
        std[i * times + t] = rootOf(rule.biasVariance + rule.inputVariance * x + rule.recurrentVariance * passed[i]!);
      }
      const own = Float64Array.from({ length: pairs }, (_, i) => std[i * times + t]!);
      const dual = dualOf(rule, own, false, true);
      for (let low = 0; low < pairs; low += scratch.re.length) {
        const count = atOne(own, low);
        dual(Object.assign(scratch, { count }));
        for (let i = 0; i < count; i++) passed[low + i] = scratch.re[i]!;
      }
    }
    return std;
  };

  /** Sets the scratch to rho = 1 for the standard deviations from `low` on; returns how many. */
  const atOne = (std: Float64Array, low: number): number => {
    const count = Math.min(scratch.re.length, std.length - low);
    for (let i = 0; i < count; i++) {
      scratch.left[i] = scratch.right[i] = low + i;
      scratch.re[i] = std[low + i]! > 0 ? 1 : 0;
      scratch.im[i] = 0;
    }
    return count;
  };

  /** Sigma / sqrt(diag diag') to the given power; the mean's kernel S(rho = 0) is taken off first where the mean is not 0. */
  const normalise = (at: number, state: State, rule: Rule & { kind: 'norm' }, run: Run): State => {
    const step = steps[at]!;
    const count = run.pairs * entriesOf(step);
    const index = indexing(step, run);
    if (rule.centre !== null) {
      const source = steps[rule.centre]!.rule as Rule & { kind: 'activation' };
      const std = run.measuring
        ? stdOf(measures, rule.centre).slice(run.tile.rows[0]! * positionsOf(step), (run.tile.rows.at(-1)! + 1) * positionsOf(step))
        : stdOf(measures, rule.centre);
      const dual = dualOf(source, std, false, true);
      for (let from = 0; from < count; from += scratch.re.length) {
        const m = Math.min(scratch.re.length, count - from);
        index(from, m, scratch.left, scratch.right);
        scratch.re.fill(0, 0, m);
        scratch.im.fill(0, 0, m);
        dual(Object.assign(scratch, { count: m }));
        for (let i = 0; i < m; i++) {
          state.k.re[from + i]! -= scratch.re[i]!;
          if (state.k.im) state.k.im[from + i]! -= scratch.im[i]!;
        }
      }
    }
    const std = run.measuring ? measureStd(at, step, state.k, run.tile) : stdOf(measures, at);
    for (let from = 0; from < count; from += scratch.re.length) {
      const m = Math.min(scratch.re.length, count - from);
      index(from, m, scratch.left, scratch.right);
      for (let i = 0; i < m; i++) {
        const product = std[scratch.left[i]!]! * std[scratch.right[i]!]!;
        const factor = product > 0 ? rule.power / product : 0;
        for (const p of [state.k, state.t, state.h]) {
          if (!p) continue;
          p.re[from + i]! *= factor;
          if (p.im) p.im[from + i]! *= factor;
        }
      }
    }
    return { ...state, kError: 2 * state.kError, tError: state.tError + state.kError };
  };

  /** Errors relative to a pooled diagonal, which may be smaller than its parts: the loss is measured on the diagonal. */
  const grown = (at: number, from: State, moved: State, run: Run): State => {
    if (run.measuring) measureLoss(at, from.k, moved.k, run);
    const growth = run.measuring ? 1 : largestOf(growthsOf(measures, at));
    return { ...moved, kError: growth * moved.kError + 1e-15, tError: growth * moved.tError + 1e-15 };
  };

  /** (sum_u w_u sigma_u)^2 / pooled variance, the largest over the output positions, for each sample of the diagonal pass. */
  const measureLoss = (at: number, before: Plane, after: Plane, { tile }: Run): void => {
    const step = steps[at]!;
    const input = steps[step.inputs[0]!]!;
    const [p, q] = [positionsOf(input), positionsOf(step)];
    const { rule } = step;
    const growths = growthsOf(measures, at);
    for (let i = 0; i < tile.rows.length; i++) {
      const sigma = (u: number) => Math.sqrt(Math.max(0, before.re[i * p * p + u * (p + 1)]!));
      let worst = 1;
      for (let o = 0; o < q; o++) {
        let sum = 0;
        if (rule.kind === 'pool') {
          const { taps, size } = tables[at]!;
          for (let v = 0; v < size!; v++) if (taps![o * size! + v]! >= 0) sum += rule.window.scale[o]! * sigma(taps![o * size! + v]!);
        } else {
          for (let u = 0; u < p; u++) sum += sigma(u) / p;
        }
        const variance = after.re[step.pairs === 'all' ? i * q * q + o * (q + 1) : i * q + o]!;
        if (variance > 0) worst = Math.max(worst, (sum * sum) / variance);
      }
      growths[tile.rows[i]!] = worst;
    }
  };

  const diagonalMeans = (at: number, { k }: State, tile: Tile): void => {
    const step = steps[at]!;
    const p = positionsOf(step);
    const all = step.pairs === 'all';
    const means = variancesOf(measures, at);
    for (let i = 0; i < tile.rows.length; i++) {
      let sum = 0;
      for (let u = 0; u < p; u++) sum += k.re[all ? i * p * p + u * (p + 1) : i * p + u]!;
      means[tile.rows[i]!] = sum / p;
    }
  };

  return {
    measure(from, to) {
      const tile = diagonalTile(from, to);
      runSteps(tile, gramTile(network, grams, tile).planes, true);
    },
    run: ({ tile, planes }) => runSteps(tile, planes, false),
  };
}

/** Variances under this are 0: products of their roots would leave the range of numbers that keep their digits. */
const UNDERFLOW = 1e-290;
const rootOf = (variance: number): number => (variance > UNDERFLOW ? Math.sqrt(variance) : variance !== variance ? NaN : 0);

const samplesOf = (tile: Tile): [number, number] => [tile.rows[0]!, tile.rows.at(-1)! + 1];
