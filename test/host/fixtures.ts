// What the host's tests share: the real reader, a small model's text, and an engine that answers when told.
import { fileURLToPath } from 'node:url';
import type { AnalyzeQuery } from '../../src/contract/engine.ts';
import type { Entry, ModelsOptions } from '../../src/host/models.ts';
import type { ModelGraph } from '../../src/contract/graph.ts';
import { KERNEL_NAMES, type AnalysisResult } from '../../src/contract/result.ts';
import { inputsFor, NO_CHOICE, queryFor, resultKey, type Asked } from '../../src/host/query.ts';
import { readSettings } from '../../src/host/settings.ts';
import { openReader, type Reader } from '../../src/lang/read.ts';

const wasm = (path: string) => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));

export const reader: Reader = await openReader({
  runtime: wasm('web-tree-sitter/web-tree-sitter.wasm'), python: wasm('tree-sitter-python/tree-sitter-python.wasm'),
});

export const { settings } = readSettings(() => undefined);

export const MODEL = `import torch
from torch import nn
import complextorch.nn as cnn

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = cnn.Linear(8, 32)
        self.act = cnn.modReLU()
        self.last = cnn.Linear(32, 3)

    def forward(self, x):
        return self.last(self.act(self.first(x)))
`;

export function queryOf(_entry: Entry, model: ModelGraph, asked: Asked): AnalyzeQuery | null {
  const inputs = inputsFor(model, settings, NO_CHOICE);
  return inputs && queryFor(model, 'net.py', inputs, settings, asked);
}

export const keyOf = (query: AnalyzeQuery): string => resultKey(query, '1');

/** The parts of a store whose engine is `analyze`. */
export function options(analyze: ModelsOptions['analyze'], changed: ModelsOptions['changed'] = () => {}): ModelsOptions {
  return { read: (fileName, text, place) => reader.read(fileName, text, place), analyze, queryOf, keyOf, changed };
}

/** A result as far as the store and the hover look at it. */
export function resultOf(over: Partial<AnalysisResult> = {}): AnalysisResult {
  const kernels = Object.fromEntries(KERNEL_NAMES.map((name) => [name, { matrix: null, method: 'closed', error: null, reason: 'not part of this test' }]));
  return { findings: [], depth: { value: null }, equivalents: { value: null }, layers: [], kernels, inputs: { description: 'modulations: 64 samples' }, verdict: { word: 'stays-complex' }, ...over } as unknown as AnalysisResult;
}
