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
  'no-model': row('hint', 'No network found', 'The file imports a network library but defines no network that could be read: no class with a forward method and no nn.Sequential.', 'Open the file that defines the network.'),
  'unknown-format': row('error', 'Not a known kind of file', 'Models are read from Python files (.py) and network specifications (.ntk.json).', 'Give a file of one of these kinds.'),
  'internal-error': row('error', 'A fault in Complex NTK', 'The reader itself failed on this text. This is not the fault of the model.', 'Please report it with the file.'),
  // The model's text.
  'unresolved-layer': row('warning', 'A layer could not be read', 'A step of the network is not one of the layers that are known. It stays in the graph as unresolved; no kernel is computed through it.', 'Use a layer of a known library, or take the step out of the network. An activation class of your own can be defined by its name: in the setting complexNtk.activations, or with --activation.'),
  'shape-mismatch': row('error', 'Shapes do not fit', 'A layer expects another number of features or channels than the layer before it gives.', 'Make the two sizes equal.'),
  'dtype-mismatch': row('error', 'Real and complex numbers mixed', 'Weights and inputs of a PyTorch layer must both be complex or both be real.', 'Give the layer dtype=torch.cfloat, or convert its input.'),
  'unknown-parameter': row('information', 'A parameter is not known from the text', 'The value depends on something outside this file, so sizes or variances that follow from it are unknown.', 'Give the parameter a default value, or write the number.'),
  'data-dependent-branch': row('information', 'A condition is not known from the text', 'Which way the code goes is decided at run time; one branch is analysed.', 'Check that the branch analysed is the one you mean.'),
  'evaluation-mode': row('hint', 'Read in evaluation mode', 'The code tests self.training. The network is analysed as it is evaluated.', 'Nothing, unless you meant the training branch.'),
  'unknown-loop': row('warning', 'A loop of unknown length', 'How often the loop runs is not known from the text; its body is read as if it ran once.', 'Give the number of repetitions as a constant or a default value.'),
  'no-forward': row('warning', 'A network without forward', 'The class derives from nn.Module but has no forward method in this file.', 'Define forward here, or open the file that does.'),
  'unknown-initialiser': row('information', 'An initialiser is not known', 'The code initialises weights by a function that is not in the catalog, or with values that are not constant; the variance is unknown.', 'Give the variance in the settings or on the command line.'),
  'circularity-lost': row('information', 'Weights are not circular', 'Complex weights whose real and imaginary parts differ in variance (for instance real weights converted to complex) are outside the circular theory of the kernel.', 'Make the layer complex from the start, with dtype=torch.cfloat.'),
  // Facts of libraries.
  'torch-refuses-complex': row('error', 'PyTorch refuses complex tensors here', 'This PyTorch layer or function raises an error on complex tensors.', "Use a complex library's version."),
  'holomorphic-poles': row('warning', 'A holomorphic function with poles', 'On complex numbers this function is continued analytically and is unbounded near its poles: neither the NNGP nor the NTK has a limit.', 'Use the split or the polar form.'),
  'learnable-slope': row('information', 'The slope is trained', 'The activation has a trained parameter; the analysis holds it at its initial value.', 'Nothing; keep it in mind when training long.'),
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
  'dropout-scaled-twice': row('warning', 'Dropout scales twice', 'The signal grows by 1/(1 - p) in training.', "Use PyTorch's Dropout, which accepts complex tensors."),
  'no-such-name': row('error', 'The library has no such name', 'The name appears in the documentation but not in the library.', 'Use the name given in the message.'),
  'prelu-broken': row('error', 'This class cannot be called', 'The class is broken in the version seen.', 'Use another activation.'),
  'uniform-doubles-variance': row('information', 'The uniform initialiser doubles the variance', 'On complex weights each part gets the whole variance.', 'Use the normal initialiser where the usual variance is meant.'),
  'initialiser-halved': row('information', 'The normal initialiser halves the variance', 'The variance is divided by two twice.', 'Use the uniform initialiser, or scale the weights by sqrt 2.'),
  // Network specifications.
  'spec-json': row('error', 'Not valid JSON', 'The specification could not be parsed as JSON.', 'Mend the text at the place marked.'),
  'spec-field': row('error', 'An invalid field', 'A field of the specification is missing, unknown, or has a value that is not allowed.', 'Correct the field named in the message.'),
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
