// The command line that makes a result again, written from its query. Knows no option parser; a test runs what it writes.
import type { AnalyzeQuery } from '../contract/engine.ts';
import { FINITE_DEFAULTS, TRAINING_DEFAULTS } from '../contract/finite.ts';

/** POSIX quoting: bare where every character is harmless. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);

export function commandLine(query: AnalyzeQuery): string {
  const words = ['complex-ntk', 'analyze', query.file ?? 'MODEL', '--model', query.graph.name];
  for (const [name, parameters] of Object.entries(query.activations ?? {})) words.push('--activation', `${name}=${JSON.stringify(parameters)}`);
  const { inputs } = query;
  if (inputs.kind === 'file') {
    words.push('--inputs', inputs.path);
    if (inputs.samples !== null) words.push('--samples', String(inputs.samples));
  } else {
    words.push('--signals', inputs.name, '--samples', String(inputs.samples));
    for (const [name, value] of Object.entries(inputs.options)) words.push('--signal', `${name}=${value}`);
  }
  if (inputs.shape) words.push('--shape', inputs.shape.join(','));
  words.push('--normalise', inputs.normalise);
  if (query.weightVariance !== null) words.push('--weight-variance', String(query.weightVariance));
  if (query.biasVariance !== null) words.push('--bias-variance', String(query.biasVariance));
  const { widths, finite, training } = query;
  if (widths.length > 0) words.push('--widths', widths.join(','));
  if (widths.length > 0 || training) {
    words.push('--seeds', String(query.seeds), '--backend', query.backend);
    if (finite.law !== FINITE_DEFAULTS.law) words.push('--law', finite.law);
    if (finite.readOut) words.push('--read-out');
    if (finite.batchNorm !== FINITE_DEFAULTS.batchNorm) words.push('--batch-norm', finite.batchNorm);
  }
  if (training) {
    const d = TRAINING_DEFAULTS;
    words.push('--train', training.optimizer);
    if (training.steps !== d.steps) words.push('--steps', String(training.steps));
    if (training.learningRate !== null) words.push('--learning-rate', String(training.learningRate));
    if (training.optimizer === 'momentum' && training.momentum !== d.momentum) words.push('--momentum', String(training.momentum));
    if (training.width !== null) words.push('--train-width', String(training.width));
    if (training.parameterisation !== d.parameterisation) words.push('--parameterisation', training.parameterisation);
    if (training.twins.join() !== d.twins.join()) words.push('--train-twins', training.twins.join(',') || 'none');
  }
  words.push('--tolerance', String(query.tolerance));
  if (query.only) words.push('--only', query.only.join(','));
  words.push('--out', 'complex-ntk-out');
  return words.map(quoted).join(' ');
}
