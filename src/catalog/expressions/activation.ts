// A user's own activation from its text: parameters { form, expression, ...numbers }. What structure it has is found from its values.
import type { Activation, AngularFunction, Kinks, Parameters, RadialFunction, ScalarFunction, Wirtinger } from '../activations/activation.ts';
import { equivariant } from '../activations/equivariant.ts';
import { realActivation, split, splitOfTwo } from '../activations/split.ts';
import type { ParameterValue } from '../../contract/graph.ts';
import { bendsOf, type Bends } from './bends.ts';
import { evaluator, isAnalytic } from './evaluate.ts';
import { notFinite, screened } from './screen.ts';
import { ExpressionFault, isReserved, parseExpression, type Tree } from './syntax.ts';

/** `scalar` is g(x) on real and imaginary part; `radial` h(r) with the phase kept; `general` phi(z); `real` g(x) of a real network. */
export const FORMS = ['scalar', 'radial', 'general', 'real'] as const;
export type Form = (typeof FORMS)[number];

const VARIABLES = { scalar: ['x'], real: ['x'], radial: ['r'], general: ['z', 'x', 'y', 'r', 'theta'] } as const;
const LONGEST_LABEL = 40;

const known = new Map<string, Activation>();
const MOST_KEPT = 64;

/**
 * The activation that `expression` writes down.
 * @throws ExpressionFault (a Fault of kind bad-input) where the text is no expression, or is not finite at ordinary points; its message names the place.
 */
export function expressionActivation(given: Readonly<Record<string, ParameterValue>>): Activation {
  const key = JSON.stringify(given);
  const found = known.get(key);
  if (found) return found;
  const made = make(given);
  if (known.size >= MOST_KEPT) known.delete(known.keys().next().value!);
  known.set(key, made);
  return made;
}

function make(given: Readonly<Record<string, ParameterValue>>): Activation {
  const { form, expression, ...rest } = given;
  if (typeof expression !== 'string') throw new ExpressionFault('An activation "expression" needs the parameter expression, a text such as "z * exp(-abs(z)^2)".', 0, 0);
  if (!FORMS.includes(form as Form)) throw new ExpressionFault(`The form of the expression is ${JSON.stringify(form ?? null)}; expected "scalar" (of x), "radial" (of r) or "general" (of z).`, 0, expression.length);
  const fault = (message: string, start: number, end: number): ExpressionFault =>
    new ExpressionFault(`In the expression ${JSON.stringify(expression.length > 80 ? `${expression.slice(0, 77)}...` : expression)}, character ${start + 1}: ${message}.`, start, end);
  for (const [name, value] of Object.entries(rest)) {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw new ExpressionFault(`The parameter ${name} of the expression is ${JSON.stringify(value)}; expected a number.`, 0, expression.length);
    if (isReserved(name)) throw new ExpressionFault(`A parameter of the expression is called ${name}, which means something else there; expected another name.`, 0, expression.length);
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) throw new ExpressionFault(`A parameter of the expression is called ${JSON.stringify(name)}; expected a name of letters, digits and underscores.`, 0, expression.length);
  }
  const parameters = rest as Record<string, number>;
  const real = form !== 'general';
  let tree: Tree;
  try {
    tree = parseExpression(expression, { real, variables: VARIABLES[form as Form], parameters: Object.keys(parameters) });
  } catch (e) {
    throw e instanceof ExpressionFault ? fault(e.message, e.start, e.end) : e;
  }
  const bends = bendsOf(tree, parameters, real);
  const what = { form: form as Form, text: expression, tree, parameters, bends };
  const activation = formed(what);
  const bad = notFinite(activation.evaluate, parameters);
  if (bad) {
    const [x, y] = bad.map((v) => Number(v.toFixed(2)));
    const where = form === 'general' ? `z = ${x} ${y! < 0 ? '-' : '+'} ${Math.abs(y!)}i` : form === 'radial' ? `r = ${Math.hypot(x!, y!).toFixed(2)}` : `x = ${x}`;
    throw fault(`it is not a finite number at or near ${where}, which a preactivation meets`, 0, expression.length);
  }
  return activation;
}

interface Formed {
  form: Form;
  text: string;
  tree: Tree;
  parameters: Record<string, number>;
  bends: Bends;
}

function formed({ form, text, tree, parameters, bends }: Formed): Activation {
  const label = text.length > LONGEST_LABEL ? `${text.slice(0, LONGEST_LABEL - 3)}...` : text;
  const id = `expression ${form} ${text}`;
  const notes = ['Written by the user.', ...bends.unknown.map((t) => `The function may bend${bends.mayJump ? ' or jump' : ''} where ${JSON.stringify(text.slice(t.start, t.end))} does, at places that are not known beforehand.`)];
  const at = (p: Parameters): Bends => (Object.keys(parameters).every((k) => p[k] === parameters[k]) ? bends : bendsOf(tree, p, form !== 'general'));
  const common = { id, label, parameters, formula: text, notes };
  if (form === 'general') return structured({ ...common, evaluate: safe(evaluator(tree, false)) }, tree, bends, at);

  const run = evaluator(tree, true);
  const out = new Float64Array(6);
  const value = (x: number, p: Parameters): number => {
    run(x, 0, p, out);
    return out[0]!;
  };
  const derivative = (x: number, p: Parameters): number => {
    run(x, 0, p, out);
    return out[2]! + out[4]!;
  };
  if (form === 'radial') {
    const radial: RadialFunction = { value, derivative, ratio: ratioOf(value, derivative), kinks: (p) => at(p).kinks.x.filter((r) => r > 0) };
    return checked(equivariant({ ...common, radial, jumps: jumpsAt(bends, (x) => value(x, parameters)) }), at);
  }
  const scalar: ScalarFunction = { id, label, parameters, value, derivative, kinks: (p) => at(p).kinks.x, formula: text, jumps: jumpsAt(bends, (x) => value(x, parameters)), notes };
  const own = form === 'real' ? realActivation(scalar) : split(scalar);
  return checked({ ...own, ...common, notes: form === 'real' ? notes : [...notes, ...own.notes.slice(0, 1)] }, at, split(scalar).evaluate);
}

/** h(r)/r; near 0 by the derivative, where the quotient would lose what h lost. */
const ratioOf = (value: (r: number, p: Parameters) => number, derivative: (r: number, p: Parameters) => number) => (r: number, p: Parameters): number => {
  if (r > 1e-5) return value(r, p) / r;
  const h = value(r, p);
  if (r > 0 && Math.abs(h) > 1e-2 * Math.sqrt(r)) return h / r;
  return (derivative(r, p) + derivative(0, p)) / 2;
};

/** Without a value at 0 (z/|z|) the value there is 0, as libraries have it. */
const safe = (phi: Wirtinger): Wirtinger => (x, y, p, out) => {
  phi(x, y, p, out);
  if (x === 0 && y === 0) for (let k = 0; k < 6; k++) if (!Number.isFinite(out[k]!)) out[k] = 0;
};

/** Whether a difference across a bend stays as the two sides close in: a root's shrinks, if slowly. */
const stays = (across: (e: number) => number): boolean => across(1e-11) > 1e-6 && across(1e-11) > 0.5 * across(1e-7);

/** Whether the value differs on the two sides of a known bend on the line. */
function jumpsAt(bends: Bends, value: (x: number) => number): boolean {
  return bends.mayJump || bends.kinks.x.some((k) => stays((e) => Math.abs(value(k - e * (1 + Math.abs(k))) - value(k + e * (1 + Math.abs(k))))));
}

function jumpsInPlane(bends: Bends, phi: Wirtinger, p: Parameters): boolean {
  if (bends.mayJump) return true;
  const out = new Float64Array(6);
  const differ = (x: number, y: number, dx: number, dy: number): boolean => stays((e) => {
    const step = e * (1 + Math.hypot(x, y));
    phi(x - step * dx, y - step * dy, p, out);
    const [re, im] = [out[0]!, out[1]!];
    phi(x + step * dx, y + step * dy, p, out);
    return Math.hypot(re - out[0]!, im - out[1]!);
  });
  const places = [-2.3, -0.7, 0.6, 1.9];
  const { x, y, radii, angles } = bends.kinks;
  return x.some((k) => places.some((q) => differ(k, q, 1, 0))) || y.some((k) => places.some((q) => differ(q, k, 0, 1)))
    || radii.some((r) => places.some((q) => differ(r * Math.cos(q), r * Math.sin(q), Math.cos(q), Math.sin(q))))
    || angles.some((t) => [0.4, 1.1, 2.7].some((r) => differ(r * Math.cos(t), r * Math.sin(t), -Math.sin(t), Math.cos(t))));
}

/** With the limit found by screening. */
function checked(a: Activation, at: (p: Parameters) => Bends, phi: Wirtinger = a.evaluate): Activation {
  const limits = new Map<string, ReturnType<Activation['limit']>>();
  return {
    ...a,
    limit(p) {
      const key = Object.keys(a.parameters).map((k) => p[k]).join(' ');
      const found = limits.get(key) ?? screened(phi, p, at(p).kinks);
      limits.set(key, found);
      return found;
    },
  };
}

/** Fixed points that no formula singles out, and a turn and a scale for each. */
const SAMPLES = [[0.31, 0.47, 0.9, 1.7], [-1.13, 0.58, 2.1, 0.4], [0.77, -1.91, -1.3, 2.6], [-0.29, -0.83, 0.5, 0.7], [2.07, 1.36, -2.7, 1.2], [-2.41, 0.19, 1.9, 0.3], [0.11, 1.57, 3.0, 3.1], [1.61, -0.07, -0.4, 0.9]] as const;

/** A general phi, given the faster and more exact dual of its structure where its values show one and its bends are known. */
function structured(d: Pick<Activation, 'id' | 'label' | 'parameters' | 'formula' | 'notes' | 'evaluate'>, tree: Tree, bends: Bends, at: (p: Parameters) => Bends): Activation {
  const { evaluate: phi, parameters } = d;
  const out = new Float64Array(6);
  const valueAt = (x: number, y: number): [number, number] => {
    phi(x, y, parameters, out);
    return [out[0]!, out[1]!];
  };
  const same = ([a, b]: readonly [number, number], [c, e]: readonly [number, number]): boolean => Math.hypot(a - c, b - e) <= 1e-12 * (1e-3 + Math.hypot(a, b));
  const every = (test: (x: number, y: number, turn: number, scale: number) => boolean): boolean => SAMPLES.every(([x, y, turn, scale]) => test(x, y, turn, scale));
  const general: Activation = checked({
    ...d,
    field: 'complex',
    ...(tree.kind === 'complex' ? {} : { output: 'real' as const }),
    structure: [isAnalytic(tree) ? 'holomorphic' : 'general'],
    kinks: (p) => at(p).kinks,
    jumps: jumpsInPlane(bends, phi, parameters),
    limit: () => ({ exists: 'ntk' }),
  }, at);
  if (bends.unknown.length > 0) return general;
  const { x, y, radii, angles } = bends.kinks;

  // A value of its own needs a buffer of its own: the closures below call each other's.
  const w = new Float64Array(6);
  const evaluate = (u: number, v: number, p: Parameters): Float64Array => {
    phi(u, v, p, w);
    return w;
  };

  if (tree.kind === 'complex' && radii.length + angles.length === 0 && every((u, v, _t, s) => {
    const whole = valueAt(u, v);
    return same([whole[0], 0], [valueAt(u, s)[0], 0]) && same([0, whole[1]], [0, valueAt(s, v)[1]]);
  })) {
    const part = (imaginary: boolean): ScalarFunction => {
      const k = imaginary ? 1 : 0;
      // g' = phi_z + phi_zbar along x; along y i (phi_z - phi_zbar), of which the imaginary part.
      return {
        id: d.id, label: d.label, parameters, formula: d.formula,
        value: (t, p) => evaluate(imaginary ? 0.5 : t, imaginary ? t : 0.5, p)[k]!,
        derivative: (t, p) => (imaginary ? (evaluate(0.5, t, p), w[2]! - w[4]!) : (evaluate(t, 0.5, p), w[2]! + w[4]!)),
        kinks: (p) => at(p).kinks[imaginary ? 'y' : 'x'],
      };
    };
    const two = splitOfTwo({ id: d.id, label: d.label, parameters, formula: d.formula, notes: d.notes }, part(false), part(true));
    return { ...general, structure: every((u, v, _t, s) => scales(valueAt, same, u, v, s)) ? ['split', 'homogeneous'] : ['split'], scalar: two.scalar!, imaginary: two.imaginary! };
  }

  const equal = every((u, v, turn) => {
    const [c, s] = [Math.cos(turn), Math.sin(turn)];
    const [re, im] = valueAt(u, v);
    return same(valueAt(c * u - s * v, s * u + c * v), [c * re - s * im, s * re + c * im]);
  });
  const onAxis = equal && every((u) => Math.abs(valueAt(Math.abs(u), 0)[1]) <= 1e-13 * Math.abs(valueAt(Math.abs(u), 0)[0]));
  if (onAxis && x.length + y.length + angles.length === 0) {
    const value = (r: number, p: Parameters): number => evaluate(r, 0, p)[0]!;
    const derivative = (r: number, p: Parameters): number => (evaluate(r, 0, p), w[2]! + w[4]!);
    const radial: RadialFunction = { value, derivative, ratio: ratioOf(value, derivative), kinks: (p) => at(p).kinks.radii };
    return { ...general, structure: ['equivariant'], radial };
  }

  const rays = raysOf({ x, y, angles, radii });
  if (rays && every((u, v, _t, s) => scales(valueAt, same, u, v, s))) {
    const angular: AngularFunction = {
      value: (theta, p) => [evaluate(Math.cos(theta), Math.sin(theta), p)[0]!, w[1]!],
      // i (z phi_z - zbar phi_zbar) on the unit circle.
      derivative(theta, p) {
        const [c, s] = [Math.cos(theta), Math.sin(theta)];
        evaluate(c, s, p);
        const re = c * w[2]! - s * w[3]! - (c * w[4]! + s * w[5]!);
        const im = c * w[3]! + s * w[2]! - (c * w[5]! - s * w[4]!);
        return [-im, re];
      },
      kinks: (p) => raysOf(at(p).kinks) ?? [],
      jumps: general.jumps,
    };
    return { ...general, structure: ['homogeneous'], angular };
  }
  return general;
}

/** phi(s z) = s phi(z) for s > 0. */
function scales(valueAt: (x: number, y: number) => [number, number], same: (a: readonly [number, number], b: readonly [number, number]) => boolean, x: number, y: number, s: number): boolean {
  const [re, im] = valueAt(x, y);
  return same(valueAt(s * x, s * y), [s * re, s * im]);
}

/** The bends as rays from 0, or null where some are not. */
function raysOf({ x = [], y = [], radii = [], angles = [] }: Kinks): number[] | null {
  if (radii.length > 0 || x.some((v) => v !== 0) || y.some((v) => v !== 0)) return null;
  return [...angles, ...(x.length > 0 ? [Math.PI / 2, -Math.PI / 2] : []), ...(y.length > 0 ? [0, Math.PI] : [])];
}
