// A closed wheel of hues of constant lightness for arguments in (-pi, pi]. Made here from OKLCH, no licence of others.
import { fromOklch, pixel, sampled } from './table.ts';

/** Lightness and chroma that sRGB holds at every hue, so that nothing is clipped. */
const LIGHTNESS = 0.72;
const CHROMA = 0.118;

/** 256 pixels; row i stands for the argument -pi + 2 pi i / 256, and the last is one step before the first. */
export const phase: Uint32Array = sampled((t) => fromOklch(LIGHTNESS, CHROMA, 2 * Math.PI * t + Math.PI), true);

/** For entries whose argument says nothing, being as small as their error. Same lightness, no hue. */
export const PHASE_UNKNOWN: number = pixel(fromOklch(LIGHTNESS, 0, 0));
