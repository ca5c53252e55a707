// The recursion of NNGP and NTK through a dense chain, for the network and for its real twin. Float64, deterministic.
import type { Method } from '../contract/result.ts';
import type { Chain, Step } from './chain.ts';
import { prepareDual, worseMethod } from './duals/index.ts';
import { newHermitian, type Hermitian } from './gram.ts';
import type { Pace } from './pace.ts';

/** What was met at one step of the network (not of its twin). */
export interface StepTrace {
  step: Step;
  /** Mean over the samples of the output's variance: E|h|^2 after dense, E|phi|^2 after an activation. */
  variance: number;
  /** Relative bound on it. */
  error: number;
  method: Method;
}

export interface Propagated {
  nngp: Hermitian | null;
  ntk: Hermitian | null;
  /** Relative bounds, carried through the recursion. */
  nngpError: number;
  ntkError: number;
  method: Method;
  trace: StepTrace[];
  /** Why a kernel is missing, and the layer that causes it. */
  missing: { nngp?: string; ntk?: string; layer: string } | null;
}

const ROUNDING = 2e-15;
/** Of one pair through one activation, in units of a pair through a dense layer. */
export const WORK_A_PAIR = 40;

/** A unit complex number, taken as 1, i, -1 or -i where it is one but for its rounding. */
function onCircle(x: number, y: number, rounding: number): [number, number] {
  if (Math.abs(y) <= rounding) return [Math.sign(x), 0];
  if (Math.abs(x) <= rounding) return [0, Math.sign(y)];
  return [x, y];
}

/**
 * Sigma^{l+1} = s K^l + s_b^2, K^l = S(Sigma^l), and the NTK forward:
 * Theta^{l+1} = Sigma^{l+1} + s (A o Theta^l + B o conj Theta^l), Theta^1 = Sigma^1
 * (the same sum as the backward rule, since dz = phi_z dh + phi_zbar conj(dh) and the pseudo-kernel of dh vanishes).
 * @param k0 Hermitian input kernel, and a relative bound on its entries; consumed. The twin is the same call on Re K0.
 */
export async function propagate(chain: Chain, k0: Hermitian, k0Error: number, pace: Pace): Promise<Propagated> {
  const n = k0.n;
  const sigma = k0; // K^l and Sigma^l in turn, in place
  let theta: Hermitian | null = null;
  const out: Propagated = { nngp: null, ntk: null, nngpError: k0Error, ntkError: k0Error, method: 'closed', trace: [], missing: null };
  let pending: { a: Hermitian; b: Hermitian } | null = null; // A and B of the last activation
  let hasTheta = true;
  for (const step of chain.steps) {
    if (step.kind === 'dense') {
      const { weightVariance: s, biasVariance: b2 } = step;
      const next: Hermitian | null = hasTheta ? (theta ?? newHermitian(n)) : null;
      for (let i = 0; i < n * n; i++) {
        sigma.re[i] = s * sigma.re[i]! + b2;
        sigma.im[i] = s * sigma.im[i]!;
        if (!next) continue;
        let tr = 0;
        let ti = 0;
        if (pending) {
          const [ar, ai, br, bi] = [pending.a.re[i]!, pending.a.im[i]!, pending.b.re[i]!, pending.b.im[i]!];
          const [xr, xi] = [next.re[i]!, next.im[i]!];
          tr = s * (ar * xr - ai * xi + br * xr + bi * xi);
          ti = s * (ar * xi + ai * xr + bi * xr - br * xi);
        }
        next.re[i] = sigma.re[i]! + tr;
        next.im[i] = sigma.im[i]! + ti;
      }
      pending = null;
      theta = next;
      await pace(n * n);
    } else {
      const applied = await applyActivation(step, sigma, hasTheta, out, pace);
      if (!applied) return out;
      hasTheta &&= applied.hasDerivatives;
      if (!hasTheta) theta = null;
      pending = applied.hasDerivatives ? applied : null;
    }
    out.trace.push({ step, variance: meanDiagonal(sigma), error: out.nngpError, method: out.method });
  }
  out.nngp = sigma;
  out.ntk = theta;
  return out;
}

const meanDiagonal = (k: Hermitian): number => {
  let sum = 0;
  for (let i = 0; i < k.n; i++) sum += k.re[i * k.n + i]!;
  return sum / k.n;
};

/** Replaces Sigma by S(Sigma) and returns A and B; null where not even the NNGP exists. */
async function applyActivation(
  step: Step & { kind: 'activation' },
  sigma: Hermitian,
  wanted: boolean,
  out: Propagated,
  pace: Pace,
): Promise<{ a: Hermitian; b: Hermitian; hasDerivatives: boolean } | null> {
  const n = sigma.n;
  const { activation, parameters, node } = step;
  const limit = activation.limit(parameters);
  if (limit.exists !== 'ntk') {
    out.missing ??= { layer: node.id, ...(limit.exists === 'none' ? { nngp: limit.reason } : {}), ntk: limit.reason };
    if (limit.exists === 'none') {
      out.missing.nngp = limit.reason;
      return null;
    }
  }
  const std = new Float64Array(n);
  for (let i = 0; i < n; i++) std[i] = Math.sqrt(Math.max(0, sigma.re[i * n + i]!));
  // Correlations. Within its own error of the unit circle a modulus is 1: two samples apart by a factor only, whose
  // dual bends or jumps there, would otherwise turn a rounding into its square root, layer by layer.
  const before = out.nngpError;
  const snap = 4 * before;
  let nearest = 1; // the least 1 - |rho| of the others
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      const at = i * n + j;
      const scale = std[i]! * std[j]!;
      let x = scale > 0 ? sigma.re[at]! / scale : 0;
      let y = scale > 0 ? sigma.im[at]! / scale : 0;
      const modulus = Math.hypot(x, y);
      if (i === j && scale > 0) [x, y] = [1, 0];
      else if (modulus >= 1 - snap) [x, y] = onCircle(x / modulus, y / modulus, snap);
      else nearest = Math.min(nearest, 1 - modulus);
      sigma.re[at] = x;
      sigma.im[at] = y;
    }
  }
  const dual = prepareDual(activation, parameters, std);
  const hasDerivatives = wanted && limit.exists === 'ntk';
  const a = newHermitian(hasDerivatives ? n : 0);
  const b = newHermitian(hasDerivatives ? n : 0);
  const one = newDual();
  let worst = 0;
  let steepest = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) {
      const at = i * n + j;
      const mirror = j * n + i;
      if ((j & 15) === 15) await pace(16 * WORK_A_PAIR);
      dual(i, j, sigma.re[at]!, sigma.im[at]!, one);
      out.method = worseMethod(out.method, one.method);
      worst = Math.max(worst, one.error);
      if (i === j) {
        one.sIm = one.aIm = one.bIm = 0;
        if (one.sRe > 0) steepest = Math.max(steepest, ((one.aRe + one.bRe) * std[i]! ** 2) / one.sRe);
      }
      sigma.re[at] = sigma.re[mirror] = one.sRe;
      sigma.im[at] = one.sIm;
      sigma.im[mirror] = -one.sIm;
      if (!hasDerivatives) continue;
      a.re[at] = a.re[mirror] = one.aRe;
      a.im[at] = one.aIm;
      a.im[mirror] = -one.aIm;
      b.re[at] = b.re[mirror] = one.bRe;
      b.im[at] = one.bIm;
      b.im[mirror] = -one.bIm;
    }
  }
  // An error of rho moves S by at most its slope at rho = 1 (the normalised map has non-negative coefficients). A kink of phi
  // makes A and B, a jump makes S too, run like sqrt(1 - |rho|): there the slope at the nearest pair bounds it.
  const bend = 1 / Math.sqrt(2 * nearest);
  const finite = !activation.jumps && Number.isFinite(steepest) && steepest > 0;
  const moved = Math.max(1, finite ? steepest : bend) * before;
  out.nngpError = moved + worst + ROUNDING;
  out.ntkError = out.ntkError + out.nngpError + Math.max(1, bend, finite ? steepest : 1) * before + worst + ROUNDING;
  return { a, b, hasDerivatives };
}
