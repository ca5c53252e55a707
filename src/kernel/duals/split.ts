// The dual of a split activation g(Re z) + i g(Im z), from the real dual of g at three correlations.
import type { Activation, Parameters } from '../../catalog/activations/activation.ts';
import { worseMethod, type PreparedPair } from './dual.ts';
import { prepareRealDual, type RealDual } from './real-dual.ts';

/**
 * S = 2 k(Re rho) + i (k(Im rho) - k(-Im rho)) and A, B = (2 kd(Re rho) +- (kd(Im rho) + kd(-Im rho))) / 4,
 * with k the real dual for normals of variances a^2/2 and b^2/2: the parts of circular variables are
 * independent of each other within one and correlate by Re rho and +-Im rho between two.
 */
export function prepareSplit(activation: Activation, p: Parameters, std: Float64Array): PreparedPair {
  const parts = std.map((s) => s * Math.SQRT1_2);
  const dual = prepareRealDual(activation.scalar!, p, parts);
  const re: RealDual = { k: 0, kd: 0, error: 0, method: 'closed' };
  const im: RealDual = { ...re };
  const minus: RealDual = { ...re };
  return (i, j, rhoRe, rhoIm, out) => {
    dual(i, j, rhoRe, re);
    dual(i, j, rhoIm, im);
    if (rhoIm === 0) Object.assign(minus, im);
    else dual(i, j, -rhoIm, minus);
    out.sRe = 2 * re.k;
    out.sIm = im.k - minus.k;
    const cross = im.kd + minus.kd;
    out.aRe = (2 * re.kd + cross) / 4;
    out.bRe = (2 * re.kd - cross) / 4;
    out.aIm = out.bIm = 0;
    out.error = Math.max(re.error, im.error, minus.error);
    out.method = worseMethod(re.method, worseMethod(im.method, minus.method));
  };
}

/** A real activation between real normals; only the real part of rho counts. */
export function prepareReal(activation: Activation, p: Parameters, std: Float64Array): PreparedPair {
  const dual = prepareRealDual(activation.scalar!, p, std);
  const at: RealDual = { k: 0, kd: 0, error: 0, method: 'closed' };
  return (i, j, rho, _im, out) => {
    dual(i, j, rho, at);
    out.sRe = at.k;
    out.aRe = at.kd;
    out.sIm = out.aIm = out.bRe = out.bIm = 0;
    out.error = at.error;
    out.method = at.method;
  };
}
