// torchcvnn: complex activations and normalisations for native complex tensors; its dense and convolution layers are PyTorch's own.
import type { Library } from './library.ts';
import {
  activation, adaptiveAveragePool, attention, averagePool, batchNorm, biasCombined, celuIsElu, dropout, layerNorm, learnableSlopes, maxPool, network, readOut, transposed, unresolved,
} from './rows.ts';

export const torchcvnn: Library = {
  id: 'torchcvnn',
  label: 'torchcvnn',
  version: '0.10.0',
  modules: ['torchcvnn', 'torchcvnn.nn', 'torchcvnn.nn.modules', 'torchcvnn.nn.modules.activation', 'torchcvnn.nn.functional', 'torchcvnn.models'],
  spellings: [
    activation(['CReLU'], 'split-relu'),
    activation(['CPReLU'], 'split-prelu', {
      parameters: { slope: { default: 0.25 }, imaginarySlope: { default: 0.25 } },
      traps: [learnableSlopes],
    }),
    activation(['CELU'], 'split-elu', {
      parameters: { alpha: { default: 1 } },
      traps: [celuIsElu],
    }),
    activation(['CCELU'], 'split-celu', { parameters: { alpha: { default: 1 } } }),
    activation(['CGELU'], 'split-gelu'),
    activation(['CSigmoid'], 'split-sigmoid'),
    activation(['CTanh'], 'split-tanh'),
    { names: ['IndependentRealImag'], kind: 'activation', arguments: ['fact'], splitOf: ['fact'] },
    activation(['zReLU'], 'zrelu', {
      traps: [{ code: 'zrelu-open-quadrant', message: "{library}'s zReLU keeps z where both parts are strictly positive: real inputs (imaginary part 0) all become 0, unlike complextorch's." }],
    }),
    activation(['zLeakyReLU'], 'zleaky-relu', {
      parameters: { slope: { default: 0.2 } },
      traps: [{ code: 'learnable-slope', message: "{library}'s zLeakyReLU trains its slope, 0.2 at the start; the analysis holds it there." }],
    }),
    activation(['zAbsReLU'], 'zabsrelu-inside', {
      parameters: { threshold: { default: 1 } },
      traps: [{ code: 'zabsrelu-inverted', message: "{library}'s zAbsReLU keeps z where |z| < a: the opposite of its documentation. Its threshold a receives no gradient." }],
    }),
    activation(['modReLU'], 'modrelu', {
      parameters: { bias: { default: 0 } },
      traps: [{ code: 'modrelu-identity', message: "{library}'s modReLU() starts with bias 0, where it is the identity: the network is linear at initialisation. Its bias is trained." }],
    }),
    activation(['Cardioid'], 'cardioid'),
    readOut(['Mod'], 'abs'),
    transposed(2, ['ConvTranspose2d'], {
      field: 'complex', initialiser: 'two-real-modules',
      traps: [biasCombined('ConvTranspose2d')],
    }),
    averagePool(2, ['AvgPool2d'], {
      traps: [{
        code: 'average-pool-stride', when: (p) => p.stride === null,
        message: "{library}'s AvgPool2d raises an error when called without a stride; give stride equal to the kernel size.",
        fix: { title: 'Give stride equal to the kernel size', argument: { name: 'stride', value: '=kernel_size' } },
      }],
    }),
    adaptiveAveragePool(2, ['AdaptiveAvgPool2d']),
    maxPool(2, ['MaxPool2d'], {
      arguments: ['kernel_size', 'stride', 'padding', 'dilation', 'ceil_mode', 'return_indices'],
      traps: [{ code: 'max-pool-planes', message: "{library}'s MaxPool2d looks up the indices of each plane in the whole flattened tensor: only the first sample's first channel is right." }],
    }),
    // Whitening of a running covariance that starts at 1/sqrt 2 on the diagonal, then gamma = 1/sqrt 2.
    batchNorm(['BatchNorm1d', 'BatchNorm2d'], { mode: 'whitening', gamma: Math.SQRT1_2, variance: Math.SQRT1_2, unbiased: true }),
    layerNorm(['LayerNorm'], { mode: 'whitening', gamma: Math.SQRT1_2, unbiased: true }, {
      traps: [{ code: 'layer-norm-over-samples', message: "{library}'s LayerNorm takes its statistics over the samples of the batch, as batch norm does; results depend on the batch." }],
    }),
    unresolved(['RMSNorm'], 'RMSNorm is not read in this version'),
    dropout(['Dropout', 'Dropout2d'], { arguments: ['p'] }),
    dropout(['dropout']),
    unresolved(['Upsample'], 'upsampling is not read in this version'),
    // softmax(Re Q K^H / sqrt d) V; without norm_layer the norms are its own LayerNorm, of the features of one head.
    attention(['MultiheadAttention'], {
      field: 'complex', initialiser: 'torchcvnn-xavier-uniform', outputInitialiser: 'torchcvnn-xavier-uniform',
      attention: { call: ['query', 'key', 'value', 'need_weights', 'average_attn_weights'], pair: (p, needWeights) => needWeights && p.batchFirst === false },
      arguments: ['embed_dim', 'num_heads', 'dropout', 'norm_layer', 'bias', 'batch_first', 'device', 'dtype'],
      parameters: { ...attention([]).parameters, norm: { from: 'norm_layer', default: 'torchcvnn.nn.LayerNorm', named: true } },
      adjust(p) {
        const { norm } = p;
        delete p.norm;
        Object.assign(p, { outFeatures: p.inFeatures!, score: 'real', normalised: !/\.Identity$/.test(String(norm)) });
        if (!/^torchcvnn\..*LayerNorm$|\.Identity$/.test(String(norm))) return 'queries and keys normalised by a layer other than its LayerNorm are not read in this version';
      },
      traps: [{
        code: 'layer-norm-over-samples', when: (p) => /^torchcvnn\..*LayerNorm$/.test(String(p.norm)),
        message: "{library}'s MultiheadAttention normalises queries and keys by its LayerNorm, which takes its statistics over samples, times and heads; results depend on the batch.",
      }],
    }),
    network(['ViT', 'vit_t', 'vit_s', 'vit_b', 'vit_l', 'vit_h', 'Transformer', 'TransformerEncoder']),
    unresolved(['ViTLayer', 'TransformerEncoderLayer', 'TransformerDecoder', 'TransformerDecoderLayer'], 'transformers of {library} are not read in this version'),
    unresolved(['ComplexMSELoss'], 'a loss is no layer of a network'),
    unresolved(['multi_head_attention_forward'], 'attention whose weights are arguments is not read in this version'),
  ],
};
