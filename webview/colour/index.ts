// The colour maps a user can choose from, and the fixed ones. Never derived from the theme.
import { cividis } from './cividis.ts';
import { viridis } from './viridis.ts';

export { diverging } from './diverging.ts';
export { phase, PHASE_UNKNOWN } from './phase.ts';
export { css, fromPixel, lightness, pixel } from './table.ts';

export const SEQUENTIAL = { viridis, cividis };
export type SequentialName = keyof typeof SEQUENTIAL;
