// `activations`: what the catalog holds.
import { Command } from 'commander';
import { activations } from '../../catalog/activations/index.ts';
import { everyLibrary } from '../../catalog/libraries/index.ts';
import { answer } from '../terminal.ts';

export function activationsCommand(): Command {
  return new Command('activations')
    .description('List the activations, their parameters, structure, limits, and what libraries call them.')
    .option('--json', 'as JSON')
    .action(async ({ json }: { json?: boolean }) => {
      const rows = activations.map((a) => ({
        id: a.id,
        label: a.label,
        parameters: a.parameters,
        structure: a.structure,
        field: a.field,
        limit: a.limit(a.parameters).exists,
        libraries: everyLibrary.flatMap((l) => {
          const names = l.spellings.filter((s) => s.activation === a.id || (a.field === 'real' && s.realActivation === a.id)).flatMap((s) => s.names);
          return names.length > 0 ? [{ library: l.id, version: l.version, names }] : [];
        }),
      }));
      if (json) return answer(JSON.stringify(rows, null, 2));
      const lines = rows.map((r) => {
        const parameters = Object.entries(r.parameters).map(([k, v]) => `${k}=${v}`).join(' ');
        const names = r.libraries.map((l) => `${l.library}: ${l.names.join(', ')}`).join('; ');
        return `${r.id.padEnd(22)} ${r.field.padEnd(8)} ${r.structure.join(', ').padEnd(24)} limit ${r.limit.padEnd(5)} ${parameters}${names ? `\n${' '.repeat(23)}${names}` : ''}`;
      });
      return answer(lines.join('\n'));
    });
}
