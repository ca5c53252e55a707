// `parse`: what is read out of a model file, without any computation.
import { Command } from 'commander';
import type { Definitions } from '../../catalog/expressions/definitions.ts';
import { definition } from '../options.ts';
import { answer } from '../terminal.ts';
import { problemLine, readModelFile } from '../model-file.ts';

export function parseCommand(): Command {
  return new Command('parse')
    .description('Read the models of a file: layers, shapes, edges, problems.')
    .argument('<file>', 'a Python file or *.ntk.json')
    .option('--activation <NAME=EXPRESSION>', 'what a class is that could not be read: MyAct=tanh(r), of x, r or z; may be given several times', definition, {})
    .option('--json', 'as JSON')
    .action(async (file: string, { json, activation }: { json?: boolean; activation: Definitions }) => {
      const { schema, models, problems } = await readModelFile(file, activation);
      if (json) {
        const rows = problems.map(({ code, severity, message, span }) => ({ code, severity, message, ...span }));
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
