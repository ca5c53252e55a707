// What drawn networks are trained towards: one output a class, or random numbers where there are no classes. Knows no network.
import { targetSet } from '../kernel/index.ts';
import type { Targets } from '../network/index.ts';

interface Labels {
  of: Int32Array;
  classes: number;
}

/** One-hot columns, minus their means unless `raw`: outputs of a read-out such as softmax have means of their own. */
export function oneHot({ of, classes }: Labels, raw: boolean): Targets {
  const n = of.length;
  const counts = new Float64Array(classes);
  for (const c of of) counts[c]!++;
  const re = new Float64Array(n * classes);
  for (let i = 0; i < n; i++) for (let c = 0; c < classes; c++) re[i * classes + c] = (of[i] === c ? 1 : 0) - (raw ? 0 : counts[c]! / n);
  return { re, im: null, outputs: classes, classes: of, description: `${classes} classes, one output each${raw ? '' : ', minus the mean'}` };
}

/** The random targets that the predicted training curves take too. */
export function drawnTargets(samples: number, complex: boolean, whyNone: string): Targets {
  const { base, targets } = targetSet(samples, null, complex, whyNone);
  return { re: base.re, im: complex ? base.im : null, outputs: 1, classes: null, description: targets[0]!.description };
}
