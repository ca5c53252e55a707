// The tangent kernel of one finite network, tensor by tensor: Gram matrices of inputs and cotangents, or of gradients one sample's at a time.
// No Jacobian is ever held as a whole. Knows no width and no limit.
import type { Tensor as Device32 } from '@tensorflow/tfjs-core';
import type { InputSet } from '../contract/inputs.ts';
import type { ComplexMatrix } from '../contract/matrix.ts';
import type { Backend } from './backend.ts';
import type { FiniteNetwork } from './build.ts';
import { Device, type Combine, type Pace, type Parts } from './device.ts';
import type { Use } from './layers/layer.ts';
import { backward, forward, inputSignal } from './run.ts';
import { newSignal, positionsOf, sizeOf, type Signal } from './signal.ts';
import { joined, rowsOf } from './tensors.ts';

/** K_XY(i, j) = sum over the trained real numbers of df_X(x_i) df_Y(x_j), X and Y real or imaginary part; n x n each. */
export interface Blocks {
  rr: Float64Array;
  /** Null for a real output. */
  ri: Float64Array | null;
  ir: Float64Array | null;
  ii: Float64Array | null;
}

export interface EmpiricalNtk {
  /** n x n, Hermitian: Theta_n(x, x') = sum over real parameters of df(x) conj df'(x'). Without `im` for a real output. */
  ntk: ComplexMatrix;
  /** n x n, symmetric: sum of df(x) df(x'); null for a real output, where it is the same. */
  pseudo: ComplexMatrix | null;
  blocks: Blocks;
}

/**
 * The kernel of one number of the output (channel 1 at the middle position), float32 products summed in float64.
 * @throws what `pace` throws when cancelled; no tensor is left on the backend
 */
export async function empiricalKernels(network: FiniteNetwork, inputs: Pick<InputSet, 'samples' | 're' | 'im' | 'field'>, backend: Backend, pace: Pace): Promise<EmpiricalNtk> {
  const device = new Device(backend, pace);
  try {
    return await kernelsOn(network, inputSignal(network.input, inputs), inputs.samples, device);
  } finally {
    device.release();
  }
}

/** The same for inputs in place, on a device that keeps its own. */
export async function kernelsOn(network: FiniteNetwork, x: Signal, n: number, device: Device): Promise<EmpiricalNtk> {
  await forward(network, x, n, device);
  const { form, coupled } = network;
  const kinds = form.complex ? 2 : 1;
  const outputs = kinds * n;
  const rows = coupled ? outputs : kinds;
  const size = sizeOf(form);
  const place = Math.floor(positionsOf(form) / 2) * form.channels;
  const g = newSignal(rows * n * size, form.complex);
  for (let o = 0; o < kinds; o++) {
    for (let i = 0; i < n; i++) {
      const row = coupled ? o * n + i : o;
      (o === 0 ? g.re : g.im!)[(row * n + i) * size + place] = 1;
    }
  }
  const total = new Float64Array(outputs * outputs);
  const uses = new Map<Use['tensor'], Use[]>();
  const counts = new Map<Use['tensor'], number>();
  for (const layer of network.layers) for (const t of layer.tensors) counts.set(t, (counts.get(t) ?? 0) + 1);
  const add = (k: Float64Array, rate: number): void => { for (let e = 0; e < k.length; e++) total[e]! += rate * k[e]!; };
  await backward(network, g, rows, n, device, async (use) => {
    const all = [...(uses.get(use.tensor) ?? []), use];
    // A tensor used in several layers has the sum of its gradients, so its uses wait for each other.
    if (all.length < counts.get(use.tensor)!) {
      uses.set(use.tensor, all);
      return;
    }
    const { tensor } = use;
    const single = all.length === 1 && use.each === 1 && !coupled;
    add(single ? await byGrams(use, n, kinds, device) : await byGradients(all, n, outputs, coupled, device), tensor.rate);
    if (tensor.biasRe) add(await ofBias(all, n, outputs, coupled, device), tensor.biasRate);
  });
  return shaped(total, n, kinds);
}

/** <x, x'> with the second conjugated, of rows of complex numbers: Re by both parts beside each other, Im = ir - ri. */
async function hermitianGram(s: Signal, rows: number, columns: number, device: Device): Promise<{ re: Float64Array; im: Float64Array | null }> {
  const re = await device.gram(joined(s, rows), rows, s.im ? 2 * columns : columns);
  if (!s.im) return { re, im: null };
  const cross = await device.gram(s.im, rows, columns, s.re);
  return { re, im: cross.map((v, k) => v - cross[(k % rows) * rows + Math.floor(k / rows)]!) };
}

/**
 * With one row a sample df/dW = g^H x is of rank one, so <G, G'> is a product of two Gram matrices: Re(<g, g'> conj<x, x'>) for
 * complex weights, the sum over the parts p, q of <g_p, g'_q> <x_p, x'_q> for real ones, and for free ones the product of both sums.
 */
async function byGrams(use: Use, n: number, kinds: number, device: Device): Promise<Float64Array> {
  const { field } = use.tensor;
  const outputs = kinds * n;
  const out = new Float64Array(outputs * outputs);
  const rows = rowsOf(use, n);
  const x: Signal = rows.geometry ? await device.unfolded(rows) : rows;
  const each = (f: (k: number, at: number) => number): Float64Array => {
    for (let a = 0, k = 0; a < outputs; a++) for (let b = 0; b < outputs; b++, k++) out[k] = f(k, (a % n) * n + (b % n));
    return out;
  };
  if (field === 'complex') {
    const [g, h] = [await hermitianGram(use.g, outputs, use.out, device), await hermitianGram(x, n, use.fan, device)];
    return each((k, at) => g.re[k]! * h.re[at]! + (g.im && h.im ? g.im[k]! * h.im[at]! : 0));
  }
  if (field === 'free' || !x.im || !use.g.im) {
    const g = await device.gram(joined(use.g, outputs), outputs, field === 'free' ? use.tensor.out : use.out);
    const h = await device.gram(x.re, n, rows.columns);
    return each((k, at) => g[k]! * h[at]!);
  }
  // Real weights on complex numbers: the four pairs of parts.
  const pairs = async (s: Signal, count: number, columns: number) => {
    const [rr, ii, ir] = [await device.gram(s.re, count, columns), await device.gram(s.im!, count, columns), await device.gram(s.im!, count, columns, s.re)];
    return { rr, ii, ir, ri: ir.map((_, k) => ir[(k % count) * count + Math.floor(k / count)]!) };
  };
  const [g, h] = [await pairs(use.g, outputs, use.out), await pairs(x, n, use.fan)];
  return each((k, at) => g.rr[k]! * h.rr[at]! + g.ri[k]! * h.ri[at]! + g.ir[k]! * h.ir[at]! + g.ii[k]! * h.ii[at]!);
}

const plus = (tf: Backend['tf'], a: Device32 | null, b: Device32 | null): Device32[] => (a && b ? [tf.add(a, b)] : a ? [a] : b ? [b] : []);
const minus = (tf: Backend['tf'], a: Device32 | null, b: Device32 | null): Device32[] => (a && b ? [tf.sub(a, b)] : a ? [a] : b ? [tf.neg(b)] : []);
/** g^H x by parts: Re = gr xr + gi xi, and for complex weights Im = gi xr - gr xi. */
const complexParts: Combine = (tf, rr, ri, ir, ii) => [...plus(tf, rr, ii), ...minus(tf, ir, ri)];
const realParts: Combine = (tf, rr, _ri, _ir, ii) => plus(tf, rr, ii);

/** Gradients of each output, summed over the rows of its sample (coupled: of all samples) and over all uses. */
async function byGradients(uses: Use[], n: number, outputs: number, coupled: boolean, device: Device): Promise<Float64Array> {
  const { tensor } = uses[0]!;
  const sets = coupled ? 1 : n;
  const perSet = coupled ? n : 1;
  const each = uses.reduce((s, u) => s + u.each, 0) * perSet;
  const free = tensor.field === 'free';
  let x = rowsOf(uses[0]!, n);
  if (uses.length > 1) {
    const inputs = await Promise.all(uses.map(async (u) => {
      const own = rowsOf(u, n);
      return own.geometry ? device.unfolded(own) : own;
    }));
    x = {
      columns: x.columns, re: beside(inputs.map((r) => r.re), sets),
      im: inputs.every((r) => r.im === null) ? null : beside(inputs.map((r) => r.im ?? new Float32Array(r.re.length)), sets),
    };
  }
  const columns = free ? tensor.out : uses[0]!.out;
  const cotangents = uses.map((u): Signal => (free ? { re: joined(u.g, outputs * perSet * u.each), im: null } : u.g));
  const g: Parts = {
    re: beside(cotangents.map((c) => c.re), outputs), columns,
    im: cotangents.every((c) => c.im === null) ? null : beside(cotangents.map((c) => c.im ?? new Float32Array(c.re.length)), outputs),
  };
  return device.gradientGram(g, x, outputs, sets, each, tensor.field === 'complex' ? complexParts : realParts);
}

/** Arrays of `blocks` blocks, one behind the other within each block. */
function beside(all: Float32Array[], blocks: number): Float32Array {
  if (all.length === 1) return all[0]!;
  const out = new Float32Array(all.reduce((s, a) => s + a.length, 0));
  for (let b = 0, at = 0; b < blocks; b++) {
    for (const a of all) {
      const own = a.length / blocks;
      out.set(a.subarray(b * own, (b + 1) * own), at);
      at += own;
    }
  }
  return out;
}

/** The Gram matrix of the sums of g over the rows of each output. */
async function ofBias(uses: Use[], n: number, outputs: number, coupled: boolean, device: Device): Promise<Float64Array> {
  const { out } = uses[0]!;
  const sums = newSignal(outputs * out, uses[0]!.g.im !== null);
  for (const u of uses) {
    if (!u.bias) continue;
    const rows = (coupled ? n : 1) * u.each;
    for (const part of ['re', 'im'] as const) {
      const [to, from] = [sums[part], u.g[part]];
      if (!to || !from) continue;
      for (let q = 0, at = 0; q < outputs; q++) for (let r = 0; r < rows; r++) for (let c = 0; c < out; c++, at++) to[q * out + c]! += from[at]!;
    }
  }
  // A real tensor's bias is added to the real part alone.
  return uses[0]!.tensor.field === 'real' ? device.gram(sums.re, outputs, out) : device.gram(joined(sums, outputs), outputs, sums.im ? 2 * out : out);
}

function shaped(total: Float64Array, n: number, kinds: number): EmpiricalNtk {
  const side = kinds * n;
  const block = (o: number, p: number): Float64Array => Float64Array.from({ length: n * n }, (_, k) => total[(o * n + Math.floor(k / n)) * side + p * n + (k % n)]!);
  const rr = block(0, 0);
  if (kinds === 1) return { ntk: { rows: n, cols: n, re: rr }, pseudo: null, blocks: { rr, ri: null, ir: null, ii: null } };
  const [ri, ir, ii] = [block(0, 1), block(1, 0), block(1, 1)];
  // df conj df' = (RR + II) + i (IR - RI), df df' = (RR - II) + i (RI + IR).
  const matrix = (re: (k: number) => number, im: (k: number) => number): ComplexMatrix => ({ rows: n, cols: n, re: rr.map((_, k) => re(k)), im: rr.map((_, k) => im(k)) });
  return {
    ntk: matrix((k) => rr[k]! + ii[k]!, (k) => ir[k]! - ri[k]!),
    pseudo: matrix((k) => rr[k]! - ii[k]!, (k) => ri[k]! + ir[k]!),
    blocks: { rr, ri, ir, ii },
  };
}
