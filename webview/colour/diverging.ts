// Blue, near-white, red for signed numbers: equal lightness at equal distance from zero. Made here from OKLCH, no licence of others.
import { fromOklch, sampled } from './table.ts';

const BLUE = (258 * Math.PI) / 180;
const RED = (28 * Math.PI) / 180;

/** 256 pixels; zero lies between the two middle ones. */
export const diverging: Uint32Array = sampled((t) => {
  const distance = Math.abs(2 * t - 1);
  const chroma = 0.15 * Math.sin(Math.PI * Math.min(0.72 * distance, 0.5));
  return fromOklch(0.97 - 0.56 * distance, chroma, t < 0.5 ? BLUE : RED);
});
