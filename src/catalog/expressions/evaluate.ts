// A tree as a function with its Wirtinger derivatives: each node computes (f, f_z, f_zbar) from those of its parts, exactly. Knows no text.
import type { Parameters } from '../activations/activation.ts';
import * as analytic from '../activations/analytic.ts';
import type { Analytic } from '../activations/analytic.ts';
import { erf } from '../scalars/error-function.ts';
import * as smooth from '../scalars/smooth.ts';
import type { FunctionName, Kind, Tree } from './syntax.ts';

/** Computes a node into its slot: Re, Im of f, f_z, f_zbar. */
type Step = () => void;
interface Node {
  run: Step;
  slot: Float64Array;
}

/** Where and with which parameters the expression is evaluated. */
interface Point {
  x: number;
  y: number;
  p: Parameters;
}

interface RealFunction {
  value(x: number): number;
  derivative(x: number): number;
}
const NONE: Parameters = {};
const scalarOf = (g: { value(x: number, p: Parameters): number; derivative(x: number, p: Parameters): number }): RealFunction => ({
  value: (x) => g.value(x, NONE), derivative: (x) => g.derivative(x, NONE),
});

/** On real numbers; those whose value may be complex there too are given for a real value. */
const REAL: Partial<Record<FunctionName, RealFunction>> = {
  exp: { value: Math.exp, derivative: Math.exp },
  log: { value: Math.log, derivative: (x) => 1 / x },
  sqrt: { value: Math.sqrt, derivative: (x) => (x > 0 ? 0.5 / Math.sqrt(x) : 0) },
  sin: { value: Math.sin, derivative: Math.cos },
  cos: { value: Math.cos, derivative: (x) => -Math.sin(x) },
  tan: { value: Math.tan, derivative: (x) => 1 / Math.cos(x) ** 2 },
  sinh: { value: Math.sinh, derivative: Math.cosh },
  cosh: { value: Math.cosh, derivative: Math.sinh },
  tanh: scalarOf(smooth.tanh),
  sigmoid: { value: smooth.logistic, derivative: smooth.logisticDerivative },
  erf: { value: erf, derivative: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) },
  gelu: scalarOf(smooth.gelu),
  silu: scalarOf(smooth.silu),
  softplus: { value: smooth.softplusOf, derivative: smooth.logistic },
  relu: { value: (x) => Math.max(x, 0), derivative: (x) => (x > 0 ? 1 : 0) },
  floor: { value: Math.floor, derivative: () => 0 },
  abs: { value: Math.abs, derivative: Math.sign },
  sign: { value: Math.sign, derivative: () => 0 },
  arg: { value: (x) => (x < 0 ? Math.PI : 0), derivative: () => 0 },
  im: { value: () => 0, derivative: () => 0 },
};

const ANALYTIC: Partial<Record<FunctionName, Analytic>> = {
  exp: analytic.exp, log: analytic.log, sqrt: analytic.sqrt, sin: analytic.sin, cos: analytic.cos, tan: analytic.tan,
  sinh: analytic.sinh, cosh: analytic.cosh, tanh: analytic.tanh, sigmoid: analytic.sigmoid, erf: analytic.erf,
  gelu: analytic.gelu, silu: analytic.silu, softplus: analytic.softplus,
};

/** s[1], s[4..5] of a real f: no imaginary part, and f_zbar = conj f_z. */
function realise(s: Float64Array): void {
  s[1] = 0;
  s[4] = s[2]!;
  s[5] = -s[3]!;
}

/** Faster than set() on six numbers. */
function copy(from: Float64Array, to: Float64Array): void {
  to[0] = from[0]!;
  to[1] = from[1]!;
  to[2] = from[2]!;
  to[3] = from[3]!;
  to[4] = from[4]!;
  to[5] = from[5]!;
}

/** The same of a real F of a real f. */
function realChain(s: Float64Array, f: Float64Array, value: number, slope: number): void {
  s[0] = value;
  const [u, v] = [f[2]!, f[3]!];
  if (u === 0 && v === 0) s[2] = s[3] = 0;
  else {
    s[2] = slope * u;
    s[3] = slope * v;
  }
  realise(s);
}

/** s = (F(f), F'(f) f_z, F'(f) f_zbar). */
function chain(s: Float64Array, f: Float64Array, valueRe: number, valueIm: number, slopeRe: number, slopeIm: number): void {
  s[0] = valueRe;
  s[1] = valueIm;
  for (let k = 2; k < 6; k += 2) {
    const [u, v] = [f[k]!, f[k + 1]!];
    // 0 times an infinite slope is 0: what does not move, moves nothing.
    s[k] = u === 0 && v === 0 ? 0 : slopeRe * u - slopeIm * v;
    s[k + 1] = u === 0 && v === 0 ? 0 : slopeRe * v + slopeIm * u;
  }
}

export function isConstant(t: Tree): boolean {
  switch (t.op) {
    case 'number': case 'imaginary': case 'parameter': return true;
    case 'variable': return false;
    case 'negative': return isConstant(t.of);
    case 'call': return t.parts.every(isConstant);
    default: return isConstant(t.left) && isConstant(t.right);
  }
}

/** Made of z by analytic functions alone: complex-differentiable off their cuts, so that phi_zbar = 0. */
export function isAnalytic(t: Tree): boolean {
  switch (t.op) {
    case 'number': case 'imaginary': case 'parameter': return true;
    case 'variable': return t.name === 'z';
    case 'negative': return isAnalytic(t.of);
    case 'compare': return false;
    case 'call': return ANALYTIC[t.name] !== undefined && t.parts.every(isAnalytic);
    default: return isAnalytic(t.left) && isAnalytic(t.right);
  }
}

/** phi, phi_z, phi_zbar at x + iy into out. In a real form x or r is the variable itself, y is 0. Not to be entered twice at once. */
export function evaluator(tree: Tree, real: boolean): (x: number, y: number, p: Parameters, out: Float64Array) => void {
  const at: Point = { x: 0, y: 0, p: NONE };
  const { run, slot } = nodeOf(tree, at, real);
  return (x, y, p, out) => {
    at.x = x;
    at.y = y;
    at.p = p;
    run();
    copy(slot, out);
  };
}

function nodeOf(t: Tree, at: Point, real: boolean): Node {
  const s = new Float64Array(6);
  const of = (u: Tree): Node => nodeOf(u, at, real);
  switch (t.op) {
    case 'number': s[0] = t.value; return { slot: s, run: () => {} };
    case 'imaginary': s[1] = t.value; return { slot: s, run: () => {} };
    case 'parameter': return { slot: s, run: () => void (s[0] = at.p[t.name]!) };
    case 'variable': return { slot: s, run: variable(t.name, s, at, real) };
    case 'negative': {
      const a = of(t.of);
      return { slot: s, run: () => { a.run(); for (let k = 0; k < 6; k++) s[k] = -a.slot[k]!; } };
    }
    case '+': case '-': {
      const [a, b] = [of(t.left), of(t.right)];
      const sign = t.op === '+' ? 1 : -1;
      return { slot: s, run: () => { a.run(); b.run(); for (let k = 0; k < 6; k++) s[k] = a.slot[k]! + sign * b.slot[k]!; } };
    }
    case '*': return { slot: s, run: (t.kind === 'complex' ? product : realProduct)(s, of(t.left), of(t.right)) };
    case '/': return { slot: s, run: (t.kind === 'complex' ? quotient : realQuotient)(s, of(t.left), of(t.right)) };
    case '^': return { slot: s, run: power(s, of(t.left), of(t.right), t, real) };
    case 'compare': {
      const [a, b] = [of(t.left), of(t.right)];
      const { relation } = t;
      return {
        slot: s,
        run() {
          a.run();
          b.run();
          const [u, v] = [a.slot[0]!, b.slot[0]!];
          s[0] = (relation === '<' ? u < v : relation === '<=' ? u <= v : relation === '>' ? u > v : u >= v) ? 1 : 0;
        },
      };
    }
    case 'call': return { slot: s, run: called(s, t.name, t.parts, t.parts.map(of), real) };
  }
}

function variable(name: 'z' | 'x' | 'y' | 'r' | 'theta', s: Float64Array, at: Point, real: boolean): Step {
  // Re z = (z + conj z)/2: also the variable of a real form, whose derivative is then f_z + f_zbar.
  if (real || name === 'x') {
    s[2] = s[4] = 0.5;
    return () => void (s[0] = at.x);
  }
  switch (name) {
    case 'z':
      s[2] = 1;
      return () => {
        s[0] = at.x;
        s[1] = at.y;
      };
    case 'y':
      s[3] = -0.5;
      s[5] = 0.5;
      return () => void (s[0] = at.y);
    case 'r': return () => {
      const r = analytic.modulusOf(at.x, at.y);
      s[0] = r;
      s[2] = r > 0 ? at.x / (2 * r) : 0;
      s[3] = r > 0 ? -at.y / (2 * r) : 0;
      realise(s);
    };
    case 'theta': return () => {
      const square = at.x * at.x + at.y * at.y;
      s[0] = Math.atan2(at.y, at.x);
      s[2] = square > 0 ? -at.y / (2 * square) : 0;
      s[3] = square > 0 ? -at.x / (2 * square) : 0;
      realise(s);
    };
  }
}

const product = (s: Float64Array, a: Node, b: Node): Step => () => {
  a.run();
  b.run();
  const [f, g] = [a.slot, b.slot];
  const [fr, fi, gr, gi] = [f[0]!, f[1]!, g[0]!, g[1]!];
  s[0] = fr * gr - fi * gi;
  s[1] = fr * gi + fi * gr;
  s[2] = f[2]! * gr - f[3]! * gi + fr * g[2]! - fi * g[3]!;
  s[3] = f[2]! * gi + f[3]! * gr + fr * g[3]! + fi * g[2]!;
  s[4] = f[4]! * gr - f[5]! * gi + fr * g[4]! - fi * g[5]!;
  s[5] = f[4]! * gi + f[5]! * gr + fr * g[5]! + fi * g[4]!;
};

const realProduct = (s: Float64Array, a: Node, b: Node): Step => () => {
  a.run();
  b.run();
  const [f, g] = [a.slot, b.slot];
  const [u, v] = [f[0]!, g[0]!];
  s[0] = u * v;
  s[2] = f[2]! * v + u * g[2]!;
  s[3] = f[3]! * v + u * g[3]!;
  realise(s);
};

const realQuotient = (s: Float64Array, a: Node, b: Node): Step => () => {
  a.run();
  b.run();
  const [f, g] = [a.slot, b.slot];
  const v = g[0]!;
  s[0] = f[0]! / v;
  s[2] = (f[2]! - s[0] * g[2]!) / v;
  s[3] = (f[3]! - s[0] * g[3]!) / v;
  realise(s);
};

/** f/g; (f' - (f/g) g')/g. */
const quotient = (s: Float64Array, a: Node, b: Node): Step => () => {
  a.run();
  b.run();
  const [f, g] = [a.slot, b.slot];
  const [gr, gi] = [g[0]!, g[1]!];
  // 1/g without overflow of |g|^2
  const size = Math.max(Math.abs(gr), Math.abs(gi));
  const [ur, ui] = [gr / size, gi / size];
  const square = (ur * ur + ui * ui) * size;
  const [cr, ci] = [ur / square, -ui / square];
  s[0] = f[0]! * cr - f[1]! * ci;
  s[1] = f[0]! * ci + f[1]! * cr;
  for (let k = 2; k < 6; k += 2) {
    const nr = f[k]! - (s[0] * g[k]! - s[1] * g[k + 1]!);
    const ni = f[k + 1]! - (s[0] * g[k + 1]! + s[1] * g[k]!);
    s[k] = nr * cr - ni * ci;
    s[k + 1] = nr * ci + ni * cr;
  }
};

const LARGEST_POWER = 64;

function power(s: Float64Array, a: Node, b: Node, t: { right: Tree; kind: Kind }, real: boolean): Step {
  const constant = isConstant(t.right);
  const realValued = t.kind !== 'complex' || real;
  const c = new Float64Array(4);
  return () => {
    a.run();
    b.run();
    const [f, g] = [a.slot, b.slot];
    const n = g[0]!;
    if (realValued) {
      const value = f[0]! ** n;
      realChain(s, f, value, n === 0 ? 0 : n * f[0]! ** (n - 1));
      if (!constant) {
        const slope = f[0]! > 0 ? value * Math.log(f[0]!) : 0;
        for (let k = 2; k < 6; k++) s[k] = s[k]! + slope * g[k]!;
      }
      return;
    }
    if (constant && g[1] === 0 && Number.isInteger(n) && Math.abs(n) <= LARGEST_POWER) {
      wholePower(f[0]!, f[1]!, n, c);
      chain(s, f, c[0]!, c[1]!, c[2]!, c[3]!);
      return;
    }
    if (f[0] === 0 && f[1] === 0) {
      s.fill(0);
      if (n <= 0) s[0] = n === 0 && g[1] === 0 ? 1 : NaN;
      return;
    }
    // f^g = exp(g ln f), with derivative f^g (g' ln f + g f'/f).
    analytic.log(f[0]!, f[1]!, c);
    const [lr, li, ir, ii] = [c[0]!, c[1]!, c[2]!, c[3]!];
    analytic.exp(n * lr - g[1]! * li, n * li + g[1]! * lr, c);
    const [vr, vi] = [c[0]!, c[1]!];
    const [qr, qi] = [n * ir - g[1]! * ii, n * ii + g[1]! * ir];
    s[0] = vr;
    s[1] = vi;
    for (let k = 2; k < 6; k += 2) {
      const er = g[k]! * lr - g[k + 1]! * li + f[k]! * qr - f[k + 1]! * qi;
      const ei = g[k]! * li + g[k + 1]! * lr + f[k]! * qi + f[k + 1]! * qr;
      s[k] = vr * er - vi * ei;
      s[k + 1] = vr * ei + vi * er;
    }
  };
}

/** c = (w^n, n w^(n-1)) for a whole number n. */
function wholePower(x: number, y: number, n: number, c: Float64Array): void {
  let [vr, vi] = [1, 0];
  let [br, bi] = [x, y];
  if (n < 0) {
    const square = x * x + y * y;
    [br, bi] = [x / square, -y / square];
  }
  const [ir, ii] = [br, bi];
  const steps = n > 0 ? n - 1 : -n + 1; // |n - 1|
  for (let k = 0; k < steps; k++) [vr, vi] = [vr * br - vi * bi, vr * bi + vi * br];
  if (n === 0) {
    c.set([1, 0, 0, 0]);
    return;
  }
  c[2] = n * vr;
  c[3] = n * vi;
  if (n > 0) {
    c[0] = vr * x - vi * y;
    c[1] = vr * y + vi * x;
    return;
  }
  // v = w^(n-1), so w^n = v w.
  [vr, vi] = [1, 0];
  for (let k = 0; k < -n; k++) [vr, vi] = [vr * ir - vi * ii, vr * ii + vi * ir];
  c[0] = vr;
  c[1] = vi;
}

function called(s: Float64Array, name: FunctionName, parts: Tree[], nodes: Node[], real: boolean): Step {
  const [a, b, c] = nodes as [Node, Node, Node];
  switch (name) {
    case 'where': return () => {
      a.run();
      const taken = a.slot[0] !== 0 ? b : c;
      taken.run();
      copy(taken.slot, s);
    };
    case 'min': case 'max': return () => {
      a.run();
      b.run();
      copy((name === 'min') === (a.slot[0]! < b.slot[0]!) ? a.slot : b.slot, s);
    };
    case 'conj': return () => {
      a.run();
      const f = a.slot;
      s[0] = f[0]!;
      s[1] = -f[1]!;
      s[2] = f[4]!;
      s[3] = -f[5]!;
      s[4] = f[2]!;
      s[5] = -f[3]!;
    };
    case 're': return () => {
      a.run();
      const f = a.slot;
      s[0] = f[0]!;
      s[2] = (f[2]! + f[4]!) / 2;
      s[3] = (f[3]! - f[5]!) / 2;
      realise(s);
    };
  }
  const realValue = parts[0]!.kind !== 'complex';
  const function_ = REAL[name];
  // log and sqrt of a number that may be negative are the complex ones, except in a real form.
  const leavesTheLine = (name === 'log' || name === 'sqrt') && parts[0]!.kind === 'real' && !real;
  if (realValue && function_ && !leavesTheLine) {
    return () => {
      a.run();
      const x = a.slot[0]!;
      realChain(s, a.slot, function_.value(x), function_.derivative(x));
    };
  }
  const f = ANALYTIC[name];
  if (f) {
    const w = new Float64Array(4);
    return () => {
      a.run();
      f(a.slot[0]!, a.slot[1]!, w);
      chain(s, a.slot, w[0]!, w[1]!, w[2]!, w[3]!);
    };
  }
  return ofComplex(s, name, a);
}

/** abs, arg, im and sign of a complex number. */
function ofComplex(s: Float64Array, name: FunctionName, a: Node): Step {
  switch (name) {
    case 'im': return () => {
      a.run();
      const f = a.slot;
      s[0] = f[1]!;
      // (f_z - conj f_zbar)/(2i)
      s[2] = (f[3]! + f[5]!) / 2;
      s[3] = (f[4]! - f[2]!) / 2;
      realise(s);
    };
    case 'abs': return () => {
      a.run();
      modulus(a.slot, s);
    };
    case 'arg': return () => {
      a.run();
      const f = a.slot;
      const square = f[0]! * f[0]! + f[1]! * f[1]!;
      s[0] = Math.atan2(f[1]!, f[0]!);
      if (square === 0) {
        s[2] = s[3] = 0;
      } else {
        // (f_z/f - conj(f_zbar/f))/(2i)
        const [ur, ui] = [(f[2]! * f[0]! + f[3]! * f[1]!) / square, (f[3]! * f[0]! - f[2]! * f[1]!) / square];
        const [vr, vi] = [(f[4]! * f[0]! + f[5]! * f[1]!) / square, (f[5]! * f[0]! - f[4]! * f[1]!) / square];
        s[2] = (ui + vi) / 2;
        s[3] = (vr - ur) / 2;
      }
      realise(s);
    };
    default: {
      // sign: f/|f|
      const m = new Float64Array(6);
      const modulusNode: Node = { slot: m, run: () => modulus(a.slot, m) };
      const divide = quotient(s, a, modulusNode);
      return () => {
        divide();
        if (a.slot[0] === 0 && a.slot[1] === 0) s.fill(0);
      };
    }
  }
}

/** |f|, with |f|_z = (f_z conj f + f conj f_zbar)/(2|f|). */
function modulus(f: Float64Array, s: Float64Array): void {
  const size = analytic.modulusOf(f[0]!, f[1]!);
  s[0] = size;
  if (size === 0) {
    s[2] = s[3] = 0;
  } else {
    const [cr, ci] = [f[0]! / size, f[1]! / size];
    s[2] = (f[2]! * cr + f[3]! * ci + cr * f[4]! + ci * f[5]!) / 2;
    s[3] = (f[3]! * cr - f[2]! * ci + ci * f[4]! - cr * f[5]!) / 2;
  }
  realise(s);
}
