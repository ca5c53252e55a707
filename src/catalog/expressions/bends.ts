// Where an expression is not smooth, read off its tree: zeros of what stands inside abs, relu, sign, max, min, floor and comparisons, where these
// are simple functions of one coordinate. What is not simple is said to be unknown. Knows no quadrature.
import type { Kinks, Parameters } from '../activations/activation.ts';
import { evaluator, isConstant } from './evaluate.ts';
import type { Tree } from './syntax.ts';

export interface Bends {
  kinks: Required<Kinks>;
  /** Parts of the text whose bends are not known. */
  unknown: Tree[];
  /** One of the unknown may be a jump. */
  mayJump: boolean;
}

/** c + a sum over coordinates, of r^2 too. In a real form the one variable is x. */
type Coordinate = 'x' | 'y' | 'r' | 'theta' | 'rr';
type Affine = { c: number } & Partial<Record<Coordinate, number>>;

const MOST_PIECES = 16;

/** The pieces c + sum a_k q_k that a real number is made of, or null where it is not made of such. */
function pieces(t: Tree, p: Parameters, real: boolean): Affine[] | null {
  if (isConstant(t)) {
    const out = new Float64Array(6);
    evaluator(t, real)(0, 0, p, out);
    return out[1] === 0 ? [{ c: out[0]! }] : null;
  }
  const of = (u: Tree): Affine[] | null => pieces(u, p, real);
  switch (t.op) {
    case 'variable': {
      if (real) return [{ c: 0, x: 1 }];
      return t.name === 'z' ? null : [{ c: 0, [t.name]: 1 }];
    }
    case 'negative': return scaled(of(t.of), -1);
    case '+': return added(of(t.left), of(t.right), 1);
    case '-': return added(of(t.left), of(t.right), -1);
    case 'compare': return [{ c: 0 }, { c: 1 }];
    case '*': {
      if (isConstant(t.left)) return scaled(of(t.right), of(t.left)?.[0]?.c ?? NaN);
      return isConstant(t.right) ? scaled(of(t.left), of(t.right)?.[0]?.c ?? NaN) : null;
    }
    case '/': return isConstant(t.right) ? scaled(of(t.left), 1 / (of(t.right)?.[0]?.c ?? NaN)) : null;
    case '^': {
      const b = isConstant(t.right) ? of(t.right)?.[0]?.c : undefined;
      const a = of(t.left);
      if (b === 1) return a;
      return b === 2 && a?.length === 1 && a[0]!.c === 0 && a[0]!.r === 1 && Object.keys(a[0]!).length === 2 ? [{ c: 0, rr: 1 }] : null;
    }
    case 'call': {
      const [part, second, third] = t.parts as [Tree, Tree, Tree];
      const isZ = part.op === 'variable' && part.name === 'z';
      switch (t.name) {
        case 're': return isZ ? [{ c: 0, x: 1 }] : null;
        case 'im': return isZ ? [{ c: 0, y: 1 }] : null;
        case 'arg': return isZ ? [{ c: 0, theta: 1 }] : null;
        case 'abs': return isZ ? [{ c: 0, r: 1 }] : part.kind === 'complex' ? null : both(of(part), scaled(of(part), -1));
        case 'relu': return both(of(part), [{ c: 0 }]);
        case 'min': case 'max': return both(of(part), of(second));
        case 'where': return t.kind === 'complex' ? null : both(of(second), of(third));
        default: return null;
      }
    }
    default: return null;
  }
}

function both(a: Affine[] | null, b: Affine[] | null): Affine[] | null {
  return a && b && a.length + b.length <= MOST_PIECES ? [...a, ...b] : null;
}
function scaled(a: Affine[] | null, by: number): Affine[] | null {
  return a && Number.isFinite(by) ? a.map((one) => Object.fromEntries(Object.entries(one).map(([k, v]) => [k, v * by])) as Affine) : null;
}
function added(a: Affine[] | null, b: Affine[] | null, sign: number): Affine[] | null {
  if (!a || !b || a.length * b.length > MOST_PIECES) return null;
  return a.flatMap((one) => b.map((other) => {
    const out: Affine = { ...one };
    for (const [k, v] of Object.entries(other) as [keyof Affine, number][]) out[k] = (out[k] ?? 0) + sign * v;
    return out;
  }));
}

/** Adds the curves on which a piece is 0; false where one is none of the curves that kinks can be. */
function zeros(list: Affine[] | null, kinks: Required<Kinks>): boolean {
  return list !== null && list.every((a) => zeroOf(a, kinks));
}

function zeroOf(a: Affine, kinks: Required<Kinks>): boolean {
  const there = (Object.keys(a) as (keyof Affine)[]).filter((k): k is Coordinate => k !== 'c' && a[k] !== 0);
  if (there.length === 0) return true;
  if (there.length === 2 && there.includes('x') && there.includes('y') && a.c === 0) {
    const theta = Math.atan2(-a.x!, a.y!);
    kinks.angles.push(theta, theta > 0 ? theta - Math.PI : theta + Math.PI);
    return true;
  }
  if (there.length > 1) return false;
  const at = -a.c / a[there[0]!]!;
  switch (there[0]!) {
    case 'x': kinks.x.push(at); break;
    case 'y': kinks.y.push(at); break;
    case 'r': if (at > 0) kinks.radii.push(at); break;
    case 'rr': if (at > 0) kinks.radii.push(Math.sqrt(at)); break;
    case 'theta': if (Math.abs(at) <= Math.PI) kinks.angles.push(at); break;
  }
  return true;
}

const FLOORS = 40;

/** Every bend of the tree at these parameters. */
export function bendsOf(tree: Tree, p: Parameters, real: boolean): Bends {
  const kinks: Required<Kinks> = { radii: [], angles: [], x: [], y: [] };
  const unknown: Tree[] = [];
  let mayJump = false;
  const of = (t: Tree): Affine[] | null => pieces(t, p, real);
  const at = (t: Tree, a: Affine[] | null, jumps: boolean): void => {
    if (zeros(a, kinks)) return;
    unknown.push(t);
    mayJump ||= jumps;
  };
  /** The cut of log, of a root and of arg: along the negative real axis of their argument. */
  const cut = (t: Tree, part: Tree): void => {
    if (part.kind === 'nonneg') return;
    if (part.kind === 'real') return at(t, of(part), true);
    if (part.op === 'variable' && part.name === 'z') kinks.angles.push(Math.PI);
    else {
      unknown.push(t);
      mayJump = true;
    }
  };
  const visit = (t: Tree): void => {
    switch (t.op) {
      case 'negative': return visit(t.of);
      case 'compare': at(t, added(of(t.left), of(t.right), -1), true); break;
      case '^':
        if (!isWhole(t.right, p)) cut(t, t.left);
        break;
      case 'variable':
        if (t.name === 'theta' && !real) kinks.angles.push(Math.PI);
        return;
      case 'call': {
        const [part, other] = t.parts as [Tree, Tree];
        if (t.name === 'relu' || (t.name === 'abs' && part.kind === 'real')) at(t, of(part), false);
        else if (t.name === 'sign' && part.kind === 'real') at(t, of(part), true);
        else if (t.name === 'min' || t.name === 'max') at(t, added(of(part), of(other), -1), false);
        else if (t.name === 'arg' || t.name === 'log' || t.name === 'sqrt') cut(t, part);
        else if (t.name === 'abs' && part.kind === 'complex' && !isConstant(part) && !(part.op === 'variable')) unknown.push(t);
        else if (t.name === 'softplus' && part.kind === 'complex') at(t, null, true);
        else if (t.name === 'floor') {
          const a = of(part);
          for (let k = -FLOORS; k <= FLOORS; k++) if (!zeros(added(a, [{ c: k }], -1), kinks)) {
            at(t, null, true);
            break;
          }
        }
        t.parts.forEach(visit);
        return;
      }
    }
    if ('left' in t) {
      visit(t.left);
      visit(t.right);
    }
  };
  visit(tree);
  for (const list of Object.values(kinks)) list.splice(0, list.length, ...[...new Set(list)].filter(Number.isFinite).sort((a, b) => a - b));
  return { kinks, unknown, mayJump };
}

function isWhole(t: Tree, p: Parameters): boolean {
  if (!isConstant(t)) return false;
  const out = new Float64Array(6);
  evaluator(t, false)(0, 0, p, out);
  return out[1] === 0 && Number.isInteger(out[0]!);
}
