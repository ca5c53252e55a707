// The NTK of one finite dense network, from Grams of activations and of back-propagated signals. Draws nothing, compares nothing.
// Wirtinger: df = delta dh + eps conj(dh) at each layer, so that a layer's weights add
//   s (p o K + q o conj K) to Theta,  s (r o K + r^T o conj K) to the pseudo-kernel,
// with K = <z, z'>/fan_in, p = <delta, delta'>, q = <eps, eps'>, r = sum delta eps'; no Jacobian is ever formed.
import type { InputSet } from '../contract/inputs.ts';
import type { ComplexMatrix } from '../contract/matrix.ts';
import type { Backend } from './backend.ts';
import type { DenseLayer, DenseNetwork, LayerWeights, Pace } from './dense.ts';
import { times, transposedTimes, type Matrix32 } from './products.ts';

export interface EmpiricalNtk {
  /** n x n, Hermitian: Theta_n(x, x') = sum over real parameters of df(x) conj df(x'). Without `im` for a real network. */
  ntk: ComplexMatrix;
  /** n x n, symmetric: sum of df(x) df(x'); null for a real network, where it is the same. */
  pseudo: ComplexMatrix | null;
}

type Samples = Pick<InputSet, 'samples' | 're' | 'im'>;

/**
 * Empirical NTK of the network's single output unit, float32 products summed in float64.
 * @param weights as drawWeights makes them, for inputs of the samples' row length.
 */
export async function empiricalNtk(network: DenseNetwork, weights: readonly LayerWeights[], inputs: Samples, backend: Backend, pace: Pace): Promise<EmpiricalNtk> {
  const n = inputs.samples;
  return network.field === 'complex' ? complexNtk(network, weights, inputs, n, backend, pace) : realNtk(network, weights, inputs, n, backend, pace);
}

/** Samples as columns: entry (feature, part n + sample). Units come first so that W multiplies from the left, untransposed. */
function columns(parts: Float64Array[], n: number): Matrix32 {
  const rows = parts[0]!.length / n;
  const cols = parts.length * n;
  const data = new Float32Array(rows * cols);
  for (const [part, values] of parts.entries()) {
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < rows; j++) data[j * cols + part * n + i] = values[i * rows + j]!;
    }
  }
  return { rows, cols, data };
}

const matrix = (w: LayerWeights, data: Float32Array): Matrix32 => ({ rows: w.units, cols: w.fanIn, data });

async function complexNtk(network: DenseNetwork, weights: readonly LayerWeights[], inputs: Samples, n: number, backend: Backend, pace: Pace): Promise<EmpiricalNtk> {
  let z = columns([inputs.re, inputs.im], n); // [Re z | Im z]
  const grams: Float64Array[] = [];
  const slopes: (Float32Array | null)[] = [];
  for (const [l, layer] of network.layers.entries()) {
    const w = weights[l]!;
    grams.push(await transposedTimes(z, z, backend, pace));
    if (l === network.layers.length - 1) break; // the value of f is not needed
    const byP = await times(matrix(w, w.p), z, backend, pace);
    const byQ = await times(matrix(w, w.q!), z, backend, pace);
    const scale = Math.sqrt(layer.weightVariance / (2 * w.fanIn));
    const biasScale = Math.sqrt(layer.biasVariance / 2);
    for (let j = 0; j < w.units; j++) {
      const p = w.biasP ? biasScale * w.biasP[j]! : 0;
      const q = w.biasQ ? biasScale * w.biasQ[j]! : 0;
      for (let re = j * 2 * n, im = re + n, i = 0; i < n; i++, re++, im++) {
        const x = scale * (byP[re]! - byQ[im]!) + p;
        byP[im] = scale * (byP[im]! + byQ[re]!) + q;
        byP[re] = x;
      }
    }
    slopes.push(layer.activation ? await applyComplex(layer, byP, n, pace) : null);
    z = { rows: w.units, cols: 2 * n, data: byP };
  }

  const ntk: Required<ComplexMatrix> = { rows: n, cols: n, re: new Float64Array(n * n), im: new Float64Array(n * n) };
  const pseudo: Required<ComplexMatrix> = { rows: n, cols: n, re: new Float64Array(n * n), im: new Float64Array(n * n) };
  let signal: Matrix32 = { rows: 1, cols: 4 * n, data: new Float32Array(4 * n).fill(1, 0, n) }; // [Re delta | Im delta | Re eps | Im eps]
  for (let l = network.layers.length - 1; l >= 0; l--) {
    const layer = network.layers[l]!;
    const w = weights[l]!;
    addLayer(ntk, pseudo, await transposedTimes(signal, signal, backend, pace), grams[l]!, n, layer.weightVariance / w.fanIn, layer.biasVariance);
    if (l === 0) break;
    const byP = await transposedTimes(signal, matrix(w, w.p), backend, pace);
    const byQ = await transposedTimes(signal, matrix(w, w.q!), backend, pace);
    signal = backward(byP, byQ, slopes[l - 1]!, n, w.fanIn, Math.sqrt(layer.weightVariance / (2 * w.fanIn)));
    await pace();
  }
  return { ntk, pseudo };
}

/** Replaces h by phi(h) in place, evaluated in float64; returns [Re phi_z | Im phi_z | Re phi_zbar | Im phi_zbar] per unit. */
async function applyComplex({ activation, parameters }: DenseLayer, h: Float32Array, n: number, pace: Pace): Promise<Float32Array> {
  const units = h.length / (2 * n);
  const slopes = new Float32Array(units * 4 * n);
  const at = new Float64Array(6);
  for (let j = 0; j < units; j++) {
    for (let re = j * 2 * n, im = re + n, s = j * 4 * n, i = 0; i < n; i++, re++, im++, s++) {
      activation!.evaluate(h[re]!, h[im]!, parameters, at);
      h[re] = at[0]!;
      h[im] = at[1]!;
      slopes[s] = at[2]!;
      slopes[s + n] = at[3]!;
      slopes[s + 2 * n] = at[4]!;
      slopes[s + 3 * n] = at[5]!;
    }
    if (j % 64 === 63) await pace();
  }
  return slopes;
}

/**
 * Signals of the layer below: with u = delta W, v = eps conj(W),
 * delta' = u phi_z + v conj(phi_zbar) and eps' = u phi_zbar + v conj(phi_z).
 * @param byP signal^T P, 4n x units below; byQ the same with Q.
 */
function backward(byP: Float64Array, byQ: Float64Array, slopes: Float32Array | null, n: number, units: number, scale: number): Matrix32 {
  const data = new Float32Array(units * 4 * n);
  for (let i = 0; i < n; i++) {
    const [dr, di, er, ei] = [i * units, (i + n) * units, (i + 2 * n) * units, (i + 3 * n) * units];
    for (let j = 0; j < units; j++) {
      const ur = scale * (byP[dr + j]! - byQ[di + j]!);
      const ui = scale * (byQ[dr + j]! + byP[di + j]!);
      const vr = scale * (byP[er + j]! + byQ[ei + j]!);
      const vi = scale * (byP[ei + j]! - byQ[er + j]!);
      const s = j * 4 * n + i;
      if (slopes === null) {
        data[s] = ur;
        data[s + n] = ui;
        data[s + 2 * n] = vr;
        data[s + 3 * n] = vi;
        continue;
      }
      const [ar, ai, br, bi] = [slopes[s]!, slopes[s + n]!, slopes[s + 2 * n]!, slopes[s + 3 * n]!];
      data[s] = ur * ar - ui * ai + vr * br + vi * bi;
      data[s + n] = ur * ai + ui * ar + vi * br - vr * bi;
      data[s + 2 * n] = ur * br - ui * bi + vr * ar + vi * ai;
      data[s + 3 * n] = ur * bi + ui * br + vi * ar - vr * ai;
    }
  }
  return { rows: units, cols: 4 * n, data };
}

/** One layer's terms. `signals` is 4n x 4n, `gram` 2n x 2n; `s` is s_w^2/fan_in. */
function addLayer(ntk: Required<ComplexMatrix>, pseudo: Required<ComplexMatrix>, signals: Float64Array, gram: Float64Array, n: number, s: number, b2: number): void {
  const g = (a: number, i: number, b: number, j: number): number => signals[(a * n + i) * 4 * n + b * n + j]!;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      const kr = s * (gram[i * 2 * n + j]! + gram[(n + i) * 2 * n + n + j]!);
      const ki = s * (gram[(n + i) * 2 * n + j]! - gram[i * 2 * n + n + j]!);
      const pr = g(0, i, 0, j) + g(1, i, 1, j);
      const pi = g(1, i, 0, j) - g(0, i, 1, j);
      const qr = g(2, i, 2, j) + g(3, i, 3, j);
      const qi = g(3, i, 2, j) - g(2, i, 3, j);
      // r = sum_k delta_k(x_i) eps_k(x_j), t its transpose
      const rr = g(0, i, 2, j) - g(1, i, 3, j);
      const ri = g(0, i, 3, j) + g(1, i, 2, j);
      const tr = g(0, j, 2, i) - g(1, j, 3, i);
      const ti = g(0, j, 3, i) + g(1, j, 2, i);
      const here = i * n + j;
      const mirror = j * n + i;
      const re = kr * (pr + qr) - ki * (pi - qi) + b2 * (pr + qr);
      const im = i === j ? 0 : kr * (pi + qi) + ki * (pr - qr) + b2 * (pi + qi);
      const pseudoRe = kr * (rr + tr) - ki * (ri - ti) + b2 * (rr + tr);
      const pseudoIm = kr * (ri + ti) + ki * (rr - tr) + b2 * (ri + ti);
      ntk.re[here]! += re;
      ntk.im[here]! += im;
      pseudo.re[here]! += pseudoRe;
      pseudo.im[here]! += pseudoIm;
      if (i === j) continue;
      ntk.re[mirror]! += re;
      ntk.im[mirror]! -= im;
      pseudo.re[mirror]! += pseudoRe;
      pseudo.im[mirror]! += pseudoIm;
    }
  }
}

async function realNtk(network: DenseNetwork, weights: readonly LayerWeights[], inputs: Samples, n: number, backend: Backend, pace: Pace): Promise<EmpiricalNtk> {
  let z = columns([inputs.re], n);
  const grams: Float64Array[] = [];
  const slopes: (Float32Array | null)[] = [];
  for (const [l, layer] of network.layers.entries()) {
    const w = weights[l]!;
    grams.push(await transposedTimes(z, z, backend, pace));
    if (l === network.layers.length - 1) break;
    const h = await times(matrix(w, w.p), z, backend, pace);
    const scale = Math.sqrt(layer.weightVariance / w.fanIn);
    const biasScale = Math.sqrt(layer.biasVariance);
    const slope = layer.activation ? new Float32Array(h.length) : null;
    const at = new Float64Array(6);
    for (let j = 0; j < w.units; j++) {
      const p = w.biasP ? biasScale * w.biasP[j]! : 0;
      for (let k = j * n; k < (j + 1) * n; k++) {
        h[k] = scale * h[k]! + p;
        if (slope === null) continue;
        layer.activation!.evaluate(h[k]!, 0, layer.parameters, at);
        h[k] = at[0]!;
        slope[k] = at[2]! + at[4]!;
      }
      if (j % 64 === 63) await pace();
    }
    slopes.push(slope);
    z = { rows: w.units, cols: n, data: h };
  }

  const theta = new Float64Array(n * n);
  let signal: Matrix32 = { rows: 1, cols: n, data: new Float32Array(n).fill(1) };
  for (let l = network.layers.length - 1; l >= 0; l--) {
    const layer = network.layers[l]!;
    const w = weights[l]!;
    const p = await transposedTimes(signal, signal, backend, pace);
    const gram = grams[l]!;
    for (let i = 0; i < n; i++) {
      for (let j = i; j < n; j++) {
        const term = p[i * n + j]! * ((layer.weightVariance / w.fanIn) * gram[i * n + j]! + layer.biasVariance);
        theta[i * n + j]! += term;
        if (i !== j) theta[j * n + i]! += term;
      }
    }
    if (l === 0) break;
    const down = await transposedTimes(signal, matrix(w, w.p), backend, pace);
    const scale = Math.sqrt(layer.weightVariance / w.fanIn);
    const slope = slopes[l - 1]!;
    const data = new Float32Array(w.fanIn * n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < w.fanIn; j++) data[j * n + i] = scale * down[i * w.fanIn + j]! * (slope === null ? 1 : slope[j * n + i]!);
    }
    signal = { rows: w.fanIn, cols: n, data };
    await pace();
  }
  return { ntk: { rows: n, cols: n, re: theta }, pseudo: null };
}
