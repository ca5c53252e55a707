// The network against its real twin: real-channel gap and phase coupling. Knows no activation.
import type { Quantity } from '../contract/result.ts';
import { norm, type Hermitian } from './gram.ts';

/** ||Re Theta - Re Theta_twin|| / ||Theta_twin||, Frobenius norms over all entries. */
export function realChannelGap(ntk: Hermitian, twin: Hermitian, error: number): Quantity {
  let sum = 0;
  for (let i = 0; i < ntk.re.length; i++) sum += (ntk.re[i]! - twin.re[i]!) ** 2 + twin.im[i]! ** 2;
  const scale = Math.hypot(norm(twin.re), norm(twin.im));
  return ratio(Math.sqrt(sum), scale, 2 * error * ntk.n * largest(ntk));
}

/** ||Im Theta|| / ||Theta||. */
export function phaseCoupling(ntk: Hermitian, error: number): Quantity {
  const im = norm(ntk.im);
  return ratio(im, Math.hypot(norm(ntk.re), im), 2 * error * ntk.n * largest(ntk));
}

function ratio(top: number, scale: number, error: number): Quantity {
  if (scale === 0) return { value: null, method: 'closed', error: null, reason: 'the kernel is zero' };
  return { value: top / scale, method: 'closed', error: error / scale };
}

export function largest(k: Hermitian): number {
  let top = 0;
  for (let i = 0; i < k.re.length; i++) top = Math.max(top, Math.hypot(k.re[i]!, k.im[i]!));
  return top;
}
