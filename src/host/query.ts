// From a model, the settings and the user's choice of inputs to the engine's query, and the key under which its result is kept. Knows no editor API.
import { createHash } from 'node:crypto';
import { readDefinitions } from '../catalog/expressions/definitions.ts';
import { canonicalModel } from '../contract/canonical.ts';
import type { AnalyzeQuery } from '../contract/engine.ts';
import type { ModelGraph } from '../contract/graph.ts';
import { defaultSignals, type InputQuery } from '../contract/inputs.ts';
import type { HostMethods } from '../contract/view.ts';
import type { Settings } from './settings.ts';

/** What the user chose for one file; what it leaves open comes from the settings and the model. */
export interface InputChoice {
  source: { signals: Settings['inputs.signals'] } | { file: string } | null;
  samples: number | null;
  /** By network; only asked for where its text does not tell it. */
  shapes: Record<string, number[]>;
}

/** What an analysis has beside the kernels of the limit. */
export type Asked = HostMethods['analyze'][0];

export const LIMIT_ALONE: Asked = { finiteWidth: false, training: false };

export const together = (a: Asked, b: Asked): Asked => ({ finiteWidth: a.finiteWidth || b.finiteWidth, training: a.training || b.training });

export const NO_CHOICE: InputChoice = { source: null, samples: null, shapes: {} };

/** The inputs to analyse on; null where the model's text does not tell their shape and nobody has been asked yet. */
export function inputsFor(model: ModelGraph, settings: Settings, choice: InputChoice): InputQuery | null {
  const normalise = settings['inputs.normalise'];
  const source = choice.source ?? (settings['inputs.file'] ? { file: settings['inputs.file'] } : { signals: settings['inputs.signals'] });
  if ('file' in source) return { kind: 'file', path: source.file, samples: choice.samples, shape: null, normalise };
  const shape = inputShapeOf(model) ?? choice.shapes[model.name];
  if (!shape) return null;
  const name = source.signals === 'auto' ? defaultSignals(model.inputField) : source.signals;
  return { kind: 'signals', name, options: {}, samples: choice.samples ?? settings['inputs.samples'], shape, normalise };
}

/** Shape of one sample where the text tells it: of the model, or, before its first dense layer, as the flat vector that layer takes. */
export function inputShapeOf(model: ModelGraph): number[] | null {
  if (model.inputShape) return model.inputShape;
  const first = model.layers.find((layer) => layer.kind !== 'flatten' && layer.kind !== 'dropout');
  const takes = first?.kind === 'dense' ? first.parameters.inFeatures : null;
  return typeof takes === 'number' ? [takes] : null;
}

export function queryFor(model: ModelGraph, file: string | null, inputs: InputQuery, settings: Settings, asked: Asked): AnalyzeQuery {
  const { weightVariance, biasVariance, widths, seeds, tolerance, backend } = settings;
  const { definitions } = readDefinitions(settings.activations);
  return {
    ...(Object.keys(definitions).length > 0 ? { activations: definitions } : {}),
    graph: model, file, inputs, weightVariance, biasVariance, seeds, tolerance, backend,
    widths: asked.finiteWidth ? widths : [],
    finite: { law: settings['finite.law'], readOut: settings['finite.readOut'], batchNorm: settings['finite.batchNorm'] },
    training: !asked.training ? null : {
      optimizer: settings['training.optimizer'], learningRate: settings['training.learningRate'], momentum: settings['training.momentum'], steps: settings['training.steps'],
      width: settings['training.width'], parameterisation: settings['training.parameterisation'], twins: settings['training.twins'],
    },
    only: null,
    memoryLimitBytes: settings.memoryLimit * 2 ** 20,
  };
}

export const drawsNetworks = ({ widths, training }: AnalyzeQuery): boolean => widths.length > 0 || training !== null;

/** The same for queries that must give the same numbers: places, names and limits leave it, a width or an input changes it. */
export function resultKey(query: AnalyzeQuery, version: string): string {
  // Activations that the user defined are in the graph.
  const { graph, file: _file, memoryLimitBytes: _limit, activations: _activations, seeds, finite, backend, ...rest } = query;
  return createHash('sha256').update(canonicalModel(graph)).update(JSON.stringify(drawsNetworks(query) ? { ...rest, seeds, finite, backend } : rest)).update(version).digest('hex');
}

/** Sizes of one sample as people type them: "1,28,28" or "1 x 28 x 28". Null for anything else. */
export function readShape(text: string): number[] | null {
  const parts = text.trim().split(/\s*[,x×]\s*|\s+/);
  const sizes = parts.map((part) => (/^\d{1,7}$/.test(part) ? Number(part) : 0));
  return sizes.length <= 8 && sizes.every((size) => size > 0) && sizes.reduce((a, b) => a * b, 1) <= 1e7 ? sizes : null;
}
