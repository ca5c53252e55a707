// Activations written by users: the language's precedence and errors, exact derivatives, bends, structure, limits, and hostile text.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Activation } from '../../src/catalog/activations/activation.ts';
import { activationOf, activations, findActivation } from '../../src/catalog/activations/index.ts';
import { evaluator } from '../../src/catalog/expressions/evaluate.ts';
import { screened } from '../../src/catalog/expressions/screen.ts';
import { ExpressionFault, FUNCTIONS, LONGEST, parseExpression } from '../../src/catalog/expressions/syntax.ts';
import { expressionActivation } from '../../src/catalog/expressions/activation.ts';

type Numbers = Record<string, number>;
const general = ['z', 'x', 'y', 'r', 'theta'] as const;
const phi = (text: string, p: Numbers = {}) => {
  const f = evaluator(parseExpression(text, { real: false, variables: general, parameters: Object.keys(p) }), false);
  return (x: number, y: number): number[] => {
    const out = new Float64Array(6);
    f(x, y, p, out);
    return [...out];
  };
};
const made = (form: string, expression: string, p: Numbers = {}): Activation => activationOf('expression', { form, expression, ...p })!;
const limit = (form: string, expression: string, p: Numbers = {}) => {
  const a = made(form, expression, p);
  return a.limit(a.parameters);
};

const close = (got: number[], want: number[], tolerance = 1e-13): void =>
  want.forEach((w, k) => assert.ok(Math.abs(got[k]! - w) <= tolerance * (1 + Math.abs(w)), `${got} is not ${want}`));

test('precedence, associativity and signs', () => {
  const at = (text: string, p: Numbers = {}) => phi(text, p)(0.6, -0.8).slice(0, 2);
  const rows: [string, number, number?][] = [
    ['2 + 3 * 4', 14], ['(2 + 3) * 4', 20], ['2 - 3 - 4', -5], ['24 / 4 / 2', 3], ['2 ^ 3 ^ 2', 512], ['-2 ^ 2', -4], ['(-2) ^ 2', 4], ['2 ^ -1', 0.5], ['-x * 2', -1.2],
    ['2 * -3', -6], ['1 + -x', 0.4], ['2 ** 3', 8], ['1e-1 + .5 + 2.', 2.6], ['i * i', -1], ['2i * 3j', -6], ['2 < 3', 1], ['2 + 2 < 3', 0], ['1 < 2 * 3', 1], ['(x > 0) * (y < 0)', 1],
    ['z * conj(z)', 1], ['abs(z)', 1], ['re(z) + 10 * im(z)', -7.4], ['arg(i)', Math.PI / 2], ['angle(-1)', Math.PI], ['pi', Math.PI], ['where(x > y, 5, 7)', 5], ['min(x, y)', -0.8], ['max(x, y)', 0.6],
    ['floor(2.7)', 2], ['sign(x) - sign(y)', 2], ['relu(y)', 0], ['sqrt(4)', 2], ['sqrt(-4 + 0 * x)', 0, 2], ['log(exp(2))', 2], ['z', 0.6, -0.8], ['conj(z)', 0.6, 0.8], ['sign(z)', 0.6, -0.8], ['r', 1], ['theta', Math.atan2(-0.8, 0.6)],
    ['z ^ 2', -0.28, -0.96], ['z ^ 0', 1], ['1 / z', 0.6, 0.8], ['z ^ -1', 0.6, 0.8], ['z ^ 2.0', -0.28, -0.96],
  ];
  for (const [text, re, im = 0] of rows) close(at(text), [re, im]);
  close(at('a * x ^ n', { a: 3, n: 2 }), [1.08, 0]);
});

test('known functions, real and complex, are what they are called', () => {
  const [x, y] = [0.37, -0.61];
  const same = (text: string, id: string): void => {
    const out = new Float64Array(6);
    const a = findActivation(id)!;
    a.evaluate(x, a.field === 'real' ? 0 : y, a.parameters, out);
    const got = phi(text)(x, y);
    if (a.field === 'real') close([got[0]!, got[2]! + got[4]!], [out[0]!, out[2]! + out[4]!], 1e-12);
    else close(got, [...out], 1e-12);
  };
  for (const name of ['sin', 'cos', 'sinh', 'exp', 'tan', 'tanh', 'sigmoid', 'gelu', 'silu', 'log', 'softplus']) same(`${name}(z)`, `${name}-holomorphic`);
  for (const name of ['tanh', 'sigmoid', 'gelu', 'silu', 'softplus', 'relu', 'erf', 'sin', 'cos']) same(`${name}(x)`, name);
  same('x * exp(-softplus(-x))', 'silu');
  same('tanh(abs(z)) * z / abs(z)', 'polar-tanh');
  same('0.5 * (1 + cos(arg(z))) * z', 'cardioid');
  same('where(x > 0, z, 0) * (y > 0)', 'zrelu');
  same('relu(x) + i * relu(y)', 'split-relu');
  same('abs(z)', 'abs');
  same('arg(z)', 'angle');
});

// Expressions from a seed, of a bounded depth: what they mean does not matter, their derivatives do.
const leaf = fc.constantFrom('z', 'x', 'y', 'r', 'conj(z)', '0.7', 'i', 'a', '1.3');
const tree = fc.letrec<{ e: string }>((tie) => ({
  e: fc.oneof({ depthSize: 'small', maxDepth: 4 }, leaf,
    fc.tuple(tie('e'), fc.constantFrom('+', '-', '*'), tie('e')).map(([a, op, b]) => `(${a} ${op} ${b})`),
    fc.tuple(tie('e'), tie('e')).map(([a, b]) => `(${a}) / (1.5 + abs(${b}))`),
    fc.tuple(fc.constantFrom('exp', 'sin', 'cos', 'tanh', 'sigmoid', 'erf', 'gelu', 'conj', 're', 'im', 'abs', 'arg', 'sign', 'silu', 'softplus', 'log', 'sqrt', 'sinh', 'cosh'), tie('e')).map(([f, a]) => `${f}(0.3 * (${a}))`),
    fc.tuple(tie('e'), fc.constantFrom('2', '3', '-1', '1.5', 'a', 'y')).map(([a, n]) => `(${a}) ^ ${n}`),
    fc.tuple(tie('e'), tie('e'), tie('e')).map(([a, b, c]) => `where(re(${a}) > 0.1, ${b}, max(abs(${c}), im(${b})))`)),
})).e;

test('derivatives are exact: against differences of random expressions', () => {
  let compared = 0;
  fc.assert(fc.property(tree, fc.integer({ min: -1500, max: 1500 }), fc.integer({ min: -1500, max: 1500 }), (text, xs, ys) => {
    fc.pre(text.length < LONGEST);
    const f = phi(text, { a: 0.8 });
    const [x, y] = [xs / 1000 + 0.0003, ys / 1000 - 0.0007];
    const got = f(x, y);
    const differences = (e: number) => {
      const d = (k: 0 | 1, dx: number, dy: number) => (f(x + dx * e, y + dy * e)[k]! - f(x - dx * e, y - dy * e)[k]!) / (2 * e);
      const [xr, xi, yr, yi] = [d(0, 1, 0), d(1, 1, 0), d(0, 0, 1), d(1, 0, 1)];
      return [(xr + yi) / 2, (xi - yr) / 2, (xr - yi) / 2, (xi + yr) / 2];
    };
    const [near, far] = [differences(1e-5), differences(2e-5)];
    const scale = 1 + Math.max(...got.map(Math.abs), ...near.map(Math.abs));
    // Two steps that disagree stand at a bend, a jump or beside a pole.
    fc.pre(got.every(Number.isFinite) && scale < 1e4 && near.every((v, k) => Math.abs(v - far[k]!) < 1e-6 * scale));
    compared++;
    near.forEach((v, k) => assert.ok(Math.abs(got[k + 2]! - (4 * v - far[k]!) / 3) < 1e-6 * scale, `${text} at ${x} + ${y}i: part ${k} is ${got[k + 2]}, differences say ${v}`));
  }), { numRuns: 600, seed: 7, maxSkipsPerRun: 200 });
  assert.ok(compared > 300, `${compared}`);
});

const faults: [string, number, RegExp][] = [
  ['', 0, /the end stands where an expression is expected/], ['z +', 3, /the end stands where a number, a name or "\(" is expected/], ['z * * 2', 4, /"\*" stands where/], ['(z', 2, /where "\)" is expected/],
  ['z)', 1, /where an operator or the end is expected/], ['2z', 0, /write 2\*z/], ['z $ 2', 2, /the character "\$"/], ['foo(z)', 0, /"foo" is not a function; expected one of exp/], ['z + b', 4, /"b" is not known; expected z, x/],
  ['relu(z)', 5, /relu takes real numbers, and "z" is complex; expected re/], ['max(x)', 0, /max takes 2 arguments, and 1 stand/], ['exp z', 4, /"\(" after exp/], ['z < 1', 0, /"<" takes real numbers/], ['1 < x < 2', 6, /do not chain/],
  ['where(z, 1, 2)', 6, /condition of where/], ['exp(1, 2)', 0, /takes 1 argument/], ['1e999', 0, /out of range/], ['z z', 2, /an operator or the end/], ['tanh(z', 6, /"," or "\)"/],
];
test('a fault names the place and what was expected', () => {
  for (const [text, start, message] of faults) {
    assert.throws(() => made('general', text), (e: unknown) => e instanceof ExpressionFault && e.kind === 'bad-input' && e.start === start && message.test(e.message) && (text === '' || e.message.includes(`character ${start + 1}`)), `${text}: ${(() => { try { made('general', text); } catch (e) { return `${(e as ExpressionFault).start} ${(e as Error).message}`; } })()}`);
  }
  assert.throws(() => made('scalar', 'i * x'), /i has no place in a real function/);
  assert.throws(() => made('scalar', 'z'), /"z" is not known; expected x/);
  assert.throws(() => made('radial', 'x'), /"x" is not known; expected r/);
  assert.throws(() => made('polar', 'z'), /form of the expression is "polar"; expected "scalar"/);
  assert.throws(() => activationOf('expression', {}), /needs the parameter expression/);
  assert.throws(() => activationOf('expression', { form: 'general', expression: 'a * z', a: 'b' }), /parameter a of the expression is "b"/);
  assert.throws(() => made('general', 'z', { r: 1 }), /called r, which means something else/);
  assert.throws(() => made('general', 'z', { 'a b': 1 }), /expected a name of letters/);
  assert.throws(() => made('scalar', 'log(x)'), /not a finite number at or near x = /);
  assert.throws(() => made('radial', 'sqrt(r - 1)'), /not a finite number at or near r = /);
  assert.throws(() => made('general', `z${' + z'.repeat(LONGEST)}`), /characters; at most/);
  assert.throws(() => made('general', `${'('.repeat(100)}z${')'.repeat(100)}`), /nests more than/);
  assert.throws(() => made('general', `${'-'.repeat(100)}z`), /nests more than/);
});

test('forms: split of x, the phase kept, and a real network\'s own', () => {
  const near = (a: Activation, id: string) => {
    const b = findActivation(id)!;
    for (const [x, y] of [[0.4, -0.7], [-1.3, 0.2], [-0.6, -2.1]] as const) {
      const [u, v] = [new Float64Array(6), new Float64Array(6)];
      a.evaluate(x, y, a.parameters, u);
      b.evaluate(x, y, b.parameters, v);
      close([...u], [...v], 1e-12);
    }
  };
  near(made('scalar', 'x * sigmoid(x)'), 'split-silu');
  near(made('radial', 'tanh(r)'), 'polar-tanh');
  near(made('radial', 'relu(r + b)', { b: -0.1 }), 'modrelu');
  near(made('real', 'softplus(x)'), 'softplus');
  assert.equal(made('real', 'softplus(x)').field, 'real');
  assert.equal(made('general', 'abs(z)^2').output, 'real');
  assert.equal(made('general', 'z').output, undefined);
  // A parameter given later counts.
  const a = made('scalar', 'max(x, a * x)', { a: 0.1 });
  assert.equal(a.scalar!.value(-2, { ...a.parameters, a: 0.5 }), -1);
  assert.deepEqual(made('scalar', 'abs(x - b)', { b: 0.3 }).scalar!.kinks({ b: 2 }), [2]);
});

test('structure is found from values, so that the dual is the best there is', () => {
  const rows: [string, string[], Numbers?][] = [
    ['relu(re(z)) + i * relu(im(z))', ['split', 'homogeneous']], ['tanh(x) + i * sin(y)', ['split']], ['z / (1 + abs(z))', ['equivariant']], ['sign(z) * tanh(abs(z))', ['equivariant']], ['relu(r - c) * z / r', ['equivariant'], { c: 0.2 }],
    ['where(x > 0, z, 0)', ['homogeneous']], ['0.5 * (1 + cos(theta)) * z', ['homogeneous']], ['abs(z)', ['homogeneous']], ['z * exp(i * abs(z)^2)', ['general']], ['sin(z)', ['holomorphic']], ['z^2 + conj(z)', ['general']],
    ['where(abs(z - 1) < 1, z, 0)', ['general']],
  ];
  for (const [text, structure, p] of rows) assert.deepEqual(made('general', text, p).structure, structure, text);
  // The scalars, the angular and the radial function are those of the text.
  const two = made('general', 'tanh(x) + i * sin(y)');
  close([two.scalar!.value(0.7, {}), two.scalar!.derivative(0.7, {}), two.imaginary!.value(0.7, {}), two.imaginary!.derivative(0.7, {})], [Math.tanh(0.7), 1 - Math.tanh(0.7) ** 2, Math.sin(0.7), Math.cos(0.7)]);
  const card = made('general', '0.5 * (1 + cos(theta)) * z').angular!;
  const theirs = findActivation('cardioid')!.angular!;
  for (const t of [-3, -1, 0.2, 2.5]) {
    close(card.value(t, {}), theirs.value(t, {}), 1e-12);
    close(card.derivative(t, {}), theirs.derivative(t, {}), 1e-12);
  }
  const soft = made('general', 'z / (1 + abs(z))').radial!;
  close([soft.value(2, {}), soft.derivative(2, {}), soft.ratio(2, {}), soft.ratio(0, {})], [2 / 3, 1 / 9, 1 / 3, 1], 1e-9);
});

test('bends are found where they are simple, and said to be unknown elsewhere', () => {
  const kinks = (text: string, p: Numbers = {}) => made('general', text, p).kinks!(p);
  assert.deepEqual(kinks('z * exp(-r) * (x > 1) + conj(z)'), { radii: [], angles: [], x: [1], y: [] });
  assert.deepEqual(kinks('conj(z)^2 + max(abs(z), b) * z', { b: 0.7 }), { radii: [0.7], angles: [], x: [], y: [] });
  assert.deepEqual(kinks('conj(z)^2 * where(abs(z)^2 < 4, 1, 2)').radii, [2]);
  assert.deepEqual(kinks('z^2 + relu(2 * im(z) - 1)').y, [0.5]);
  assert.deepEqual(kinks('z^2 + max(x, y)').angles!.map((t) => Number(t.toFixed(6))), [-2.356194, 0.785398]);
  assert.deepEqual(kinks('exp(conj(z)) * (theta < 0.5)').angles!.map((t) => Number(t.toFixed(6))), [0.5, 3.141593]);
  assert.deepEqual(made('scalar', 'min(max(x, -1), 1)').scalar!.kinks({}), [-1, 1]);
  assert.deepEqual(made('scalar', 'abs(abs(x) - 2)').scalar!.kinks({}), [-2, 0, 2]);
  assert.ok(made('general', 'z * (sin(x) > 0.3)').notes.some((n) => /may bend or jump where "sin\(x\) > 0.3"/.test(n)));
  const jumps = (form: string, text: string) => made(form, text).jumps;
  assert.equal(jumps('scalar', '(x > 0) * x'), false);
  assert.equal(jumps('scalar', '(x > 1) * x'), true);
  assert.equal(jumps('scalar', 'sqrt(relu(x))'), false);
  assert.equal(jumps('general', 'where(re(z) > 0, z, 0)'), true);
  assert.equal(jumps('general', 'relu(re(z)) * z'), false);
  assert.equal(jumps('general', 'sqrt(z)'), true);
});

test('limits are screened: poles, poles of the derivative, Gaussian growth', () => {
  const of = (form: string, text: string) => limit(form, text).exists;
  for (const text of ['tanh(z)', '1 / z', 'z / (1 + z^2)', 'tan(z) / z', '1 / re(z)', '1 / (abs(z) - 1)', 'exp(z^2)', 'gelu(z)', 'erf(z)', 'exp(exp(z))']) assert.equal(of('general', text), 'none', text);
  for (const text of ['log(z)', 'log(1 + z^2)', 'z / abs(z)', 'arg(z)', 'conj(z) / abs(z) * sigmoid(abs(z))']) assert.equal(of('general', text), 'nngp', text);
  for (const text of ['exp(z)', 'sin(z) * conj(z)', 'sqrt(z)', 'z^1.5', 'z * exp(i * abs(z)^2)', 'z / (1 + abs(z))', 'abs(z)^2', 'log(1 + abs(z))', 'z^6']) assert.equal(of('general', text), 'ntk', text);
  assert.equal(of('scalar', '1 / x'), 'none');
  assert.equal(of('scalar', 'sqrt(abs(x))'), 'nngp');
  assert.equal(of('scalar', 'exp(x)'), 'ntk');
  assert.equal(limit('radial', 'relu(r + b)', { b: 0.1 }).exists, 'nngp');
  assert.equal(limit('radial', 'relu(r + b)', { b: -0.1 }).exists, 'ntk');
  assert.match(limit('general', 'tanh(z)').reason!, /unbounded near z = 0 [-+] 1\.571i/);
});

test('the screening finds what is known of every activation of the catalog', () => {
  for (const a of activations.filter((b) => b.field === 'complex')) {
    const p = a.parameters;
    const own = a.kinks?.(p) ?? {};
    const x = [...(own.x ?? []), ...(a.scalar?.kinks(p) ?? [])];
    const y = [...(own.y ?? []), ...((a.imaginary ?? a.scalar)?.kinks(p) ?? [])];
    const kinks = { x, y, radii: [...(own.radii ?? []), ...(a.radial?.kinks(p) ?? [])], angles: [...(own.angles ?? []), ...(a.angular?.kinks(p) ?? [])] };
    assert.equal(screened(a.evaluate, p, kinks).exists, a.limit(p).exists, a.id);
  }
});

test('hostile text is refused with an expression fault, or read; nothing else', () => {
  const words = fc.constantFrom(...Object.keys(FUNCTIONS), 'z', 'x', 'r', 'i', 'pi', 'a', '(', ')', ',', '+', '-', '*', '/', '^', '**', '<', '>=', '1', '2.5e3', '1e308', '.', '__proto__', 'constructor', 'where(', ' ', '\n', 'é', '\u0000', '9'.repeat(40));
  const text = fc.oneof(fc.string({ maxLength: 60 }), fc.array(words, { maxLength: 30 }).map((w) => w.join(' ')), tree);
  fc.assert(fc.property(text, fc.constantFrom('scalar', 'radial', 'general', 'real', 'x'), (expression, form) => {
    try {
      const a = expressionActivation({ form, expression, a: 0.5 });
      assert.ok(a.notes.length > 0);
      assert.ok(['ntk', 'nngp', 'none'].includes(a.limit(a.parameters).exists));
    } catch (e) {
      assert.ok(e instanceof ExpressionFault, `${JSON.stringify(expression)}: ${(e as Error).stack}`);
      assert.ok(e.start >= 0 && e.end <= expression.length + 1);
    }
  }), { numRuns: 400, seed: 11 });
});
