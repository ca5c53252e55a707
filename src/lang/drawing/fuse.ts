// From steps to layers: arithmetic that amounts to a function of one signal becomes one activation. Knows no Python.
import type { TensorValue } from '../python/values.ts';
import { distinct, type Draft, type Drawing, type Run } from './drawing.ts';
import { input, partOf, substituted, type Formula } from './formula.ts';

/** Steps that one formula may take in; more are left as they are. */
const LONGEST = 200;

interface Fused {
  base: TensorValue;
  formula: Formula;
  /** Index of the steps taken in, the last one first. */
  steps: number[];
}

const without = ({ raw: _raw, ...d }: Draft): Draft => ({ ...d, reason: null });

/** Where arithmetic is no function of one signal it stays what it is: an unresolved step, or a sum. */
export function fused(drawing: Drawing): Drawing {
  const { drafts } = drawing;
  const found = new Map<number, Fused | null>();

  const isRaw = (t: TensorValue): boolean => t.from !== null && drafts[t.from]!.raw === true;
  const isPart = (t: TensorValue): boolean => t.from !== null && partOf(drafts[t.from]!.formula) !== null;

  /** The nearest signal of which step `i` is a function, number by number. */
  function fuse(i: number): Fused | null {
    const known = found.get(i);
    if (known !== undefined) return known;
    found.set(i, null);
    const d = drafts[i]!;
    if (!d.formula) return null;
    const steps = new Set([i]);
    const front = new Map<number | null, TensorValue>(d.inputs.map((t) => [t.from, t]));
    for (;;) {
      if (front.size === 1) {
        const [only] = front.values();
        if (!only || !isRaw(only) || isPart(only)) break;
        // Arithmetic on arithmetic of one signal: further back, unless that fails.
        const further = fuse(only.from!);
        if (!further) break;
        for (const s of further.steps) steps.add(s);
        front.clear();
        front.set(further.base.from, further.base);
        break;
      }
      if (front.size === 0 || steps.size > LONGEST || front.has(null) && front.size === 1) return null;
      const latest = Math.max(...[...front.keys()].map((k) => k ?? -1));
      if (latest < 0 || !drafts[latest]!.formula) return null;
      front.delete(latest);
      steps.add(latest);
      for (const t of drafts[latest]!.inputs) front.set(t.from, t);
    }
    const [base] = front.values();
    if (!base) return null;
    let size = 0;
    const of = (t: TensorValue): Formula => (t.from === base.from || t.from === null || !steps.has(t.from) ? input() : built(t.from));
    const built = (k: number): Formula => {
      if (++size > LONGEST) throw new RangeError('a formula that is too long');
      const { formula, inputs } = drafts[k]!;
      return substituted(formula!, (at) => of(inputs[at]!));
    };
    let formula: Formula;
    try {
      formula = built(i);
    } catch (e) {
      if (!(e instanceof RangeError)) throw e;
      return null;
    }
    const out = { base, formula, steps: [...steps] };
    found.set(i, out);
    return out;
  }

  const within = (t: TensorValue, run: Run): boolean => t.from !== null && drafts[t.from]!.runs?.includes(run) === true;
  /** Whether everything of this run that leads to a signal can be layers. */
  const readable = (t: TensorValue, run: Run): boolean => {
    if (!within(t, run)) return true;
    const d = drafts[t.from!]!;
    if (d.kind !== 'unresolved' || d.layer !== null) return d.inputs.every((s) => readable(s, run));
    const f = d.raw ? fuse(t.from!) : null;
    return f !== null && readable(f.base, run);
  };

  // A class without weights whose forward is not read is one step, not one for each sign in it.
  const whole = new Map<number, Draft>();
  const opaque = new Set<Run>();
  drafts.forEach((d, i) => {
    for (const run of d.ends ?? []) {
      if (run.weighted || whole.has(i) || readable({ t: 'tensor', from: i }, run)) continue;
      const members = drafts.filter((o) => o.runs?.includes(run));
      const inputs = members.flatMap((o) => o.inputs.filter((t) => !within(t, run)));
      const odd = members.find((o) => o.kind === 'unresolved' && o.layer === null);
      whole.set(i, { ...run.step, inputs: distinct(inputs), reason: run.step.reason && `${run.step.reason}${odd ? ` (line ${odd.span.line})` : ''}.` });
      opaque.add(run);
    }
  });

  // Which drafts are layers, from the outputs back. Parts and formulas that nothing reads are dropped.
  const used = new Array<number>(drafts.length).fill(0);
  for (const d of drafts) for (const t of d.inputs) if (t.from !== null) used[t.from]!++;
  const plan = new Map<number, Draft>();
  const waiting: number[] = [];
  const need = (t: TensorValue): void => { if (t.from !== null) waiting.push(t.from); };
  drawing.outputs.forEach(need);
  const inWhole = (i: number): boolean => drafts[i]!.runs?.some((r) => opaque.has(r)) ?? false;
  // What no layer object computes and no output needs is no part of the network: prints, plots, masks.
  drafts.forEach((d, i) => { if (!d.raw && !(d.formula && used[i]! > 0) && !inWhole(i) && (d.layer !== null || drawing.outputs.length === 0)) waiting.push(i); });
  for (let i = waiting.pop(); i !== undefined; i = waiting.pop()) {
    if (plan.has(i)) continue;
    const planned = whole.get(i) ?? asLayer(i);
    plan.set(i, planned);
    planned.inputs.forEach(need);
  }

  function asLayer(i: number): Draft {
    const d = drafts[i]!;
    const arithmetic = d.raw || (d.kind === 'add' && d.inputs.some((t) => isRaw(t)));
    const f = arithmetic ? fuse(i) : null;
    if (!f) return d;
    if (partOf(f.formula) !== null && d.spelling) return { ...without(d), kind: 'read-out', inputs: [f.base] };
    // Named after the activations in it where they are one, and placed where the user's class or function is made.
    const names = new Set(f.steps.flatMap((s) => drafts[s]!.spelling?.text ?? []));
    const run = d.ends?.find((r) => !r.weighted && !within(f.base, r));
    const spelling = run ? null : names.size === 1 ? f.steps.map((s) => drafts[s]!.spelling).find((s) => s)! : null;
    return {
      ...without(run ? { ...d, ...run.step } : d), kind: 'activation', name: null, inputs: [f.base], formula: f.formula, fused: true, ...(f.steps.some((s) => drafts[s]!.trained) ? { trained: true } : {}), layer: null, activation: null, parameters: {},
      spelling: spelling && { ...spelling, row: { names: [spelling.text], kind: 'activation' } },
      ...(run ? { written: run.step.name! } : spelling ? { written: spelling.text } : {}),
    };
  }

  const now = new Map<number, number>();
  const order = [...plan.keys()].sort((a, b) => a - b);
  order.forEach((i, k) => now.set(i, k));
  const moved = (t: TensorValue): TensorValue => (t.from === null ? t : { ...t, from: now.get(t.from)! });
  return {
    ...drawing,
    drafts: order.map((i) => {
      const d = plan.get(i)!;
      return { ...d, inputs: d.inputs.map(moved), sharedWith: d.sharedWith === null ? null : (now.get(d.sharedWith) ?? null) };
    }),
    outputs: drawing.outputs.map(moved),
  };
}
