// Writes the settings of package.json from the host's table, and the words of the problem codes in package.nls.json:
// `node --import tsx scripts/manifest.ts`. The words of a new setting itself are written by hand; what is missing is said.
// Knows no setting by name but the one whose words come from the catalog. test/manifest.test.ts fails where the two differ.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { problemWords, settingTable, type SettingRow } from '../src/host/tables.ts';

const at = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));
const read = (name: string) => JSON.parse(readFileSync(at(name), 'utf8'));
const write = (name: string, value: unknown): void => writeFileSync(at(name), `${JSON.stringify(value, null, 2)}\n`);

const manifest = read('package.json');
manifest.contributes.configuration.properties = Object.fromEntries(Object.entries<SettingRow>(settingTable).map(([name, row], order) => [`complexNtk.${name}`, {
  order, ...row, markdownDescription: `%setting.${name}%`,
  ...(row.enum ? { enumDescriptions: row.enum.map((value) => `%setting.${name}.${value}%`) } : {}),
}]));
write('package.json', manifest);

const words = Object.entries(read('package.nls.json') as Record<string, string>).filter(([key]) => !key.startsWith('problem.'));
const after = words.findIndex(([key]) => key === 'setting.problems') + 1;
const all = Object.fromEntries([...words.slice(0, after), ...Object.entries(problemWords), ...words.slice(after)]);
write('package.nls.json', all);

const asked = [...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map((match) => match[1]!);
const missing = [...new Set(asked)].filter((key) => !Object.hasOwn(all, key));
if (missing.length > 0) {
  console.error(`package.nls.json has no words for ${missing.join(', ')}.`);
  process.exitCode = 1;
}
