// pytorch-complex (package torchcomplex): two real convolutions or products for each part, pools and dropout of the parts apart.
import type { Library, Spelling, SpellingTrap } from './library.ts';
import { activation, adaptiveAveragePool, averagePool, batchNorm, biasCombined, convolution, dropout, layerNorm, linear, transposed, unresolved } from './rows.ts';

const ranks = [1, 2, 3] as const;
/** Complex weights or a pair of real ones: complex_weights decides how they are stored, not what they are. */
const own = { field: 'complex', initialiser: 'two-real-modules' } as const;
const broken = (what: string): SpellingTrap => ({ code: 'class-broken', message: `{library}'s ${what}` });
const wrong = (what: string): SpellingTrap => ({ code: 'formula-wrong', message: `{library}'s ${what}` });

const tanh = 'uses sin 2x in the imaginary part where sin 2y belongs: on complex tensors it is no tanh';
const sigmoid = 'misses parentheses in the real part: on complex tensors it is 1 too large there, and no sigmoid';
const partsApart: SpellingTrap = {
  code: 'max-pool-of-parts', message: "{library}'s max pools take the maxima of real and imaginary parts apart: what comes out is no value of the window, and depends on the phases.",
};
const drawn = (name: string): SpellingTrap => ({
  code: 'modrelu-never-clips',
  message: `{library}'s ${name} trains a bias that starts uniform on [0, 0.25] and is added to |z|: it never clips, it is NaN at 0, and its kernel has no limit as widths grow. The analysis holds the bias at its mean, 0.125.`,
});

const names = ['BatchNorm1d', 'BatchNorm2d', 'BatchNorm3d'];
const naive = batchNorm(names, { mode: 'naive', gamma: 1, variance: 1 });
// The running covariance starts at the identity and holds epsilon already.
const whitening = batchNorm(names, { mode: 'whitening', gamma: 1, variance: 1, epsilonKept: true });
const batchNorms: Spelling = {
  ...whitening,
  arguments: [...whitening.arguments!, 'naive', 'complex_weights'],
  parameters: { ...whitening.parameters, naive: { from: 'naive', default: false }, complexWeights: { from: 'complex_weights', default: true } },
  adjust(p) {
    const { naive: apart, complexWeights, affine } = p;
    for (const key of ['naive', 'complexWeights']) delete p[key];
    if (typeof apart !== 'boolean') return 'whether it whitens is not known from the text';
    if (apart && affine !== true) return 'with naive=True and affine=False it raises an error';
    if (apart && complexWeights !== false) return 'with naive=True and complex weights it multiplies the imaginary part by 0';
    return (apart ? naive : whitening).adjust!(p);
  },
  traps: [
    ...whitening.traps!,
    {
      code: 'naive-norm-drops-imaginary', when: (p) => p.naive === true && p.affine === true && p.complexWeights === true,
      message: "With naive=True {library}'s batch norm starts with the complex gain 1 + 0i, of which it applies the imaginary part to the imaginary part: that becomes 0. With complex_weights=False both gains start at 1.",
      fix: { title: 'Keep the imaginary part (complex_weights=False)', argument: { name: 'complex_weights', value: 'False' } },
    },
    { code: 'norm-refused', when: (p) => p.naive === true && p.affine === false, message: "{library}'s batch norm raises an error with naive=True and affine=False." },
  ],
};

const plainLayerNorm = layerNorm(['LayerNorm'], { mode: 'whitening', gamma: Math.SQRT1_2 });
const layerNorms: Spelling = {
  ...plainLayerNorm,
  arguments: ['normalized_shape', 'eps', 'elementwise_affine', 'bias', 'device', 'dtype'],
  parameters: { ...plainLayerNorm.parameters, shift: { from: 'bias', default: true } },
  adjust(p) {
    const { shift, affine } = p;
    delete p.shift;
    if (affine === true && shift === false) return 'with bias=False it raises an error';
    return plainLayerNorm.adjust!(p);
  },
  traps: [{
    code: 'norm-refused', when: (p) => p.affine === true && p.shift === false, message: "{library}'s LayerNorm raises an error with bias=False where it has gains.",
    fix: { title: 'Keep the bias (bias=True)', argument: { name: 'bias', value: 'True' } },
  }],
};

export const torchcomplex: Library = {
  id: 'torchcomplex',
  label: 'pytorch-complex',
  version: '0.2.1',
  modules: ['torchcomplex', 'torchcomplex.nn', 'torchcomplex.nn.modules', 'torchcomplex.nn.functional'],
  spellings: [
    linear(['Linear'], { ...own, arguments: ['in_features', 'out_features', 'bias', 'complex_weights'], traps: [biasCombined('Linear')] }),
    ...ranks.map((rank) => convolution(rank, [`Conv${rank}d`], {
      ...own, traps: [biasCombined(`Conv${rank}d`)],
      arguments: ['in_channels', 'out_channels', 'kernel_size', 'stride', 'padding', 'dilation', 'groups', 'bias', 'padding_mode', 'complex_weights'],
    })),
    ...ranks.map((rank) => transposed(rank, [`ConvTranspose${rank}d`], {
      ...own, traps: [biasCombined(`ConvTranspose${rank}d`)],
      arguments: ['in_channels', 'out_channels', 'kernel_size', 'stride', 'padding', 'output_padding', 'groups', 'bias', 'dilation', 'padding_mode', 'complex_weights'],
    })),
    unresolved(['Bilinear', 'bilinear'], 'a bilinear layer has two inputs; its kernel is not one of a chain', {
      traps: [{ code: 'bilinear-first-input', message: "{library}'s Bilinear reads its first input twice: its second input is ignored, and an error is raised where their sizes differ." }],
    }),
    activation(['Identity'], 'identity', { realActivation: 'identity' }),
    // On real tensors all of these are PyTorch's relu.
    activation(['CReLU', 'crelu'], 'split-relu', { realActivation: 'relu', arguments: ['inplace'] }),
    activation(['zReLU', 'zrelu'], 'zrelu', {
      realActivation: 'relu', arguments: ['inplace'],
      traps: [{ code: 'zrelu-open-quadrant', on: 'complex', message: "{library}'s zReLU keeps the open first quadrant: numbers with imaginary part 0 all become 0, unlike complextorch's." }],
    }),
    activation(['modReLU'], 'modrelu', { realActivation: 'relu', parameters: { bias: { default: 0.125 } }, traps: [{ ...drawn('modReLU'), on: 'complex' }] }),
    activation(['modrelu'], 'modrelu', { realActivation: 'relu', arguments: ['bias', 'inplace'], parameters: { bias: { from: 'bias', default: null } } }),
    activation(['CmodReLU'], 'modrelu-threshold', {
      realActivation: 'relu', arguments: ['threshold', 'inplace'], parameters: { threshold: { from: 'threshold', default: 'replaced', unlessFloat: 'replaced' } },
      adjust(p) {
        if (p.threshold !== 'replaced') return 'it raises an error when its threshold is a float';
        p.threshold = 0.125;
      },
      traps: [
        {
          code: 'modrelu-threshold-refused', when: (p) => typeof p.threshold === 'number',
          message: "{library}'s CmodReLU raises an error when called with a threshold that is a float; without one it trains its own.",
        },
        {
          code: 'threshold-replaced', when: (p) => p.threshold === 'replaced',
          message: "{library}'s CmodReLU trains a threshold that starts uniform on [0, 0.25] and is subtracted from |z|, whatever int it is given. The analysis holds it at the mean, 0.125.",
        },
      ],
    }),
    activation(['AdaptiveCmodReLU'], 'modrelu-threshold', {
      realActivation: 'relu', parameters: { threshold: { default: 0 } },
      traps: [{ code: 'modrelu-near-identity', on: 'complex', message: "{library}'s AdaptiveCmodReLU trains thresholds that start normal with standard deviation 0.02: at the start it is nearly the identity. The analysis holds them at 0." }],
    }),
    activation(['CGELU', 'cgelu'], 'split-gelu', {
      arguments: ['mode'], parameters: { mode: { from: 'mode', default: 'separate' } },
      adjust(p) {
        const { mode } = p;
        delete p.mode;
        if (mode !== 'separate') return "with mode='magnitude' it is the GELU of the modulus, which is given by its name magnitude-gelu";
      },
      note: "With mode='magnitude' it is the GELU of the modulus (magnitude-gelu).",
    }),
    activation(['CSiLU', 'csilu'], 'csilu'),
    activation(['Hirose', 'hirose'], 'hirose', {
      arguments: ['m_sqaure', 'm_square'], parameters: { mSquared: { from: 'm_sqaure', default: 1 }, misspelled: { from: 'm_square', default: false } },
      adjust(p) {
        const { misspelled } = p;
        delete p.misspelled;
        if (misspelled !== false) return 'it has no argument m_square; the keyword is spelled m_sqaure';
      },
      traps: [{ code: 'keyword-misspelled', when: (p) => p.misspelled !== false, message: "{library}'s Hirose has no argument m_square and raises an error: the keyword is spelled m_sqaure." }],
      note: 'The keyword is spelled m_sqaure. NaN at 0.',
    }),
    activation(['modSigmoid', 'modsigmoid'], 'sigmoid-of-parts', {
      arguments: ['alpha'], parameters: { alpha: { from: 'alpha', default: 0.5 } },
      adjust(p) {
        p.real = p.alpha ?? null;
        p.imaginary = typeof p.alpha === 'number' ? 1 - p.alpha : null;
      },
      note: 'sigmoid(alpha Re z + (1 - alpha) Im z).',
    }),
    unresolved(['Tanh', 'tanh'], `{library}'s Tanh ${tanh}`, { traps: [wrong(`Tanh ${tanh}.`)] }),
    unresolved(['Sigmoid', 'sigmoid'], `{library}'s Sigmoid ${sigmoid}`, { traps: [wrong(`Sigmoid ${sigmoid}.`)] }),
    unresolved(['GenericComplexActivation'], 'it raises an error', {
      traps: [broken('GenericComplexActivation raises an error: it does not call the constructor of Module, so it can hold no module and cannot be called.')],
    }),
    unresolved(['Softmax', 'Softmax2d', 'softmax'], 'the softmax of moduli in one is not read in this version; take the modulus, and the softmax of that'),
    ...ranks.map((rank) => averagePool(rank, [`AvgPool${rank}d`, `avg_pool${rank}d`])),
    ...ranks.map((rank) => adaptiveAveragePool(rank, [`AdaptiveAvgPool${rank}d`])),
    unresolved([
      ...ranks.flatMap((rank) => [`MaxPool${rank}d`, `max_pool${rank}d`, `AdaptiveMaxPool${rank}d`]),
    ], 'the maxima of real and imaginary parts apart are not read in this version', { traps: [partsApart] }),
    unresolved(['FractionalMaxPool2d', 'FractionalMaxPool3d'], 'it raises an error', {
      traps: [broken('fractional max pools raise an error when called: the function that they call takes no keyword arguments.')],
    }),
    unresolved(['MaxUnpool1d', 'MaxUnpool2d', 'MaxUnpool3d', 'LPPool1d', 'LPPool2d'], 'this pooling is not read in this version'),
    batchNorms,
    layerNorms,
    unresolved(['GroupNorm'], 'it raises an error', {
      traps: [{ code: 'norm-refused', message: "{library}'s GroupNorm raises an error on every input: its sizes do not fit." }],
    }),
    dropout(['Dropout', 'Dropout2d', 'Dropout3d', 'AlphaDropout'], {
      arguments: ['p', 'inplace'],
      traps: [{ code: 'dropout-of-parts', message: "{library}'s dropout draws a mask for the real and another for the imaginary part: in training one of the two is often left alone. At evaluation it is the identity, as analysed." }],
    }),
    unresolved(['FeatureAlphaDropout'], 'it raises an error', { traps: [broken('FeatureAlphaDropout raises an error when called: the function that it calls does not exist.')] }),
    unresolved(['Upsample', 'interpolate'], 'upsampling is not read in this version'),
    unresolved([
      'ReflectionPad1d', 'ReflectionPad2d', 'ReplicationPad1d', 'ReplicationPad2d', 'ReplicationPad3d', 'ZeroPad2d', 'ConstantPad1d', 'ConstantPad2d', 'ConstantPad3d',
    ], 'padding as a layer of its own is not read in this version; give it to the layer after it'),
  ],
};
