// Writes docs/problems.md from the catalog's record of problem codes: `node --import tsx scripts/problem-pages.ts`.
// Knows no code by name. test/docs.test.ts fails where the page and the record differ.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { problemCodes, type ProblemCode } from '../src/catalog/problems.ts';

const SEVERITIES = { error: 'Error', warning: 'Warning', information: 'Information', hint: 'Hint' } as const;

// Codes stand in headings as they are, so that a link from the editor to #code finds them.
const section = ([code, p]: [string, ProblemCode]): string =>
  `## ${code}\n\n**${p.title}.** ${SEVERITIES[p.severity]}.\n\n${p.explanation}\n\n*What to do:* ${p.remedy}\n`;

/** The whole page. */
export function problemsPage(): string {
  const sections = Object.entries(problemCodes).map(section);
  return `# Problems

Each message in the Problems panel, in a report and in \`complex-ntk parse\` carries one of these codes. Those about a library say what was seen in the version that the catalog names; the message itself tells the version. A code never changes its meaning. The setting \`complexNtk.problems\` gives each the severity that you like, or "off"; on the command line \`--silence\` keeps codes from being told.

${sections.join('\n')}`;
}

const page = fileURLToPath(new URL('../docs/problems.md', import.meta.url));
if (process.argv[1] && fileURLToPath(import.meta.url) === path.resolve(process.argv[1])) writeFileSync(page, problemsPage());
