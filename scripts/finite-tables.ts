// Fills the tables of docs/finite.md: `node --import tsx scripts/finite-tables.ts` (some minutes). Knows no formula: the engine's own parts run.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { FINITE_DEFAULTS, TRAINING_DEFAULTS, type FiniteTraining, type FiniteWidth } from '../src/contract/finite.ts';
import type { ModelGraph } from '../src/contract/graph.ts';
import type { Quantity } from '../src/contract/result.ts';
import { loadInputs } from '../src/data/index.ts';
import { oneHot } from '../src/engine/targets.ts';
import { compileNetwork, kernelsOf, labelsOf } from '../src/kernel/index.ts';
import { budgetOf } from '../src/lang/budget.ts';
import { readSpecification } from '../src/lang/frontends/spec.ts';
import { Backends, studyFiniteWidth, trainFinite } from '../src/network/index.ts';

const wasmDir = dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'));
const nowhere = { line: 1, column: 1, endLine: 1, endColumn: 1 };
const context = { signal: new AbortController().signal, progress() {} };
const SEEDS = 10;
const MEMORY = 4 * 2 ** 30;

const ACTIVATIONS: [string, object][] = [['split-relu', {}], ['split-tanh', {}], ['cardioid', {}], ['modrelu', { bias: -0.3 }], ['polar-tanh', {}]];

interface Architecture {
  name: string;
  shape: number[];
  samples: number;
  widths: number[];
  layers(phi: object): object[];
}

const dense = { kind: 'dense' };
const conv = { kind: 'conv2d', kernel: [3, 3], padding: 'same' };
const ARCHITECTURES: Architecture[] = [
  { name: 'dense, 3 hidden layers', shape: [128], samples: 32, widths: [32, 64, 128, 256, 512], layers: (phi) => [dense, phi, dense, phi, dense, phi, dense] },
  { name: 'residual, 2 blocks', shape: [128], samples: 32, widths: [32, 64, 128, 256, 512], layers: (phi) => [dense, { kind: 'residual', branch: [phi, dense] }, { kind: 'residual', branch: [phi, dense] }, phi, dense] },
  { name: 'conv 3x3 x2, global pool', shape: [6, 6, 2], samples: 12, widths: [16, 32, 64, 128], layers: (phi) => [conv, phi, conv, phi, { kind: 'global-average-pool' }, dense] },
];

function graphOf(shape: number[], layers: object[]): ModelGraph {
  const spec = { complexNtk: 1, input: shape, defaults: { weightVariance: 2, biasVariance: 0.1 }, layers };
  const { models, problems } = readSpecification({ text: JSON.stringify(spec), span: () => nowhere }, budgetOf(10_000));
  if (problems.length > 0) throw new Error(problems[0]!.message);
  return models[0]!;
}

async function limitOf(graph: ModelGraph, shape: number[], samples: number) {
  const inputs = await loadInputs({ kind: 'signals', name: 'modulations', options: {}, samples, shape, normalise: 'unit' }, { inputShape: shape, inputField: 'complex' }, { memoryBytes: MEMORY }, context.signal);
  const { kernels } = await kernelsOf(compileNetwork(graph, { weightVariance: null, biasVariance: null }, shape), inputs);
  return { inputs, limit: { ntk: kernels.ntk.matrix, twinNtk: kernels.twinNtk.matrix, reason: kernels.ntk.reason ?? null } };
}

const digits = (v: number): string => String(Number(v.toPrecision(v >= 100 ? 3 : 2)));
const shown = ({ value, error }: Quantity): string => (value === null ? '-' : `${digits(value)}${error === null ? '' : ` ± ${Number(error.toPrecision(1))}`}`);
const table = (rows: string[][]): string => [rows[0]!, rows[0]!.map(() => '---'), ...rows.slice(1)].map((r) => `| ${r.join(' | ')} |`).join('\n');

const backends = await Backends.open('auto', { wasmDir, tfjsNodePath: null });
const common = { seeds: SEEDS, finite: FINITE_DEFAULTS, weightVariance: null, biasVariance: null, memoryLimitBytes: MEMORY };

const studies: { architecture: Architecture; activation: string; study: FiniteWidth }[] = [];
for (const architecture of ARCHITECTURES) {
  for (const [name, parameters] of ACTIVATIONS) {
    const graph = graphOf(architecture.shape, architecture.layers({ kind: 'activation', name, parameters }));
    const { inputs, limit } = await limitOf(graph, architecture.shape, architecture.samples);
    const study = await studyFiniteWidth({ ...common, graph, inputs, limit, widths: architecture.widths }, backends, context);
    studies.push({ architecture, activation: name === 'modrelu' ? 'modrelu, bias -0.3' : name, study });
    console.error(architecture.name, name, shown(study.exponent));
  }
}

function convergence(): string {
  return ARCHITECTURES.map((a) => {
    const own = studies.filter((s) => s.architecture === a);
    return `**${a.name}**, ${a.samples} samples of shape ${a.shape.join(' x ')}\n\n${table([
      ['activation', ...a.widths.map((w) => `width ${w}`), 'exponent', 'pseudo-kernel’s', 'within 10 % from'],
      ...own.map(({ activation, study }) => [activation, ...study.rows.map((r) => shown(r.distance)), shown(study.exponent), shown(study.pseudoExponent), shown(study.limitWidth.width)]),
    ])}`;
  }).join('\n\n');
}

const twins = (): string => table([
  ['network', 'activation', 'width', 'parameters', 'Re Θₙ from the twin’s limit', ...['same widths', 'double widths', 'matched parameters'].map((t) => `twin of ${t}`), 'parameters of the three'],
  ...studies.map(({ architecture: a, activation, study }) => {
    const row = study.rows.find((r) => r.width === study.kernels.width)!;
    return [a.name, activation, String(row.width), String(row.parameters), shown(row.twinDistance), ...study.twins.map((t) => shown(t.distance)), study.twins.map((t) => t.parameters).join(', ')];
  }),
]);

async function trainings(): Promise<string> {
  const rows: string[][] = [['activation', 'width', 'optimiser', 'residual after 100 steps', 'limit foretells', 'largest distance between the curves', 'drift of the kernel', 'real twin, matched: residual', 'its drift']];
  for (const [name, parameters] of ACTIVATIONS) {
    for (const [optimizer, width] of [['sgd', 64], ['sgd', 256], ['momentum', 256], ['adam', 256]] as const) {
      const a = ARCHITECTURES[0]!;
      const graph = graphOf(a.shape, a.layers({ kind: 'activation', name, parameters }));
      const { inputs, limit } = await limitOf(graph, a.shape, a.samples);
      const t: FiniteTraining = await trainFinite({ ...common, graph, inputs, limit, widths: [], seeds: 3, targets: oneHot(labelsOf(inputs.labels!)!, false), options: { ...TRAINING_DEFAULTS, optimizer, width, steps: 100 } }, backends, context);
      const [own, twin] = [t.curves[0]!, t.curves[1]!];
      const last = (c: typeof own): string => shown({ value: c.residual.at(-1)!, method: 'monte-carlo', error: c.residualError.at(-1)! });
      const line = t.predicted.find((p) => p.kernel === 'limit');
      rows.push([name, String(width), optimizer, last(own), line ? digits(line.residual.at(-1)!) : '-', shown(t.gap), shown(t.drift), last(twin), digits(twin.drift.at(-1)!)]);
      console.error(name, optimizer, width);
    }
  }
  return table(rows);
}

const parts: Record<string, string> = { convergence: convergence(), twins: twins(), trainings: await trainings() };
const file = new URL('../docs/finite.md', import.meta.url);
let text = readFileSync(file, 'utf8');
for (const [name, made] of Object.entries(parts)) {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  if (!text.includes(begin)) throw new Error(`docs/finite.md has no ${begin}`);
  text = `${text.slice(0, text.indexOf(begin) + begin.length)}\n${made}\n${text.slice(text.indexOf(end))}`;
}
writeFileSync(file, text);
backends.dispose();
