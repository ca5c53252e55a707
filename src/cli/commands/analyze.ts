// `analyze`: a model file to a verdict, a table on stdout and files in a folder.
import { relative } from 'node:path';
import { Command, Option } from 'commander';
import { ANALYSIS_PARTS, BACKEND_PREFERENCES, MEMORY_LIMIT_MB, VERDICT_TOLERANCE, type AnalysisPart, type AnalyzeQuery, type BackendPreference } from '../../contract/engine.ts';
import type { Definitions } from '../../catalog/expressions/definitions.ts';
import { Fault } from '../../contract/fault.ts';
import {
  BATCH_NORM_MODES, FINITE_DEFAULTS, LAWS, OPTIMIZERS, PARAMETERISATIONS, TRAINING_DEFAULTS, TWIN_SIZES,
  type BatchNormMode, type Law, type Optimizer, type Parameterisation, type TrainingOptions, type TwinSize,
} from '../../contract/finite.ts';
import type { ModelGraph } from '../../contract/graph.ts';
import { DEFAULT_SAMPLES, defaultSignals, NORMALISATIONS, SIGNALS, type InputQuery, type Normalisation, type SignalName } from '../../contract/inputs.ts';
import { mayBeDrawn } from '../../contract/order.ts';
import { analyze } from '../../engine/analyze.ts';
import { readBundle, renderTable, resultJson, writeReport } from '../../report/index.ts';
import { anyOf, count, counts, definition, number, oneOf, pair, positive, share, silenced, someOf, variance } from '../options.ts';
import { pickModel, problemLine, readModelFile } from '../model-file.ts';
import { dist, environment } from '../place.ts';
import { answer, context, say } from '../terminal.ts';

interface Options {
  model?: string;
  activation: Definitions;
  inputs?: string;
  signals?: SignalName;
  signal: Record<string, number>;
  samples?: number;
  shape?: number[];
  normalise: Normalisation;
  weightVariance?: number;
  biasVariance?: number;
  widths: number[];
  seeds: number;
  law: Law;
  readOut: boolean;
  batchNorm: BatchNormMode;
  train?: Optimizer;
  steps?: number;
  learningRate?: number;
  momentum?: number;
  trainWidth?: number;
  parameterisation?: Parameterisation;
  trainTwins?: TwinSize[];
  tolerance: number;
  only?: AnalysisPart[];
  backend: BackendPreference;
  memoryLimit: number;
  silence: string[];
  out: string;
  json?: boolean;
}

export function analyzeCommand(): Command {
  return new Command('analyze')
    .description('Analyse a model: its neural tangent kernel, its real twin, the verdict.')
    .argument('<file>', 'a Python file or notebook, a Keras model as JSON, *.ntk.json or *.ntk.yaml; it is read, never run')
    .option('--model <name>', 'which model of the file')
    .option('--activation <NAME=EXPRESSION>', 'what a class is that could not be read: MyAct=tanh(r), of x, r or z; may be given several times', definition, {})
    .option('--inputs <file>', 'samples from .npy, .npz or .csv')
    .option('--signals <name>', `built-in signals: ${SIGNALS.join(', ')}`, oneOf(SIGNALS))
    .option('--signal <k=v>', 'an option of the signals (snr, seed ...); may be given several times', pair, {})
    .option('--samples <n>', `number of samples (signals: ${DEFAULT_SAMPLES})`, count)
    .option('--shape <shape>', 'shape of one sample: 1,28,28', counts)
    .option('--normalise <how>', NORMALISATIONS.join(', '), oneOf(NORMALISATIONS), 'none')
    .option('--weight-variance <v>', 's_w^2 = fan_in E|w|^2 of every layer, in place of what the code says', variance)
    .option('--bias-variance <v>', 's_b^2 = E|b|^2 of every layer that has a bias', variance)
    .option('--widths <list>', 'widths of drawn networks to compare with: 64,256; the widths as written are taken too', counts, [])
    .option('--seeds <k>', 'networks a width; up to three of them are trained', count, 5)
    .option('--law <name>', `what weights are drawn from: ${LAWS.join(', ')} (the law of the code's initialiser)`, oneOf(LAWS), FINITE_DEFAULTS.law)
    .option('--read-out', 'a read-out at the end belongs to the output of drawn networks', FINITE_DEFAULTS.readOut)
    .option('--batch-norm <mode>', `in drawn networks: ${BATCH_NORM_MODES.join(', ')}`, oneOf(BATCH_NORM_MODES), FINITE_DEFAULTS.batchNorm)
    .addOption(new Option('--train [optimizer]', `train a drawn network and its real twins: ${OPTIMIZERS.join(', ')}`).preset(TRAINING_DEFAULTS.optimizer).argParser(oneOf(OPTIMIZERS)))
    .option('--steps <n>', `of training (${TRAINING_DEFAULTS.steps})`, count)
    .option('--learning-rate <v>', 'of training; otherwise chosen from the kernel, for adam a fixed one', positive)
    .option('--momentum <v>', `of --train momentum (${TRAINING_DEFAULTS.momentum})`, share)
    .option('--train-width <n>', 'channels of every hidden layer that is trained; otherwise as written', count)
    .option('--parameterisation <name>', `what training moves: ${PARAMETERISATIONS.join(', ')} (${TRAINING_DEFAULTS.parameterisation})`, oneOf(PARAMETERISATIONS))
    .option('--train-twins <list>', `real networks that are trained too: ${TWIN_SIZES.join(', ')}; none (${TRAINING_DEFAULTS.twins.join(',')})`, anyOf(TWIN_SIZES))
    .option('--tolerance <t>', 'of the verdict', number, VERDICT_TOLERANCE)
    .option('--only <parts>', ANALYSIS_PARTS.join(', '), someOf(ANALYSIS_PARTS))
    .option('--backend <name>', `of drawn networks: ${BACKEND_PREFERENCES.join(', ')}`, oneOf(BACKEND_PREFERENCES), 'auto')
    .option('--memory-limit <MB>', 'refuse what would take more', count, MEMORY_LIMIT_MB)
    .option('--silence <codes>', 'problems and findings that are not to be told here; the result keeps them', silenced, [])
    .requiredOption('--out <dir>', 'folder for result.json, kernel.npz and report.html')
    .option('--json', 'print result.json in place of the table')
    .action(run);
}

async function run(file: string, o: Options): Promise<void> {
  const training = trainingOf(o);
  const parsed = await readModelFile(file, o.activation, o.shape ?? null);
  const graph = pickModel(file, parsed, o.model);
  const told = ({ code }: { code: string }) => !o.silence.includes(code);
  for (const p of parsed.problems.filter(told)) say(problemLine(file, p));
  const query: AnalyzeQuery = {
    graph,
    activations: o.activation,
    file: relative(process.cwd(), file) || file,
    inputs: inputsOf(graph, o),
    weightVariance: o.weightVariance ?? null,
    biasVariance: o.biasVariance ?? null,
    widths: o.widths,
    seeds: o.seeds,
    finite: { law: o.law, readOut: o.readOut, batchNorm: o.batchNorm },
    training,
    tolerance: o.tolerance,
    only: o.only ?? null,
    memoryLimitBytes: o.memoryLimit * 2 ** 20,
    backend: o.backend,
  };
  const result = await analyze(query, context, environment()).catch((e: unknown) => { throw advised(e, query); });
  const paths = await writeReport(o.out, result, await readBundle(dist), context.signal);
  await answer(o.json ? resultJson(result) : renderTable({ ...result, findings: result.findings.filter(told) }, { colour: process.stdout.isTTY && !process.env.NO_COLOR, width: process.stdout.columns ?? 100 }));
  say(`Wrote ${Object.values(paths).map((p) => relative(process.cwd(), p) || p).join(', ')}`);
}

function inputsOf(graph: ModelGraph, o: Options): InputQuery {
  if (o.inputs !== undefined) {
    if (o.signals !== undefined || Object.keys(o.signal).length > 0) throw new Fault('bad-input', 'Give --inputs or --signals, not both.');
    return { kind: 'file', path: o.inputs, samples: o.samples ?? null, shape: o.shape ?? null, normalise: o.normalise };
  }
  const shape = o.shape ?? graph.inputShape;
  if (!shape) throw new Fault('bad-input', `The text of ${graph.name} does not tell the shape of its input. Give it with --shape, for example --shape 1,28,28, or give a file with --inputs.`);
  return { kind: 'signals', name: o.signals ?? defaultSignals(graph.inputField), options: o.signal, samples: o.samples ?? DEFAULT_SAMPLES, shape, normalise: o.normalise };
}

/** Null without --train. */
function trainingOf({ train, steps, learningRate, momentum, trainWidth, parameterisation, trainTwins }: Options): TrainingOptions | null {
  const given = { '--steps': steps, '--learning-rate': learningRate, '--momentum': momentum, '--train-width': trainWidth, '--parameterisation': parameterisation, '--train-twins': trainTwins };
  const [first] = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [name]));
  if (train === undefined) {
    if (first !== undefined) throw new Fault('bad-input', `${first} is an option of training, which was not asked for. Add --train.`);
    return null;
  }
  if (momentum !== undefined && train !== 'momentum') throw new Fault('bad-input', `--momentum belongs to --train momentum, and --train ${train} was asked for.`);
  const d = TRAINING_DEFAULTS;
  return {
    optimizer: train, steps: steps ?? d.steps, learningRate: learningRate ?? d.learningRate, momentum: momentum ?? d.momentum, width: trainWidth ?? d.width,
    parameterisation: parameterisation ?? d.parameterisation, twins: trainTwins ?? d.twins,
  };
}

/** A layer without a kernel may still be drawn: says so where that was not tried. */
function advised(e: unknown, { graph, widths, training }: AnalyzeQuery): unknown {
  const fault = Fault.from(e);
  if (fault.kind !== 'not-supported' || widths.length > 0 || training || !mayBeDrawn(graph, fault.layer)) return e;
  return new Fault(fault.kind, `${fault.message} To go by drawn networks instead, add --widths 64,256 or --train.`, fault.layer, fault.detail);
}
