// Every code of a problem or finding: how severe it is, what it means, and what to do. The pages of docs/problems.md are made from it.
// Knows no text and no network.
import type { Severity } from '../contract/graph.ts';

export interface ProblemCode {
  severity: Severity;
  title: string;
  explanation: string;
  remedy: string;
}

const row = (severity: Severity, title: string, explanation: string, remedy: string): ProblemCode => ({ severity, title, explanation, remedy });

export const problemCodes: Record<string, ProblemCode> = {
  // The file.
  'empty-file': row('information', 'The file is empty', 'There is nothing to read in this file.', 'Write or open a file that defines a network.'),
  'binary-file': row('error', 'The file is not text', 'The file contains NUL bytes, so it is a binary file and not Python or JSON text.', 'Open the source file of the model instead of its weights or its compiled form.'),
  'not-utf8': row('error', 'The file is not UTF-8', 'The bytes of this file are not valid UTF-8, the encoding of Python source.', 'Save the file with the encoding UTF-8.'),
  'file-too-large': row('error', 'The file is too large', 'Files over 2 MB are not read, so that the editor stays quick.', 'Move the model into a file of its own.'),
  'time-budget': row('warning', 'Reading took too long', 'The file was not read to its end within the time allowed; what was read until then is shown.', 'Move the model into a file of its own, or simplify the loops that build it.'),
  'syntax-error': row('warning', 'The text does not parse', 'Python could not run this text. The rest of the file is read as far as possible.', 'Finish or mend the statement.'),
  'nesting-too-deep': row('warning', 'Nesting too deep', 'Code that nests or calls itself very deeply is not followed.', 'Split the expression, or write the recursion as a loop.'),
  'no-model': row('hint', 'No network found', 'The file imports a network library but defines no network that could be read: no class whose objects are applied to signals, no sequence of layers, and no function that returns one.', 'Open the file that defines the network.'),
  'unknown-format': row('error', 'Not a known kind of file', 'Models are read from Python files (.py), notebooks (.ipynb), Keras and TensorFlow.js models (.json) and network specifications (.ntk.json, .ntk.yaml).', 'Give a file of one of these kinds.'),
  'internal-error': row('error', 'A fault in Complex NTK', 'The reader itself failed on this text. This is not the fault of the model.', 'Please report it with the file.'),
  // The model's text.
  'unresolved-layer': row('warning', 'A layer could not be read', 'A step of the network is not one of the layers that are known. It stays in the graph as unresolved; no kernel is computed through it.', 'Use a layer of a known library, or take the step out of the network. An activation class of your own can be defined by its name: in the setting complexNtk.activations, or with --activation.'),
  'shape-mismatch': row('error', 'Shapes do not fit', 'A layer expects another number of features or channels than the layer before it gives.', 'Make the two sizes equal.'),
  'dtype-mismatch': row('error', 'Real and complex numbers mixed', 'Weights and inputs of a PyTorch layer must both be complex or both be real.', 'Give the layer dtype=torch.cfloat, or convert its input.'),
  'undefined-name': row('error', 'A name that nothing defines', 'The code uses a name that the file neither defines nor imports: Python stops with a NameError when it gets here.', 'Define or import the name.'),
  'assigned-twice': row('warning', 'A layer is lost', 'An attribute is given a second layer before anything has used the first, which is then no part of the network.', 'Give one of the two another name.'),
  'unknown-parameter': row('information', 'A parameter is not known from the text', 'The value depends on something outside this file, so sizes or variances that follow from it are unknown.', 'Give the parameter a default value, or write the number.'),
  'data-dependent-branch': row('information', 'A condition is not known from the text', 'Which way the code goes is decided at run time; one branch is analysed.', 'Check that the branch analysed is the one you mean.'),
  'evaluation-mode': row('hint', 'Read in evaluation mode', 'The code tests self.training. The network is analysed as it is evaluated.', 'Nothing, unless you meant the training branch.'),
  'unknown-loop': row('warning', 'A loop of unknown length', 'How often the loop runs is not known from the text; its body is read as if it ran once.', 'Give the number of repetitions as a constant or a default value.'),
  'no-forward': row('warning', 'A network without forward', 'The class derives from nn.Module but has no forward method in this file.', 'Define forward here, or open the file that does.'),
  'unknown-initialiser': row('information', 'An initialiser is not known', 'The code initialises weights by a function that is not in the catalog, or with values that are not constant; the variance is unknown.', 'Give the variance in the settings or on the command line.'),
  'circularity-lost': row('information', 'Weights are not circular', 'Complex weights whose real and imaginary parts differ in variance (for instance real weights converted to complex) are outside the circular theory of the kernel.', 'Make the layer complex from the start, with dtype=torch.cfloat.'),
  // Facts of libraries.
  'torch-refuses-complex': row('error', 'PyTorch refuses complex tensors here', 'This PyTorch layer or function raises an error on complex tensors.', "Use a complex library's version."),
  'refuses-complex': row('error', 'The library refuses complex numbers here', 'This function takes real numbers only and raises an error on complex ones.', "Use the activation of a complex library, such as cvnn's cart_relu."),
  'holomorphic-poles': row('warning', 'A holomorphic function with poles', 'On complex numbers this function is continued analytically and is unbounded near its poles: neither the NNGP nor the NTK has a limit.', 'Use the split or the polar form.'),
  'learnable-slope': row('information', 'A parameter of the activation is trained', 'The activation has a trained parameter; the analysis holds it at its initial value.', 'Nothing; keep it in mind when training long.'),
  'gelu-approximate': row('information', 'GELU is approximated', 'The tanh approximation of GELU differs slightly from the exact one, which is analysed.', 'Use approximate="none" for exact agreement.'),
  'celu-is-elu': row('information', 'CELU means split ELU here', 'The library uses the name CELU for "complex ELU"; PyTorch uses it for another function.', 'Use CCELU if the continuously differentiable ELU was meant.'),
  'zrelu-open-quadrant': row('information', 'zReLU zeroes real inputs', 'This zReLU keeps the open first quadrant only, so numbers on the positive real axis become 0.', 'Know it when the layer is given real data.'),
  'zrelu-closed-quadrant': row('information', 'zReLU passes real inputs', 'This zReLU keeps the closed first quadrant, so positive real numbers pass.', 'Know it when the layer is given real data.'),
  'zabsrelu-inverted': row('warning', 'zAbsReLU keeps small values', 'The code keeps |z| < a, its documentation says the opposite.', 'Check that this is what you want.'),
  'zabsrelu-identity': row('warning', 'zAbsReLU starts as the identity', 'With threshold 0 nothing is cut off.', 'Give a positive a_init.'),
  'modrelu-identity': row('warning', 'modReLU starts as the identity', 'With bias 0 modReLU passes everything: the network is linear at initialisation.', 'Use a modReLU whose bias starts below 0, or another activation.'),
  'modrelu-bias-refused': row('error', 'modReLU refuses this bias', 'The library asserts a negative bias.', 'Give a bias below 0.'),
  'sigmoid-reflected': row('warning', 'The sigmoid is reflected', 'The library computes sigmoid(-z).', 'Use the split sigmoid, or negate the input.'),
  'average-pool-stride': row('error', 'AvgPool2d needs a stride', 'Without a stride this layer raises an error in this version.', 'Give stride equal to the kernel size.'),
  'max-pool-planes': row('warning', 'MaxPool2d is wrong beyond the first plane', 'Indices of each plane are looked up in the whole tensor.', 'Use an average pool, or another library.'),
  'batch-norm-of-batch': row('warning', 'Batch norm depends on the batch', 'Without running statistics a batch norm takes those of the batch, in evaluation too: what one sample gives depends on the others.', 'Keep track_running_stats=True, or use a layer norm.'),
  'layer-norm-over-samples': row('warning', 'LayerNorm depends on the batch', 'The statistics are taken over samples instead of features.', 'Check the installed version, or use another normalisation.'),
  'bias-combined': row('information', 'The bias has twice the variance', 'The two real biases enter both parts of the complex bias.', 'Nothing; the analysis counts it.'),
  'dropout-scaled-twice': row('warning', 'Dropout scales twice', 'The signal grows by 1/(1 - p) in training.', "Use a complex library's dropout that scales once."),
  'average-pool-refused': row('error', 'This average pool cannot be called', 'The class passes arguments on that the function it calls does not have, so that every call raises an error in the version seen.', "Use the library's function, a pool of another rank, or another library's pool."),
  'max-pool-phases': row('warning', 'The max pool takes wrong phases', 'The moduli are the largest of each window, but the phases are looked up in the first channel for all channels.', 'Use an average pool, or a max pool of another library.'),
  'max-pool-of-parts': row('information', 'The max pool takes the maxima of the parts', 'Real and imaginary parts are pooled apart, so that the result is no value of the window; other libraries take the value of largest modulus.', 'Use a max pool by modulus, or an average pool.'),
  'transposed-refused': row('error', 'This transposed convolution raises an error', 'The class calls a private method of PyTorch whose arguments have changed since.', "Use PyTorch's ConvTranspose with dtype=torch.cfloat, or the PyTorch that the library was made for."),
  'circular-padding-halved': row('warning', 'Circular padding is half as wide', 'The library adds to each axis in all as many places as PyTorch adds on each side, so that sizes differ.', 'Ask for twice the padding, and check the sizes.'),
  'modrelu-sign-flipped': row('information', 'The threshold has the other sign than a bias', 'This modReLU subtracts its threshold from the modulus; other libraries add a bias.', 'Give a positive number where another library takes a negative bias.'),
  'threshold-replaced': row('warning', 'The threshold is replaced by a trained one', 'A threshold that is no Python float is not used: the class draws one of its own and trains it.', 'Write the threshold with a decimal point, if the class takes one.'),
  'modrelu-threshold-refused': row('error', 'This threshold raises an error', 'The class takes the length of its threshold, which a float does not have.', 'Leave the threshold out, or use a modReLU of another library.'),
  'modrelu-near-identity': row('information', 'modReLU starts nearly as the identity', 'The thresholds are trained and start close to 0: the network is nearly linear at initialisation.', 'Use a modReLU with a fixed threshold, or another activation.'),
  'modrelu-never-clips': row('warning', 'modReLU never clips at the start', 'Its bias starts positive, so that nothing is cut off, and near 0 its slope is unbounded.', 'Use a modReLU whose bias starts below 0, or another activation.'),
  'formula-wrong': row('warning', 'The formula is not that of its name', 'The code of this function differs from the function that it is named after.', "Use PyTorch's function on complex tensors, or a split form."),
  'class-broken': row('error', 'This class raises an error', 'The class is broken in the version seen.', 'Use another layer.'),
  'keyword-misspelled': row('error', 'The keyword is spelled otherwise', 'The library has the keyword with another spelling than the one written.', 'Write the keyword as the message gives it.'),
  'naive-norm-drops-imaginary': row('warning', 'The norm drops the imaginary part', 'The complex gain starts at 1, whose imaginary part 0 multiplies the imaginary part of the signal.', 'Take the whitening norm, or real gains.'),
  'norm-refused': row('error', 'This normalisation raises an error', 'With these arguments the layer raises an error in the version seen.', 'Change the argument that the message names, or use another normalisation.'),
  'dropout-of-parts': row('information', 'Dropout acts on the parts apart', 'Real and imaginary part have masks of their own, so that in training the phase is changed.', 'Use a dropout with one mask for complex numbers.'),
  'dropout-refuses-complex': row('warning', 'Dropout raises on complex tensors in training', 'On a CPU this dropout raises an error on complex tensors while training; in evaluation it is the identity.', "Use a complex library's dropout."),
  'bilinear-first-input': row('warning', 'The second input is ignored', 'The code reads the first input twice.', 'Use another bilinear layer.'),
  'attention-without-conjugate': row('warning', 'Attention without the conjugate', 'The scores are products of queries and keys without the complex conjugate, so that a score of a vector with itself is not its square length.', 'Use an attention with conjugated keys, if inner products were meant.'),
  'wrapper-needs-brackets': row('error', 'The layer belongs in brackets', 'The wrapper takes the layer that it applies to both parts in square brackets.', 'Write the layer in square brackets after the name, and the arguments of the layer in round ones.'),
  'shared-split-map': row('warning', 'A real layer applied to both parts', 'The same real weights act on real and imaginary part: that is no complex multiplication.', "Use the library's complex layer."),
  'pairs-as-complex': row('information', 'Inputs are pairs of real numbers', 'The code reads pairs of real numbers as complex ones; the analysis starts from the complex numbers.', 'Give complex inputs to the analysis.'),
  'no-such-name': row('error', 'The library has no such name', 'The name appears in the documentation but not in the library.', 'Use the name given in the message.'),
  'prelu-broken': row('error', 'This class cannot be called', 'The class is broken in the version seen.', 'Use another activation.'),
  'uniform-doubles-variance': row('information', 'The uniform initialiser doubles the variance', 'On complex weights each part gets the whole variance.', 'Use the normal initialiser where the usual variance is meant.'),
  'initialiser-halved': row('information', 'The normal initialiser halves the variance', 'The variance is divided by two twice.', 'Use the uniform initialiser, or scale the weights by sqrt 2.'),
  'default-initialiser-halved': row('information', "The weights start with half of PyTorch's variance", "The library's default draws weights with half the variance of PyTorch's complex layers.", 'Initialise the weights by yourself where the usual variance is meant.'),
  'initialiser-without-fan': row('warning', 'The weights do not depend on the number of inputs', 'Each weight has mean square 1 whatever the number of inputs, so that the signal grows with it.', 'Initialise the weights by yourself.'),
  'initialiser-uncorrected': row('information', 'The correction for complex weights is not applied', 'The library corrects through an argument that this nonlinearity ignores: the variance is twice the usual.', 'Use nonlinearity="leaky_relu" with a = 0 for that of ReLU.'),
  'initialiser-fans-swapped': row('information', 'fan_in and fan_out are swapped', 'On the weight of a linear layer the initialiser takes the number of outputs for that of inputs.', 'Use the Kaiming initialiser, or scale the weights.'),
  'independent-initialiser-halved': row('information', 'The independent initialiser gives half the variance', 'The semi-unitary form has half the variance of the standard form of the same kind.', 'Scale the weights by sqrt 2 where the same variance is meant.'),
  'independent-initialiser-tiny': row('warning', 'The independent initialiser gives tiny weights', 'A semi-unitary matrix is multiplied by the scale of single weights once more.', 'Use the standard initialiser.'),
  'normal-doubles-variance': row('information', 'The normal initialiser doubles the variance', 'Each part of a complex weight gets the whole variance.', "Use PyTorch's normal_ where the usual variance is meant."),
  'initialiser-doubled': row('information', 'The initialiser doubles the variance', 'Both parts of a complex weight are drawn with the whole variance, so E|w|^2 is twice what the documentation says.', 'Nothing; the analysis counts it.'),
  'initialiser-without-root': row('warning', 'The initialiser misses a square root', 'The standard deviation is taken as 1/fan instead of its square root, so the weights start far too small.', 'Use kernel_initializer="complex_independent".'),
  // Network specifications.
  'spec-json': row('error', 'Not valid JSON', 'The specification could not be parsed as JSON.', 'Mend the text at the place marked.'),
  'spec-field': row('error', 'An invalid field', 'A field of the specification is missing, unknown, or has a value that is not allowed.', 'Correct the field named in the message.'),
  'spec-yaml': row('error', 'Not valid YAML', 'The specification could not be parsed as YAML, or uses tags, aliases without an anchor, keys given twice or a second document, or is longer than 64 KB.', 'Mend the text at the place marked.'),
  // Keras models as JSON, notebooks.
  'keras-field': row('error', 'An invalid field in a model file', 'A field of a Keras or TensorFlow.js model file is missing, has a value that is not allowed, or refers to a layer that does not exist.', 'Write the file anew with model.to_json(), or correct the field named in the message.'),
  'mixed-axes': row('error', 'Channels first and last in one model', 'Layers of this model have their channels on different axes; only one order in a model is read.', 'Use the same data_format everywhere.'),
  'notebook-format': row('error', 'Not a notebook that is read', 'The file is no valid notebook, or its kernel is not Python.', 'Open a notebook of format 3 or 4 with a Python kernel.'),
  // Findings of an analysis.
  'reduces-to-real': row('warning', 'The network reduces to a real one', 'On these inputs the complex tangent kernel equals that of its real twin, and real and imaginary outputs do not couple: wide networks train like an ordinary real network.', 'Use an activation that is not split, or inputs with phase content, if complex dynamics are wanted.'),
  'real-channel-reduces': row('information', 'The real channel reduces', 'The real part of the kernel equals the real twin; what is complex is the coupling between real and imaginary outputs.', 'Look at the phase coupling before choosing complex weights.'),
  'no-limit': row('error', 'No infinite-width limit', 'The moments of this activation diverge, so its kernel does not exist as widths grow.', 'Use the split, polar or bounded form of the activation.'),
  'no-kernel': row('information', 'No infinite-width kernel', 'A layer of this network has no Gaussian limit as widths grow (max pooling, softmax attention, batch statistics, gates and others), or the network is put together so that no activation sees Gaussian numbers.', 'Go by the drawn networks of finite width, or change the layer that is named.'),
  'jump-activation': row('information', 'The activation jumps', 'The kernel is made of the derivative almost everywhere; training also moves by jumps that no gradient sees.', 'Compare with real training before relying on the kernel.'),
  'variance-vanishes': row('warning', 'The signal vanishes', 'The variance falls from layer to layer until little of the input is left.', 'Raise the weight variance to the critical value given for the layer.'),
  'variance-explodes': row('warning', 'The signal explodes', 'The variance grows from layer to layer.', 'Lower the weight variance to the critical value given for the layer.'),
  'inputs-without-phase': row('information', 'The inputs carry no phase', 'All inner products between inputs are real: on such inputs no network can differ from its real twin.', 'Analyse with complex inputs.'),
  'depth-ordered': row('information', 'Depth makes all inputs alike', 'The slope of the correlation map at 1 is below 1 and the network is deep against its depth scale: correlations between samples have grown to 1, and the output hardly depends on the input.', 'Raise the weight variance toward the critical one, use fewer layers, or add skip connections.'),
  'depth-chaotic': row('information', 'Depth separates inputs that are alike', 'The slope of the correlation map at 1 is above 1 and the network is deep against its depth scale: nearly equal samples end up as far apart as any others.', 'Lower the weight variance toward the critical one, use fewer layers, or add skip connections.'),
  'slow-modes': row('information', 'Some modes train very slowly', 'Under gradient flow each eigenvector of the tangent kernel trains at the pace of its eigenvalue, and the smallest are far below the largest.', 'Look at how the targets are shared among the modes; normalise the inputs, or change the variances.'),
  'initialiser-off-critical': row('information', 'The initialiser is far from the critical variance', 'The weight variance that the initialiser gives differs by a factor of two or more from the one that keeps the variance of the signal through the activation before.', 'Scale the initialiser to the critical value given in the message.'),
  'twin-as-good': row('information', 'The real twin does as well on held-out samples', 'Kernel regression with the kernel of the real twin names held-out samples of these inputs right as often as with the complex kernel, within two standard errors.', 'Try a real network, or inputs on which phase matters; more samples make the comparison sharper.'),
  'holomorphic-differs': row('hint', 'Holomorphic backpropagation would differ', 'Backpropagation that drops the derivative with respect to the conjugate, as hand-written complex gradients sometimes do, would train this network by another kernel.', 'Use automatic differentiation, which keeps both derivatives.'),
  'kernel-not-supported': row('warning', 'No kernel for this layer yet', 'The layer is read, but its kernel is not computed in this version.', 'Analyse the dense part of the network.'),
};

/** Said of files that cannot be read at all, and of faults of ours: nobody can mean to silence them. */
const ALWAYS_TOLD = ['binary-file', 'not-utf8', 'file-too-large', 'unknown-format', 'internal-error'];

/** The codes that a user may have shown otherwise, or not at all. */
export const settableCodes: readonly string[] = Object.keys(problemCodes).filter((code) => !ALWAYS_TOLD.includes(code));
