// How many channels or features, and how many axes, a signal has where its whole shape is not known: enough to see that two layers
// do not fit, and which are given vectors.
// Knows no framework.
import { positive, type Axes, type Parameters, type Shape } from '../../catalog/layers/layer.ts';
import type { LayerKind } from '../../contract/graph.ts';

/** Along the axis of channels, or along the last axis of vectors and sequences. */
export type Width = { of: 'channels' | 'features'; n: number } | null;

const KEEPS = new Set<LayerKind>(['activation', 'dropout', 'batch-norm', 'layer-norm', 'average-pool', 'max-pool']);
const isConvolution = (kind: LayerKind): boolean => kind.startsWith('conv');

/** Of a signal of this shape. */
function widthOf(shape: number[], axes: Axes): Width {
  if (shape.length === 0) return null;
  return shape.length === 1 ? { of: 'features', n: shape[0]! } : { of: 'channels', n: axes === 'channels-first' ? shape[0]! : shape.at(-1)! };
}

/** After a layer, from its shape where that is known. */
export function widthAfter(kind: LayerKind, p: Parameters, inputs: Width[], shape: Shape, axes: Axes): Width {
  if (shape) return widthOf(shape, axes);
  const [first] = inputs;
  const out = positive(p.outFeatures);
  if (isConvolution(kind)) return out === null ? null : { of: 'channels', n: out };
  if (kind === 'dense') return out === null ? null : { of: 'features', n: out };
  if (kind === 'global-average-pool') return first && { of: p.keepAxes === true ? 'channels' : 'features', n: first.n };
  if (KEEPS.has(kind)) return first ?? null;
  if (kind === 'add') return inputs.find((w) => w !== null) ?? null;
  if (kind === 'concat' && inputs.every((w): w is NonNullable<Width> => w !== null) && first) {
    const joins = p.axis === (axes === 'channels-first' && first.of === 'channels' ? 1 : -1) || (first.of === 'features' && p.axis === 1);
    return joins ? { of: first.of, n: inputs.reduce((a, w) => a + w.n, 0) } : null;
  }
  return null;
}

/** Why a layer does not fit to what comes in, where that is known. */
export function widthMismatch(kind: LayerKind, p: Parameters, [first]: Width[]): string | undefined {
  if (!first) return undefined;
  const asked = isConvolution(kind) && first.of === 'channels' ? positive(p.inFeatures) : kind === 'dense' && first.of === 'features' ? positive(p.inFeatures) : kind === 'batch-norm' ? positive(p.features) : null;
  return asked === null || asked === first.n ? undefined : `it expects ${asked} ${first.of}, its input has ${first.n}`;
}

/** How many axes a sample has after a layer whose output's shape is not known; null where that is not known either. */
export function rankAfter(kind: LayerKind, p: Parameters, inputs: (number | null)[]): number | null {
  const [first = null] = inputs;
  switch (kind) {
    case 'conv1d': return 2;
    case 'conv2d': return 3;
    case 'conv3d': return 4;
    case 'conv-transpose': return Array.isArray(p.kernel) ? p.kernel.length + 1 : null;
    case 'global-average-pool': return p.keepAxes === true ? first : 1;
    case 'flatten': {
      // Axes are counted with the batch.
      const [from, to] = [p.startAxis, p.endAxis].map((a) => (typeof a !== 'number' ? null : a < 0 ? (first === null ? null : a + first + 1) : a));
      if (p.startAxis === 1 && p.endAxis === -1) return 1;
      return from == null || to == null || first === null ? null : first - (to - from);
    }
    case 'reshape': return Array.isArray(p.shape) ? p.shape.length : null;
    // What is not read is taken to leave the axes as they are.
    case 'unresolved': case 'dense': case 'read-out': case 'add': case 'concat': return first;
    default: return KEEPS.has(kind) ? first : null;
  }
}
