// NNGP and NTK of dense networks against neural-tangents (JAX, float64, compiled, on the CPU), in one run, turn by turn.
// neural-tangents has real networks only: ours are timed on the same real network, and on the complex one of the same depth.
// Run: npm run bench
import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chainOf, kernelsOf, unhurried } from '../src/kernel/index.ts';
import { denseGraph, inputSet, someInputs } from '../test/kernel/dense-graph.ts';

const ROUNDS = 7;
const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const python = execFileSync('bash', [here('setup.sh')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const peer = spawn(python, [here('neural_tangents_peer.py')], { stdio: ['pipe', 'pipe', 'ignore'] });
const answers = createInterface({ input: peer.stdout })[Symbol.asyncIterator]();

interface Answer { seconds: number; ntk: number[][] | null }
async function ask(query: object): Promise<Answer> {
  peer.stdin.write(`${JSON.stringify(query)}\n`);
  const { value, done } = await answers.next();
  if (done) throw new Error('the peer ended without an answer');
  return JSON.parse(value as string) as Answer;
}

const median = (x: number[]) => [...x].sort((a, b) => a - b)[x.length >> 1]!;
const ms = (x: number) => `${(1000 * x).toFixed(x < 0.01 ? 2 : 1)} ms`;

async function ours(activation: string, depth: number, field: 'real' | 'complex', inputs: ReturnType<typeof inputSet>) {
  const chain = chainOf(denseGraph({ activation, depth, weightVariance: 2, biasVariance: 0.1, field }), { weightVariance: null, biasVariance: null });
  const start = performance.now();
  const set = await kernelsOf(chain, inputs, unhurried);
  return { seconds: (performance.now() - start) / 1000, ntk: set.kernels.ntk.matrix! };
}

const rows = [];
for (const [activation, samples] of [['relu', 64], ['relu', 256], ['erf', 256], ['gelu', 256]] as const) {
  const depth = 3;
  const complex = someInputs(samples, 128, 5);
  const flat = Array.from({ length: samples }, (_, i) => Array.from(complex.re.subarray(i * 128, i * 128 + 128)));
  const real = inputSet(flat);
  const query = { activation, depth, weightVariance: 2, biasVariance: 0.1, inputs: flat };
  const first = await ask({ ...query, warm: true });
  const { ntk } = await ours(activation, depth, 'real', real);
  const top = Math.max(...ntk.re.map(Math.abs));
  const difference = Math.max(...first.ntk!.flat().map((v, k) => Math.abs(v - ntk.re[k]!))) / top;
  const [theirs, mine, mineComplex]: number[][] = [[], [], []];
  for (let round = 0; round < ROUNDS; round++) {
    theirs!.push((await ask(query)).seconds);
    mine!.push((await ours(activation, depth, 'real', real)).seconds);
    mineComplex!.push((await ours(`split-${activation}`, depth, 'complex', complex)).seconds);
  }
  const [a, b, c] = [median(theirs!), median(mine!), median(mineComplex!)];
  rows.push({ network: `${activation}, ${depth} hidden`, samples, 'neural-tangents': ms(a), 'this, real': ms(b), ratio: (b / a).toFixed(2), 'this, complex + twin': ms(c), 'ratio, complex': (c / a).toFixed(2), 'largest relative difference': difference.toExponential(1) });
}
console.table(rows);
peer.stdin.end();
