// The verdict in plain words with its numbers beside it.
import type { AnalysisResult, Quantity, VerdictClause, VerdictWord } from '../../src/contract/result.ts';
import { h } from '../element.ts';
import { number, quantity as written } from '../format.ts';
import { quantityElement } from './quantity.ts';

export const WORDS: Record<VerdictWord, string> = {
  undecided: 'Undecided',
  reduces: 'Reduces to a real network',
  'real-channel-reduces': 'The real channel reduces, the phases still couple',
  'stays-complex': 'Stays complex',
};

const TOPICS: Record<VerdictClause['topic'], string> = {
  inputs: 'Inputs', kernel: 'Kernel', training: 'Training', 'held-out': 'Held-out samples', depth: 'Depth', backpropagation: 'Backpropagation', 'finite-width': 'Finite width',
};

export function verdictCard(result: AnalysisResult): HTMLElement {
  const { verdict, inputs, model } = result;
  const rows: [string, string, Quantity][] = [
    ['Real-channel gap', '‖Re Θ − Θ twin‖ / ‖Θ twin‖', result.realChannelGap],
    ['Phase coupling', '‖Im Θ‖ / ‖Θ‖', result.phaseCoupling],
    ['Holomorphic gap', '‖Θ hol − Θ‖ / ‖Θ‖; what dropping ∂f/∂z̄ would change', result.holomorphicGap],
    ["Inputs' phase content", '‖Im K⁰‖ / ‖K⁰‖', inputs.phaseContent],
    ["Inputs' triple phase", 'Σ|Im K₁₂K₂₃K₃₁| / Σ|K₁₂K₂₃K₃₁|; turning samples leaves it', inputs.triplePhase],
    ["Inputs' circularity", '‖E xxᵀ‖ / E‖x‖²; 0 is circular', inputs.circularity],
  ];
  return h('section', { class: 'card verdict', testid: 'verdict', attributes: { 'aria-labelledby': 'verdict-word', 'data-word': verdict.word } },
    h('h2', { id: 'verdict-word', testid: 'verdict-word' }, WORDS[verdict.word] ?? verdict.word),
    h('p', { class: 'sentence' }, verdict.sentence),
    verdict.clauses.length > 0 && h('dl', { class: 'clauses', testid: 'clauses' }, ...[...new Set(verdict.clauses.map(({ topic }) => topic))].map((topic) =>
      h('div', {}, h('dt', {}, TOPICS[topic] ?? topic), ...statements(verdict.clauses.filter((c) => c.topic === topic))))),
    h('dl', { class: 'numbers' }, ...rows.map(([name, formula, q]) =>
      h('div', {}, h('dt', {}, name, h('span', { class: 'formula' }, formula)), h('dd', {}, quantityElement(q))))),
    verdict.caveats.length > 0 && h('ul', { class: 'caveats', attributes: { 'aria-label': 'Caveats' } }, ...verdict.caveats.map((c) => h('li', {}, c))),
    h('p', { class: 'muted' },
      `Tolerance ${number(verdict.tolerance)}. Inputs: ${inputs.description}. The kernel is one output unit's at layer ${result.kernelOf}`,
      result.outputUnits === null ? '.' : `, the same for each of its ${result.outputUnits} units.`,
      model.field === 'real' ? ' This network is real: it is its own twin.' : ''));
}

/** As many statements of one topic are in sight; a deep network has one for each different layer. */
const IN_SIGHT = 4;

/** Each with the number behind it; the text has it rounded. */
function statements(clauses: VerdictClause[]): HTMLElement[] {
  const one = ({ text, quantity }: VerdictClause): HTMLElement => h('p', {}, text, quantity && h('span', { class: 'origin quantity' }, ` (${quantity.value === null ? quantity.reason ?? 'not computed' : written(quantity)})`));
  const hidden = clauses.slice(IN_SIGHT);
  return [h('dd', {}, ...clauses.slice(0, IN_SIGHT).map(one), hidden.length > 0 && h('details', {}, h('summary', {}, `${hidden.length} more`), ...hidden.map(one)))];
}
