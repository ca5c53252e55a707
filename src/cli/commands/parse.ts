// `parse`: what is read out of a model file, without any computation.
import { Command } from 'commander';
import type { Definitions } from '../../catalog/expressions/definitions.ts';
import { counts, definition, silenced } from '../options.ts';
import { answer } from '../terminal.ts';
import { problemLine, readModelFile } from '../model-file.ts';

export function parseCommand(): Command {
  return new Command('parse')
    .description('Read the models of a file: layers, shapes, edges, problems.')
    .argument('<file>', 'a Python file or notebook, a Keras model as JSON, *.ntk.json or *.ntk.yaml')
    .option('--activation <NAME=EXPRESSION>', 'what a class is that could not be read: MyAct=tanh(r), of x, r or z; may be given several times', definition, {})
    .option('--shape <shape>', 'shape of one sample, for networks whose text tells none: 1,28,28', counts)
    .option('--silence <codes>', 'problems that are not to be told: modrelu-identity,no-forward', silenced, [])
    .option('--json', 'as JSON')
    .action(async (file: string, { json, activation, silence, shape: given }: { json?: boolean; activation: Definitions; silence: string[]; shape?: number[] }) => {
      const { schema, models, problems: all } = await readModelFile(file, activation, given ?? null);
      const problems = all.filter(({ code }) => !silence.includes(code));
      if (json) {
        const rows = problems.map(({ code, severity, message, span, fix }) => ({ code, severity, message, ...span, ...(fix ? { fix } : {}) }));
        return answer(JSON.stringify({ schema, models, problems: rows }, null, 2));
      }
      const shape = (s: number[] | null) => (s ? `[${s.join(', ')}]` : '?');
      const lines = models.flatMap((m) => [
        `${m.name} (line ${m.line})`,
        ...m.layers.map((l) => `  ${l.id.padEnd(16)} ${(l.kind === 'activation' || l.kind === 'read-out' ? `${l.kind} ${l.name}` : l.kind).padEnd(26)} ${l.field.padEnd(8)} ${shape(l.input)} -> ${shape(l.output)}${l.span ? `  line ${l.span.line}` : ''}${l.reason ? `  ${l.reason}` : ''}`),
      ]);
      return answer([...lines, ...(models.length ? [] : ['No models.']), ...problems.map((p) => problemLine(file, p))].join('\n'));
    });
}
