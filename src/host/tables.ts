// The commands and settings as the manifest shows them, one row each. A test holds package.json to these rows. Knows no editor API.
import { problemCodes, settableCodes } from '../catalog/problems.ts';
import { BACKEND_PREFERENCES, MEMORY_LIMIT_MB, VERDICT_TOLERANCE } from '../contract/engine.ts';
import { BATCH_NORM_MODES, FINITE_DEFAULTS, LAWS, OPTIMIZERS, PARAMETERISATIONS, TRAINING_DEFAULTS, TWIN_SIZES } from '../contract/finite.ts';
import { DEFAULT_SAMPLES, NORMALISATIONS, SIGNALS } from '../contract/inputs.ts';

export const EXTENSION_ID = 'complex-ntk.complex-ntk';
export const PANEL_TYPE = 'complexNtk.panel';
export const CATEGORY = 'Complex NTK';

/** True in the editor's context keys when the active file holds a network. */
export const HAS_MODEL = 'complexNtk.hasModel';
/** True while an analysis waits or runs. */
export const IS_BUSY = 'complexNtk.busy';
/** True when some result can be exported. */
export const HAS_RESULT = 'complexNtk.hasResult';

export const MODEL_FILE = 'resourceLangId == python || resourceFilename =~ /\\.ntk\\.(json|ya?ml)$/';

export interface CommandRow {
  id: `complexNtk.${string}`;
  title: string;
  /** When the palette offers it. */
  when: string;
  /** Base name of the icon's two files in media/. */
  icon?: string;
}

const onModel = `${HAS_MODEL} || ${MODEL_FILE} || activeWebviewPanelId == ${PANEL_TYPE}`;

export const commandTable = [
  { id: 'complexNtk.analyze', title: 'Analyze NTK', when: onModel, icon: 'analyze' },
  { id: 'complexNtk.analyzeFiniteWidth', title: 'Analyze NTK with Finite Widths', when: onModel },
  { id: 'complexNtk.train', title: 'Train Drawn Networks', when: onModel },
  { id: 'complexNtk.chooseInputs', title: 'Choose Inputs', when: onModel },
  { id: 'complexNtk.cancel', title: 'Cancel Analysis', when: IS_BUSY },
  { id: 'complexNtk.exportReport', title: 'Export Report', when: HAS_RESULT },
  { id: 'complexNtk.restartEngine', title: 'Restart Engine', when: 'true' },
  { id: 'complexNtk.showLog', title: 'Show Log', when: 'true' },
  { id: 'complexNtk.copyDiagnostics', title: 'Copy Diagnostic Information', when: 'true' },
] as const satisfies readonly CommandRow[];

export type CommandId = (typeof commandTable)[number]['id'];

/** Argument of `complexNtk.analyze`: what failed is tried again, with all that was asked for. */
export const AGAIN = 'again';

/** How a problem is shown: as the catalog has it, not at all, or with another severity. */
export const TOLD_AS = ['default', 'off', 'hint', 'information', 'warning', 'error'] as const;
export type ToldAs = (typeof TOLD_AS)[number];

interface PropertyRow {
  type: 'string';
  enum: typeof TOLD_AS;
  default: ToldAs;
  description: string;
}

export interface SettingRow {
  type: 'string' | 'boolean' | 'number' | 'integer' | 'array' | 'object' | ['number' | 'integer', 'null'];
  default: string | boolean | number | readonly (string | number)[] | Record<string, never> | null;
  scope: 'resource' | 'window' | 'machine';
  enum?: readonly string[];
  /** Of an object: its properties, and that it has no others. */
  properties?: Record<string, PropertyRow>;
  additionalProperties?: false;
  items?: { type: 'integer'; minimum: number; maximum: number } | { type: 'string'; enum: readonly string[] };
  minItems?: number;
  maxItems?: number;
  uniqueItems?: true;
  minimum?: number;
  maximum?: number;
}

const problemRows = Object.fromEntries(settableCodes.map((code): [string, PropertyRow] => [code, { type: 'string', enum: TOLD_AS, default: 'default', description: `%problem.${code}%` }]));

/** What `complexNtk.problems` says of each code: a key and its words. */
export const problemWords: Record<string, string> = Object.fromEntries(settableCodes.map((code) => [`problem.${code}`, `${problemCodes[code]!.title}. By default: ${problemCodes[code]!.severity}.`]));

/** Names without the prefix `complexNtk.`, in the order of the settings page. */
export const settingTable = {
  'inputs.signals': { type: 'string', default: 'auto', scope: 'resource', enum: ['auto', ...SIGNALS] },
  'inputs.file': { type: 'string', default: '', scope: 'resource' },
  'inputs.samples': { type: 'integer', default: DEFAULT_SAMPLES, scope: 'resource', minimum: 2, maximum: 4096 },
  'inputs.normalise': { type: 'string', default: 'none', scope: 'resource', enum: NORMALISATIONS },
  weightVariance: { type: ['number', 'null'], default: null, scope: 'resource', minimum: 0, maximum: 1e6 },
  biasVariance: { type: ['number', 'null'], default: null, scope: 'resource', minimum: 0, maximum: 1e6 },
  widths: { type: 'array', default: [64, 256], scope: 'resource', items: { type: 'integer', minimum: 1, maximum: 65536 }, minItems: 1, maxItems: 16 },
  seeds: { type: 'integer', default: 5, scope: 'resource', minimum: 1, maximum: 1000 },
  'finite.law': { type: 'string', default: FINITE_DEFAULTS.law, scope: 'resource', enum: LAWS },
  'finite.readOut': { type: 'boolean', default: FINITE_DEFAULTS.readOut, scope: 'resource' },
  'finite.batchNorm': { type: 'string', default: FINITE_DEFAULTS.batchNorm, scope: 'resource', enum: BATCH_NORM_MODES },
  'training.optimizer': { type: 'string', default: TRAINING_DEFAULTS.optimizer, scope: 'resource', enum: OPTIMIZERS },
  'training.steps': { type: 'integer', default: TRAINING_DEFAULTS.steps, scope: 'resource', minimum: 1, maximum: 1000000 },
  'training.learningRate': { type: ['number', 'null'], default: TRAINING_DEFAULTS.learningRate, scope: 'resource', minimum: 1e-12, maximum: 1e6 },
  'training.momentum': { type: 'number', default: TRAINING_DEFAULTS.momentum, scope: 'resource', minimum: 0, maximum: 0.9999 },
  'training.width': { type: ['integer', 'null'], default: TRAINING_DEFAULTS.width, scope: 'resource', minimum: 1, maximum: 65536 },
  'training.parameterisation': { type: 'string', default: TRAINING_DEFAULTS.parameterisation, scope: 'resource', enum: PARAMETERISATIONS },
  'training.twins': { type: 'array', default: TRAINING_DEFAULTS.twins, scope: 'resource', items: { type: 'string', enum: TWIN_SIZES }, uniqueItems: true },
  activations: { type: 'object', default: {}, scope: 'window' },
  problems: { type: 'object', default: {}, scope: 'resource', properties: problemRows, additionalProperties: false },
  tolerance: { type: 'number', default: VERDICT_TOLERANCE, scope: 'resource', minimum: 1e-12, maximum: 1 },
  memoryLimit: { type: 'integer', default: MEMORY_LIMIT_MB, scope: 'window', minimum: 16, maximum: 1048576 },
  backend: { type: 'string', default: 'auto', scope: 'window', enum: BACKEND_PREFERENCES },
  tfjsNodePath: { type: 'string', default: '', scope: 'machine' },
} as const satisfies Record<string, SettingRow>;

export type SettingName = keyof typeof settingTable;

/** Settings that name a place to load from: ignored in a workspace that is not trusted. */
export const restrictedSettings: readonly SettingName[] = ['inputs.file', 'tfjsNodePath'];
