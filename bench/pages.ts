// Puts the results of the last whole run into docs/speed.md and docs/growth.svg. Run: node --import tsx bench/pages.ts
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { growthPicture } from './growth.ts';
import type { Results } from './results.ts';
import { aboutLine, agreementTable, asMarkdown, comparedTable, finiteFiguresTable, finiteTable, growthTable, interactiveTable, limitTable, ratioTable, waysTable, type Table } from './tables.ts';

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** Replaces what stands between the marks `<!-- name -->` and `<!-- end -->`. */
export function filled(page: string, parts: Record<string, string>): string {
  return page.replace(/<!-- ([a-z]+) -->\n[^]*?<!-- end -->/g, (all, name: string) => (Object.hasOwn(parts, name) ? `<!-- ${name} -->\n${parts[name]}\n<!-- end -->` : all));
}

if (process.argv[1] === here('pages.ts')) {
  const results = JSON.parse(readFileSync(here('results.json'), 'utf8')) as Results;
  const tables: Record<string, Table> = {
    ratios: ratioTable(results.works), agreement: agreementTable(results.works), limits: limitTable(results), ways: waysTable(results.works),
    interactive: interactiveTable(results.interactive), growth: growthTable(results.growth),
    ...(results.finite && { finite: finiteTable(results.finite.works), figures: finiteFiguresTable(results.finite), compared: comparedTable(results.finite.compared) }),
  };
  const parts = { about: aboutLine(results), ...(results.finite && { finiteabout: aboutLine(results.finite) }), ...Object.fromEntries(Object.entries(tables).map(([name, table]) => [name, asMarkdown(table)])) };
  writeFileSync(here('../docs/speed.md'), filled(readFileSync(here('../docs/speed.md'), 'utf8'), parts));
  writeFileSync(here('../docs/growth.svg'), growthPicture(results.growth));
}
