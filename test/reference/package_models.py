"""Runs the models that complex-valued PyTorch packages hold themselves, and records every layer in the order in which it is called.

    $(bash test/reference/setup-packages.sh)/bin/python test/reference/package_models.py > test/reference/package-models.json

Each case is the file of the package, the few lines that make the model (for the reader they stand below the text of that file, or in a
file of a user with the import), and the shapes of its inputs. A *layer* is the outermost module that is not a model or a block of models:
complextorch's Conv2d is one, not the torch.nn.Conv2d inside of it. Functions of torch that are applied to signals outside of any layer are
recorded with their name. Shapes have no batch axis, dtypes are torch's names; models of more than 10 million numbers run on the meta
device, where shapes and dtypes are computed and no numbers. Written are numbers and names, nothing of the packages' text.
"""
import importlib.metadata
import json
import sys
import warnings

import torch
import torch.nn as nn
from torch.overrides import TorchFunctionMode, resolve_name

warnings.filterwarnings('ignore')
torch.manual_seed(0)
BATCH = 2

EMBEDDER = '''class Embedder(torch.nn.Module):
    def __init__(self, dim, patch):
        super().__init__()
        self.project = torch.nn.Conv2d(1, dim, patch, patch, dtype=torch.complex64)

    def forward(self, x):
        return self.project(x).flatten(2).transpose(1, 2)

'''
CDS, KAN, STEINMETZ, VIT = ('complextorch/models/%s.py' % name for name in ('cds', 'kan', 'steinmetz', 'vit'))
CT_TRANSFORMER = 'complextorch/nn/modules/transformer.py'
CVNN_VIT, CVNN_TRANSFORMER, CVNN_MODELS = 'torchcvnn/nn/modules/vit.py', 'torchcvnn/nn/modules/transformer.py', 'torchcvnn/models/vision_transformer.py'
SMALL = "image_size=32, patch_size=8, num_classes=10, dim=24, depth=2, heads=3, mlp_dim=48"

# name, module that a user imports from, names imported, file, lines before, expression, shapes of the inputs without their batch
CASES = [
    ('CDSInvariant', 'complextorch.models', ['CDSInvariant'], CDS, '', 'CDSInvariant()', [[2, 32, 32]]),
    ('CDSEquivariant', 'complextorch.models', ['CDSEquivariant'], CDS, '', 'CDSEquivariant()', [[2, 32, 32]]),
    ('CDSMSTAR', 'complextorch.models', ['CDSMSTAR'], CDS, '', 'CDSMSTAR()', [[1, 128, 128]]),
    ('CVKAN', 'complextorch.models', ['CVKAN'], KAN, '', 'CVKAN([3, 5, 2])', [[3]]),
    ('SteinmetzNetwork', 'complextorch.models', ['SteinmetzNetwork'], STEINMETZ, '', 'SteinmetzNetwork(4, 8, 3)', [[4]]),
    ('SteinmetzNetwork, depth 4', 'complextorch.models', ['SteinmetzNetwork'], STEINMETZ, '', 'SteinmetzNetwork(4, 8, 3, depth=4)', [[4]]),
    ('AnalyticNeuralNetwork', 'complextorch.models', ['AnalyticNeuralNetwork'], STEINMETZ, '', 'AnalyticNeuralNetwork(4, 8, 3)', [[4]]),
    ('ViTLayer', 'complextorch.models', ['ViTLayer'], VIT, '', 'ViTLayer(24, 3, 48)', [[16, 24]]),
    ('ViT, learned positions', 'complextorch.models', ['ViT'], VIT, '', f'ViT({SMALL})', [[1, 32, 32]]),
    ('ViT, sinusoidal positions', 'complextorch.models', ['ViT'], VIT, '', f"ViT({SMALL}, pos_encoding='sinusoidal')", [[1, 32, 32]]),
    ('ViT, rotary positions', 'complextorch.models', ['ViT'], VIT, '', f"ViT({SMALL}, pos_encoding='rotary')", [[1, 32, 32]]),
    *((name, 'complextorch.models', [name], VIT, '', f'{name}()', [[1, 224, 224]]) for name in ('vit_t', 'vit_s', 'vit_b', 'vit_l', 'vit_h')),
    ('TransformerEncoderLayer', 'complextorch.nn', ['TransformerEncoderLayer'], CT_TRANSFORMER, '', 'TransformerEncoderLayer(24, 3, 48)', [[16, 24]]),
    ('TransformerEncoder', 'complextorch.nn', ['TransformerEncoder', 'TransformerEncoderLayer'], CT_TRANSFORMER, '', 'TransformerEncoder(TransformerEncoderLayer(24, 3, 48), 2)', [[16, 24]]),
    ('Transformer', 'complextorch.nn', ['Transformer'], CT_TRANSFORMER, '', 'Transformer(24, 3, 2, 2, 48)', [[16, 24], [8, 24]]),
    ('ViTLayer', 'torchcvnn.nn', ['ViTLayer'], CVNN_VIT, '', 'ViTLayer(3, 24, 48)', [[16, 24]]),
    ('ViT', 'torchcvnn.nn', ['ViT'], CVNN_VIT, EMBEDDER, 'ViT(Embedder(24, 8), 2, 3, 24, 48)', [[1, 32, 32]]),
    *((name, 'torchcvnn.models', [name], CVNN_MODELS, EMBEDDER, f'{name}(Embedder({dim}, 16))', [[1, 224, 224]])
      for name, dim in (('vit_t', 192), ('vit_s', 384), ('vit_b', 768), ('vit_l', 1024), ('vit_h', 1280))),
    ('TransformerEncoderLayer', 'torchcvnn.nn', ['TransformerEncoderLayer'], CVNN_TRANSFORMER, '', 'TransformerEncoderLayer(24, 3, 48, batch_first=True)', [[16, 24]]),
    ('TransformerEncoder', 'torchcvnn.nn', ['TransformerEncoder', 'TransformerEncoderLayer'], CVNN_TRANSFORMER, '', 'TransformerEncoder(TransformerEncoderLayer(24, 3, 48, batch_first=True), 2)', [[16, 24]]),
    ('Transformer', 'torchcvnn.nn', ['Transformer'], CVNN_TRANSFORMER, '', 'Transformer(24, 3, 2, 2, 48, batch_first=True)', [[16, 24], [8, 24]]),
    ('cMLP', 'complexNN.nn', ['cMLP'], 'complexNN/nn.py', '', 'cMLP(4, 8, 3, 3)', [[4]]),
]

# Modules of these files hold other layers and are none.
BLOCKS = ('complextorch.models.', 'complextorch.nn.modules.transformer', 'torchcvnn.nn.modules.vit', 'torchcvnn.nn.modules.transformer', 'torch.nn.modules.container', 'user')
BLOCK_CLASSES = {'cMLP'}
SIZES = '''in_features out_features in_channels out_channels kernel_size stride padding output_padding dilation groups padding_mode
num_features normalized_shape num_groups num_channels num_prototypes eps embed_dim num_heads d_model n_heads p start_dim end_dim output_size'''.split()


def is_block(module):
    return type(module).__module__.startswith(BLOCKS) or type(module).__name__ in BLOCK_CLASSES


def plain(value):
    if isinstance(value, torch.Tensor):
        return None
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    return value if isinstance(value, (int, float, str, bool)) else None


def sizes_of(module):
    # A wrapper keeps the module of torch inside; parts of a pair are alike.
    inner = [module, *module.children()]
    found = {}
    for name in SIZES:
        for m in inner:
            value = m.__dict__.get(name)
            if value is not None:
                found[name] = plain(value)
                break
    for m in inner:
        if 'bias' in m._parameters or hasattr(type(m), 'bias'):
            found['bias'] = m._parameters.get('bias') is not None
            break
    return found


def dtype_of(t):
    return str(t.dtype).removeprefix('torch.')


def signals_in(value):
    if isinstance(value, torch.Tensor):
        return [value]
    if isinstance(value, (list, tuple)):
        return [t for v in value for t in signals_in(v)]
    return [t for v in value.values() for t in signals_in(v)] if isinstance(value, dict) else []


class Record(TorchFunctionMode):
    def __init__(self, model, inputs):
        super().__init__()
        self.steps = []
        self.alive = list(inputs)  # holding them keeps their ids from being used again
        self.signals = {id(t): -1 - i for i, t in enumerate(inputs)}  # the step that made it; -1 is the first input, -2 the second
        self.inside = 0
        self.seen = {}
        hooked = set()
        for path, module in model.named_modules():
            # A module may also stand beside the registered ones, and hide one of them: torchcvnn's decoder does so with its activation.
            plain = [(f'{path}.{name}' if path else name, m) for name, m in module.__dict__.items() if isinstance(m, nn.Module)]
            for where, m in [(path, module), *plain]:
                if is_block(m) or id(m) in hooked:
                    continue
                hooked.add(id(m))
                m.register_forward_pre_hook(self.enter)
                m.register_forward_hook(lambda module, given, out, path=where: self.leave(path, module, given, out))

    def mark(self, out):
        for t in signals_in(out):
            self.signals[id(t)] = len(self.steps)
            self.alive.append(t)

    def sources(self, tensors):
        return sorted({self.signals[id(t)] for t in tensors if id(t) in self.signals})

    def enter(self, module, given):
        self.inside += 1

    def leave(self, path, module, given, out):
        self.inside -= 1
        if self.inside > 0:
            return
        taken, given_out = signals_in(given), signals_in(out)
        sources = self.sources(taken)
        self.mark(out)
        weights = sorted({dtype_of(p) for p in module.parameters()})
        again = self.seen.get(id(module))
        self.seen.setdefault(id(module), path)
        self.steps.append({
            'layer': type(module).__name__, 'module': type(module).__module__, 'path': path, **({'again': True} if again is not None else {}),
            'from': sources, 'sizes': sizes_of(module), 'weights': weights,
            'input': list(taken[0].shape[1:]), 'inputDtype': dtype_of(taken[0]),
            'output': list(given_out[0].shape[1:]), 'dtype': dtype_of(given_out[0]),
        })

    def __torch_function__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if self.inside > 0:
            return out
        taken = [t for t in signals_in([*args, kwargs or {}]) if id(t) in self.signals]
        tensors = [t for t in signals_in(out) if isinstance(t, torch.Tensor)]
        if taken and tensors:
            sources = self.sources(taken)
            self.mark(out)
            name = resolve_name(func) or getattr(func, '__name__', str(func))
            name = name.removesuffix('.__get__').rsplit('.', 1)[-1].strip('_')
            self.steps.append({'function': name, 'from': sources, 'of': len({id(t) for t in taken}), 'input': list(taken[0].shape[1:]), 'output': list(tensors[0].shape[1:]), 'dtype': dtype_of(tensors[0])})
        return out


def run(case):
    name, module, names, file, before, expression, shapes = case
    user = f'import torch\nfrom {module} import {", ".join(names)}\n\n{before}net = {expression}\n'
    big = name in ('vit_b', 'vit_l', 'vit_h')
    batch = 1 if name.startswith('vit_') else BATCH
    space = {'__name__': 'user'}
    record = None
    out = {
        'package': module.split('.')[0].lower().replace('complexnn', 'complexNN'), 'name': name, 'file': file, 'import': f'from {module} import {", ".join(names)}', 'before': before, 'expression': expression,
        'inputs': [{'shape': s, 'dtype': 'complex64'} for s in shapes],
    }
    with torch.device('meta' if big else 'cpu'), torch.no_grad():
        exec(user, space)
        net = space['net'].eval()
        inputs = [torch.randn(batch, *shape, dtype=torch.complex64) for shape in shapes]
        record = Record(net, inputs)
        try:
            with record:
                net(*inputs)
        except Exception as error:  # a model that cannot run is a result too
            out['error'] = f'{type(error).__name__} after {len(record.steps)} steps'
            print(f'{out["package"]} {name}: {type(error).__name__}: {error}', file=sys.stderr)
    out['parameters'] = sum(p.numel() for p in net.parameters())
    out['steps'] = record.steps
    return out


versions = {name: importlib.metadata.version(name) for name in ('torch', 'complextorch', 'torchcvnn', 'complexNN')}
versions['torch'] = versions['torch'].split('+')[0]
models = [run(case) for case in CASES]


def line(value):
    return json.dumps(value, separators=(', ', ': '))


# Equal rows are written once: a step is the path of its module ("" for a function), the number of its row, and the steps it reads.
numbers = {}
rows = []
for model in models:
    steps = [(step.pop('path', ''), step.pop('from'), line(step)) for step in model.pop('steps')]
    written = [[path, numbers.setdefault(row, len(numbers)), sources] for path, sources, row in steps]
    rows.append(line(model)[:-1] + ',\n   "steps": ' + line(written) + '}')
print('{"versions": ' + line(versions) + ',\n "rows": [\n  ' + ',\n  '.join(numbers) + '\n ],\n "models": [\n  ' + ',\n  '.join(rows) + '\n ]}')
