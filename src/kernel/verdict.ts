// The verdict: one word by the tolerances, one sentence with its numbers, one statement for each other number, and what has to be said beside it.
import type { AnalysisResult, DepthMap, KernelRegression, Quantity, TrainingCurve, Verdict, VerdictClause } from '../contract/result.ts';
import { activationOf } from '../catalog/activations/index.ts';
import type { KernelSet } from './kernels.ts';
import type { Network } from './network.ts';

/** What was computed from the kernels. */
export type Studies = Pick<AnalysisResult, 'spectra' | 'training' | 'regression' | 'depth'>;

/** Three digits without trailing zeros; a value within its error is 0. */
export function shown(q: Quantity): string {
  if (q.error !== null && Math.abs(q.value!) <= q.error) return `0 within ${q.error.toExponential(0)}`;
  return String(Number(q.value!.toPrecision(3)));
}

/** t = max(tolerance, 3 x the numbers' own error); phase content first, then gap and coupling, then gap alone. */
export function verdictOf(network: Network, set: KernelSet, floor: number, studies: Studies): Verdict {
  const { realChannelGap: gap, phaseCoupling: coupling } = set;
  const content = set.inputs.phaseContent;
  const tolerance = Math.max(floor, 3 * Math.max(gap.error ?? 0, coupling.error ?? 0, content.error ?? 0));
  const clauses = clausesOf(network, set, studies, tolerance);
  const verdict = (word: Verdict['word'], sentence: string): Verdict => ({ word, sentence, clauses, tolerance, caveats: caveatsOf(network, set) });
  if (network.field === 'real') return verdict('undecided', 'This network is real: there is no complex network to compare with.');
  if (content.value === null) return verdict('undecided', `The inputs cannot decide: ${content.reason}.`);
  if (gap.value === null || coupling.value === null) return verdict('undecided', `There is no neural tangent kernel to compare: ${gap.reason ?? coupling.reason}.`);
  const numbers = `real-channel gap ${shown(gap)}, phase coupling ${shown(coupling)}, tolerance ${Number(tolerance.toPrecision(3))}`;
  if (content.value <= tolerance) {
    return verdict('undecided', `These inputs carry no phase (||Im K0||/||K0|| = ${shown(content)}), and without it no network differs from its real twin: ${numbers}. Try complex inputs.`);
  }
  if (gap.value <= tolerance && coupling.value <= tolerance) {
    return verdict('reduces', `On these inputs the complex network trains, at infinite width, as its real twin does: ${numbers}.`);
  }
  if (gap.value <= tolerance) {
    return verdict('real-channel-reduces', `The real part of the kernel is the real twin's, and only the coupling between real and imaginary outputs tells the networks apart: ${numbers}.`);
  }
  return verdict('stays-complex', `On these inputs the complex network's kernel differs from its real twin's: ${numbers}.`);
}

function caveatsOf(network: Network, set: KernelSet): string[] {
  const out: string[] = [];
  for (const { rule, node } of network.steps) {
    if (rule.kind !== 'activation' && rule.kind !== 'rnn') continue;
    const activation = activationOf(rule.name, rule.parameters)!;
    if (activation.jumps) out.push(`${activation.label} (${node!.id}) jumps: the kernel is that of its almost-everywhere derivative, and training also moves by jumps that no gradient sees.`);
  }
  if (set.missing) out.push(`${set.missing.layer}: ${set.missing.ntk}.`);
  const readOut = network.readOuts[0];
  if (readOut) out.push(`${readOut.id} (${readOut.spelling ?? readOut.name ?? readOut.kind}) acts after ${network.output.id}, and its output is not Gaussian: the kernel is that of ${network.output.id}.`);
  const weighted = network.steps.flatMap(({ rule, node }) => (rule.kind === 'weighted' || rule.kind === 'rnn' ? [{ rule, node: node! }] : []));
  if (network.field === 'complex' && weighted.some((s) => s.node.initialisation?.circular === false)) {
    out.push('The initialisation is not circular (E w^2 is not 0); the kernel takes circular weights of the same variance.');
  }
  out.push(
    network.field === 'complex'
      ? 'The kernel is in NTK parameterisation with the real numbers P and Q of W = (P + iQ)/sqrt 2 trained; a library that trains W itself moves twice as fast.'
      : 'The kernel is in NTK parameterisation.',
    'In the standard parameterisation with one learning rate, layers count by their widths.',
  );
  if (weighted.some((s) => s.rule.biasVariance === 0 && s.node.parameters.bias !== false)) {
    out.push('A bias that starts at 0 enters this kernel with s_b^2 = 0 and adds nothing; where it is trained, it adds to the NTK all the same.');
  }
  return out;
}

const clause = (topic: VerdictClause['topic'], quantity: Quantity | null, text: string): VerdictClause => ({ topic, text, quantity });

/** One statement for each number that exists, in the order in which they are read. */
function clausesOf(network: Network, set: KernelSet, { spectra, training, regression, depth }: Studies, tolerance: number): VerdictClause[] {
  const out: VerdictClause[] = [];
  const complex = network.field === 'complex';
  const { phaseContent, triplePhase, circularity } = set.inputs;
  if (complex && phaseContent.value !== null) {
    out.push(clause('inputs', phaseContent, `Phase content of the inputs: ${shown(phaseContent)} (||Im K0||/||K0||; 0 where all inner products are real).`));
  }
  if (complex && triplePhase.value !== null) {
    const removable = triplePhase.value <= tolerance;
    out.push(clause('inputs', triplePhase, `Triple phase ${shown(triplePhase)}: ${removable ? 'turning each sample by a phase of its own would remove the phases between them' : 'phases remain between the inputs however each sample is turned'}.`));
  }
  if (complex && circularity.value !== null) out.push(clause('inputs', circularity, `Circularity ${shown(circularity)} (||E x x^T||/E||x||^2; 0 where turning the inputs leaves their second moments alone).`));
  for (const curve of training.value?.curves ?? []) if (curve.trajectoryGap.value !== null) out.push(trajectory(curve));
  const { ntk } = spectra;
  if (ntk?.condition.value != null) {
    out.push(clause('training', ntk.condition, `Condition number ${shown(ntk.condition)}: under gradient flow the slowest mode takes that many times longer than the fastest.`));
  }
  if (regression.value) out.push(...heldOut(regression.value));
  out.push(...throughDepth(depth.value ?? []));
  if (complex && set.holomorphicGap.value !== null) {
    const { holomorphicGap } = set;
    out.push(clause('backpropagation', holomorphicGap, holomorphicGap.value! <= tolerance
      ? `Dropping df/dzbar in backpropagation would leave the kernel as it is: ${shown(holomorphicGap)}.`
      : `Dropping df/dzbar in backpropagation (as if every layer were holomorphic) would change the kernel by ${shown(holomorphicGap)} of its norm.`));
  }
  return out;
}

function trajectory({ trajectoryGap: gap, description, gapTime }: TrainingCurve): VerdictClause {
  const at = gapTime === null ? '' : `, at time ${Number(gapTime.toPrecision(3))}`;
  return clause('training', gap, `Trained by gradient flow on ${description}: outputs of network and real twin are never farther apart than ${shown(gap)} of the targets' norm${at}.`);
}

const points = (x: number): string => (100 * x).toFixed(1);

/** Whether a difference of accuracies is told apart from 0: twice its standard error. The splits overlap, so this is an indication. */
export const toldApart = ({ value, error }: Quantity): boolean => value !== null && error !== null && Math.abs(value) > 2 * error;

function heldOut(r: KernelRegression): VerdictClause[] {
  const of = (kernel: 'ntk' | 'twinNtk') => r.scores.find((s) => s.kernel === kernel && s.targets === 'one-hot')?.accuracy;
  const [own, twin] = [of('ntk'), of('twinNtk')];
  if (!own || own.value === null) return [];
  const setting = `${r.trainSamples} samples trained on, ${r.testSamples} held out, ${r.splits} overlapping splits`;
  const alone = `Kernel regression with the NTK names ${points(own.value)} ± ${points(own.error ?? 0)} % of held-out samples right (chance ${points(r.chance)} %; ${setting})`;
  if (!twin || twin.value === null || r.advantage.value === null) return [clause('held-out', own, `${alone}.`)];
  const { advantage } = r;
  const difference = `${points(Math.abs(advantage.value!))} ± ${points(advantage.error ?? 0)} points`;
  return [
    clause('held-out', own, `${alone}; with the real twin ${points(twin.value)} ± ${points(twin.error ?? 0)} %.`),
    clause('held-out', advantage, toldApart(advantage)
      ? `The ${advantage.value! > 0 ? 'NTK' : 'real twin'} is better by ${difference} on the same splits.`
      : `Their difference, ${advantage.value! < 0 ? '-' : ''}${difference}, is within two standard errors: these samples do not tell them apart.`),
  ];
}

/** One statement for each activation and phase; of several variances the range of slopes is told. */
function throughDepth(maps: DepthMap[]): VerdictClause[] {
  const groups = new Map<string, DepthMap[]>();
  for (const m of maps) if (m.phase !== null) groups.set(`${m.label} ${m.phase}`, [...(groups.get(`${m.label} ${m.phase}`) ?? []), m]);
  return [...groups.values()].map((group) => {
    const first = group[0]!;
    const layers = group.flatMap((m) => m.layers);
    const known = (of: (m: DepthMap) => Quantity) => group.flatMap((m) => of(m).value ?? []);
    const range = (values: number[], precision: number) =>
      [...new Set([Math.min(...values), Math.max(...values)].map((v) => Number(v.toPrecision(precision))))].join(' to ');
    const slopes = known((m) => m.slope);
    // 1 - c of nearly equal samples is multiplied by the slope at each layer.
    const scales = slopes.filter((x) => x > 0 && x !== 1).map((x) => 1 / Math.abs(Math.log(x)));
    const scale = scales.length === 0 ? '' : `, by a factor e in about ${range(scales, 2)} such layers`;
    const words = {
      ordered: `ordered: correlations between samples grow toward 1${scale}`,
      critical: 'critical within its error: correlations near 1 move only slowly with depth',
      chaotic: `chaotic: samples that are nearly equal separate with depth${scale}`,
    };
    const where = layers.length > 3 ? `${layers[0]} to ${layers.at(-1)} (${layers.length} layers)` : layers.join(', ');
    return clause('depth', first.slope, `${first.label} (${where}): ${slopes.length === 0 ? 'infinite slope' : `slope ${range(slopes, 4)}`} of the correlation map at 1, ${words[first.phase!]}.`);
  });
}
