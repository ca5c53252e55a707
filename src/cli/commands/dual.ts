// `dual`: S, A and B of an activation at one point, or at many from a file.
import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { activationOf, EXPRESSION } from '../../catalog/activations/index.ts';
import { Fault } from '../../contract/fault.ts';
import type { Complex } from '../../contract/matrix.ts';
import { ioFault } from '../../data/index.ts';
import { dualAt, type DualValue } from '../../kernel/index.ts';
import { complex, numbers, parameter } from '../options.ts';
import { answer } from '../terminal.ts';

type Parameters = Record<string, number | string>;

interface Options {
  activation?: string;
  parameter: Parameters;
  std: number[];
  rho: Complex;
  from?: string;
  json?: boolean;
}

type Row = { activation: string; parameters: Parameters; std: [number, number]; rho: Complex };
type Refused = { S: null; A: null; B: null; reason: string };

export function dualCommand(): Command {
  return new Command('dual')
    .description('The dual maps S, A, B of an activation for u ~ CN(0, a^2), v ~ CN(0, b^2), E[u conj v] = rho a b.')
    .option('--activation <name>', 'id, as listed by the command activations; or expression, with --parameter form=... --parameter expression=...')
    .option('--parameter <k=v>', 'a parameter of it; may be given several times', parameter, {})
    .option('--std <a,b>', 'standard deviations', numbers, [1, 1])
    .option('--rho <z>', 'correlation: 0.3, 0.4i, -0.3+0.4i', complex, [1, 0] as Complex)
    .option('--from <rows.json>', 'an array of { activation, parameters, std, rho }; prints an array in the same order')
    .option('--json', 'as JSON')
    .action(async (o: Options) => {
      if (o.from !== undefined) return answer(JSON.stringify((await readRows(o.from)).map(ofRow), null, 1));
      if (o.activation === undefined) throw new Fault('bad-input', 'dual needs --activation NAME, or --from ROWS.json.');
      const value = dualOf(checked({ activation: o.activation, parameters: o.parameter, std: o.std, rho: o.rho }));
      if (o.json) return answer(JSON.stringify({ schema: 1, ...value }, null, 1));
      const shown = (z: Complex | null) => (z ? `${z[0]} ${z[1] < 0 ? '-' : '+'} ${Math.abs(z[1])}i` : `- (${value.reason})`);
      return answer(`S = ${shown(value.S)}\nA = ${shown(value.A)}\nB = ${shown(value.B)}\n${value.method}, error at most ${value.error.toExponential(1)} of sqrt(S_aa S_bb)`);
    });
}

async function readRows(path: string): Promise<unknown[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (e) {
    throw new Fault('bad-input', ioFault(e, 'read', path).message);
  }
  try {
    const rows: unknown = JSON.parse(text);
    if (Array.isArray(rows)) return rows;
  } catch (e) {
    throw new Fault('bad-input', `${path} is not JSON: ${(e as Error).message}`);
  }
  throw new Fault('bad-input', `${path} holds no array; write [{ "activation", "parameters", "std", "rho" }, ...].`);
}

const isNumbers = (x: unknown, length: number): x is number[] => Array.isArray(x) && x.length === length && x.every((v) => typeof v === 'number');

function checked(row: unknown): Row {
  if (typeof row !== 'object' || row === null) throw new Fault('bad-input', `${JSON.stringify(row)} is no row.`);
  const { activation, parameters = {}, std, rho } = row as Record<string, unknown>;
  if (typeof activation !== 'string') throw new Fault('bad-input', 'The row names no activation.');
  if (!isNumbers(std, 2)) throw new Fault('bad-input', `std is ${JSON.stringify(std)}; give two numbers.`);
  const z = typeof rho === 'number' ? [rho, 0] : rho;
  if (!isNumbers(z, 2)) throw new Fault('bad-input', `rho is ${JSON.stringify(rho)}; give [re, im].`);
  const fits = ([k, v]: [string, unknown]): boolean => typeof v === 'number' || (typeof v === 'string' && activation === EXPRESSION && (k === 'form' || k === 'expression'));
  if (typeof parameters !== 'object' || parameters === null || !Object.entries(parameters).every(fits)) throw new Fault('bad-input', `parameters is ${JSON.stringify(parameters)}; give { name: number }.`);
  return { activation, parameters: parameters as Parameters, std: std as [number, number], rho: z as Complex };
}

function dualOf({ activation, parameters, std, rho }: Row): DualValue {
  const found = activationOf(activation, parameters);
  if (!found) throw new Fault('bad-input', `No activation is called "${activation}"; complex-ntk activations lists them.`);
  const numbersOnly = Object.fromEntries(Object.entries(parameters).filter((e): e is [string, number] => typeof e[1] === 'number'));
  const unknown = Object.keys(numbersOnly).find((name) => !Object.hasOwn(found.parameters, name));
  if (unknown !== undefined) {
    const known = Object.keys(found.parameters).join(', ');
    throw new Fault('bad-input', `${activation} has no parameter ${unknown}; ${known ? `it has ${known}` : 'it has none'}.`);
  }
  return dualAt(found, numbersOnly, std, rho);
}

function ofRow(row: unknown): DualValue | Refused {
  try {
    return dualOf(checked(row));
  } catch (e) {
    if (!(e instanceof Fault)) throw e;
    return { S: null, A: null, B: null, reason: e.message };
  }
}
