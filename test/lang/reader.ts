// The reader that the tests of this room share, opened on the installed wasm files.
import { fileURLToPath } from 'node:url';
import { openReader } from '../../src/lang/read.ts';

const installed = (path: string): string => fileURLToPath(new URL(`../../node_modules/${path}`, import.meta.url));

export const reader = await openReader({
  runtime: installed('web-tree-sitter/web-tree-sitter.wasm'),
  python: installed('tree-sitter-python/tree-sitter-python.wasm'),
});

/** Reads Python with the usual imports before it. */
export const IMPORTS = 'import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\nimport torchcvnn.nn as c_nn\nimport complextorch.nn as cvnn\nimport cplxmodule.nn as cx\nimport complexNN.nn as cnn\nimport torchcomplex.nn as tc\nfrom complexPyTorch.complexLayers import *\nfrom complexPyTorch.complexFunctions import *\n';
export const python = (body: string) => reader.read('model.py', IMPORTS + body);
