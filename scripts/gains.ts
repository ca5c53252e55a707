// Writes src/catalog/gains.json: gains at unit variance of every activation, with its own default parameters and those of the libraries.
// Run: node --import tsx scripts/gains.ts
import { writeFileSync } from 'node:fs';
import { tabulatedGains } from './tabulate-gains.ts';

writeFileSync(new URL('../src/catalog/gains.json', import.meta.url), `${JSON.stringify(tabulatedGains(), null, 1)}\n`);
