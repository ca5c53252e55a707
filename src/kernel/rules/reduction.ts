// Does complex arithmetic buy anything on these inputs: the verdict as a diagnostic of the whole network.
import type { Rule } from './rule.ts';

const TITLES = {
  reduces: { code: 'reduces-to-real', advice: 'The real twin would do as well; an activation that keeps the phase between inputs (modReLU, polar tanh) need not reduce.' },
  'real-channel-reduces': { code: 'real-channel-reduces', advice: 'Trained on its real output alone, it moves as the twin does.' },
} as const;

export const reduction: Rule = ({ verdict, set }) => {
  if (verdict.word === 'undecided') {
    const content = set.inputs.phaseContent.value;
    if (content === null || content > verdict.tolerance || !set.hasTwin) return [];
    return [{ code: 'inputs-without-phase', severity: 'information', layer: null, message: verdict.sentence }];
  }
  if (verdict.word === 'stays-complex') return [];
  const { code, advice } = TITLES[verdict.word];
  return [{ code, severity: 'information', layer: null, message: `${verdict.sentence} ${advice}` }];
};
