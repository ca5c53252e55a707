// The duals of a real activation and of a split one g(Re z) + i h(Im z), from real duals at Re rho and +-Im rho. Knows no scalar.
import type { Activation, Parameters } from '../../catalog/activations/activation.ts';
import type { DualOptions, DualOutcome, PreparedDual } from './dual.ts';
import { CLOSED_ERROR } from './closed-scalars.ts';
import { piecesOf } from './pieces.ts';
import { realDuals, type RealDualOutput } from './real-dual.ts';

const NONE = new Float64Array(0);

/** Scratch of one prepared dual, grown to the largest block met. */
function scratch(): (count: number, planes: number) => Float64Array[] {
  let held: Float64Array[] = [];
  return (count, planes) => {
    while (held.length < planes) held.push(new Float64Array(count));
    if (held[0]!.length < count) held = held.map(() => new Float64Array(count));
    return held;
  };
}

/**
 * phi = g(Re z) + i h(Im z). With k_fg(c) = E[f(X) g(Y)] for real normals of variances a^2/2 and b^2/2, and kd the same of the derivatives:
 * Re S = k_gg(Re rho) + k_hh(Re rho), Im S = k_hg(Im rho) - k_gh(-Im rho),
 * A, B = (kd_gg(Re rho) + kd_hh(Re rho) +- (kd_hg(Im rho) + kd_gh(-Im rho))) / 4,
 * for the parts of circular variables are independent within one, and between two correlate by Re rho (like parts), Im rho (Im u, Re v)
 * and -Im rho (Re u, Im v). The error of B is in units of A: B itself may vanish.
 */
export function prepareSplit(activation: Activation, p: Parameters, std: Float64Array, { derivatives, real, workspace }: DualOptions): PreparedDual {
  const slopes = workspace && !activation.imaginary ? piecesOf(activation.scalar!, p)?.slopes : null;
  if (workspace && slopes) {
    const both = { same: slopes.right ** 2 + slopes.left ** 2, crossed: 2 * slopes.right * slopes.left };
    return ({ count, left, right, re, im, aRe, aIm, bRe, bIm }) => {
      workspace.splitArcCosine(count, left, right, std, both, re, im, aRe, bRe, derivatives, real);
      if (derivatives) {
        aIm.fill(0, 0, count);
        bIm.fill(0, 0, count);
      }
      return { error: 2 * CLOSED_ERROR, method: 'closed' };
    };
  }
  const parts = std.map((s) => s * Math.SQRT1_2);
  const g = activation.scalar!;
  const h = activation.imaginary ?? g;
  const dual = realDuals(p, parts);
  const planes = scratch();
  const want = (plane: Float64Array): Float64Array => (derivatives ? plane : NONE);
  // A's error: four real duals of error e at kd(1) in A = (...)/4, over A_aa >= kd(1)/2.
  const finish = (outcome: DualOutcome): DualOutcome => ({ error: 2 * outcome.error, method: outcome.method });

  if (h === g) {
    const gg = dual(g, g);
    return ({ count, left, right, re, im, aRe, aIm, bRe, bIm }) => {
      const [k, kd, plus, plusD, minus, minusD] = planes(count, 6) as [Float64Array, Float64Array, Float64Array, Float64Array, Float64Array, Float64Array];
      const outcome: DualOutcome = { error: 0, method: 'closed' };
      gg({ count, left, right, c: re }, { k, kd: want(kd), minusK: NONE, minusKd: NONE }, outcome);
      if (!real || derivatives) {
        const output: RealDualOutput = { k: real ? NONE : plus, minusK: real ? NONE : minus, kd: want(plusD), minusKd: want(minusD) };
        gg({ count, left, right, c: im }, output, outcome);
      }
      for (let t = 0; t < count; t++) {
        re[t] = 2 * k[t]!;
        im[t] = real ? 0 : plus[t]! - minus[t]!;
      }
      if (derivatives) {
        for (let t = 0; t < count; t++) {
          const cross = plusD[t]! + minusD[t]!;
          aRe[t] = (2 * kd[t]! + cross) / 4;
          bRe[t] = (2 * kd[t]! - cross) / 4;
          aIm[t] = bIm[t] = 0;
        }
      }
      return finish(outcome);
    };
  }

  const [gg, hh, hg, gh] = [dual(g, g), dual(h, h), dual(h, g), dual(g, h)];
  return ({ count, left, right, re, im, aRe, aIm, bRe, bIm }) => {
    const [k1, d1, k2, d2, k3, d3, k4, d4] = planes(count, 8) as Float64Array[] & { length: 8 };
    const outcome: DualOutcome = { error: 0, method: 'closed' };
    const atRe = { count, left, right, c: re };
    const atIm = { count, left, right, c: im };
    gg(atRe, { k: k1!, kd: want(d1!), minusK: NONE, minusKd: NONE }, outcome);
    hh(atRe, { k: k2!, kd: want(d2!), minusK: NONE, minusKd: NONE }, outcome);
    hg(atIm, { k: k3!, kd: want(d3!), minusK: NONE, minusKd: NONE }, outcome);
    gh(atIm, { k: NONE, kd: NONE, minusK: k4!, minusKd: want(d4!) }, outcome);
    for (let t = 0; t < count; t++) {
      re[t] = k1![t]! + k2![t]!;
      im[t] = k3![t]! - k4![t]!;
      if (!derivatives) continue;
      const like = d1![t]! + d2![t]!;
      const cross = d3![t]! + d4![t]!;
      aRe[t] = (like + cross) / 4;
      bRe[t] = (like - cross) / 4;
      aIm[t] = bIm[t] = 0;
    }
    return finish(outcome);
  };
}

/** A real activation between real normals; only the real part of rho counts. */
export function prepareReal(activation: Activation, p: Parameters, std: Float64Array, { derivatives, workspace }: DualOptions): PreparedDual {
  const slopes = workspace ? piecesOf(activation.scalar!, p)?.slopes : null;
  if (workspace && slopes) {
    const both = { same: slopes.right ** 2 + slopes.left ** 2, crossed: 2 * slopes.right * slopes.left };
    return ({ count, left, right, re, im, aRe, aIm, bRe, bIm }) => {
      workspace.arcCosine(count, left, right, std, both, re, re, aRe, derivatives);
      im.fill(0, 0, count);
      if (derivatives) for (const plane of [aIm, bRe, bIm]) plane.fill(0, 0, count);
      return { error: CLOSED_ERROR, method: 'closed' };
    };
  }
  const gg = realDuals(p, std)(activation.scalar!, activation.scalar!);
  const planes = scratch();
  return ({ count, left, right, re, im, aRe, aIm, bRe, bIm }) => {
    const [k] = planes(count, 1);
    const outcome: DualOutcome = { error: 0, method: 'closed' };
    gg({ count, left, right, c: re }, { k: k!, kd: derivatives ? aRe : NONE, minusK: NONE, minusKd: NONE }, outcome);
    for (let t = 0; t < count; t++) {
      re[t] = k![t]!;
      im[t] = 0;
      if (derivatives) aIm[t] = bRe[t] = bIm[t] = 0;
    }
    return outcome;
  };
}
