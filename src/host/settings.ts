// The settings with their types, from whatever the configuration holds. Knows no editor API: it is given a function that looks up a name.
import type { BackendPreference } from '../contract/engine.ts';
import type { BatchNormMode, Law, Optimizer, Parameterisation, TwinSize } from '../contract/finite.ts';
import type { Normalisation, SignalName } from '../contract/inputs.ts';
import { settingTable, type SettingName, type SettingRow } from './tables.ts';

export interface Settings {
  'inputs.signals': 'auto' | SignalName;
  'inputs.file': string;
  'inputs.samples': number;
  'inputs.normalise': Normalisation;
  weightVariance: number | null;
  biasVariance: number | null;
  widths: number[];
  seeds: number;
  'finite.law': Law;
  'finite.readOut': boolean;
  'finite.batchNorm': BatchNormMode;
  'training.optimizer': Optimizer;
  'training.steps': number;
  'training.learningRate': number | null;
  'training.momentum': number;
  'training.width': number | null;
  'training.parameterisation': Parameterisation;
  'training.twins': TwinSize[];
  /** By class name: an expression, or { form, expression, ... }. Each is checked where it is used. */
  activations: Record<string, unknown>;
  /** By problem code: how it is shown. Each is checked where it is used. */
  problems: Record<string, unknown>;
  tolerance: number;
  /** MB. */
  memoryLimit: number;
  backend: BackendPreference;
  tfjsNodePath: string;
}

/** The editor warns of a wrong value but hands it over all the same: here it is replaced by the default, and said. */
export function readSettings(look: (name: SettingName) => unknown): { settings: Settings; complaints: string[] } {
  const complaints: string[] = [];
  const entries = Object.entries(settingTable).map(([name, row]) => {
    const value = look(name as SettingName) ?? row.default;
    if (allowed(row, value)) return [name, value];
    complaints.push(`The setting complexNtk.${name} is ${JSON.stringify(value)?.slice(0, 100)}, which is not allowed; ${JSON.stringify(row.default)} is used.`);
    return [name, row.default];
  });
  return { settings: Object.fromEntries(entries) as Settings, complaints };
}

function allowed(row: SettingRow, value: unknown): boolean {
  if (value === null) return row.default === null;
  if (row.type === 'string') return typeof value === 'string' && (!row.enum || row.enum.includes(value));
  if (row.type === 'boolean') return typeof value === 'boolean';
  if (row.type === 'object') return typeof value === 'object' && !Array.isArray(value);
  if (row.type === 'array') return Array.isArray(value) && listed(row, value);
  return (row.type === 'integer' || row.type[0] === 'integer' ? whole(value) : typeof value === 'number' && Number.isFinite(value)) && within(value as number, row);
}

function listed({ items, minItems = 0, maxItems = Infinity, uniqueItems }: SettingRow, values: unknown[]): boolean {
  if (values.length < minItems || values.length > maxItems || (uniqueItems && new Set(values).size < values.length)) return false;
  return values.every((value) => (items!.type === 'string' ? items!.enum.includes(value as string) : whole(value) && within(value, items!)));
}

const whole = (value: unknown): value is number => Number.isSafeInteger(value);
const within = (value: number, { minimum = -Infinity, maximum = Infinity }: { minimum?: number; maximum?: number }) => value >= minimum && value <= maximum;
