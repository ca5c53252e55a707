// The door of the kernel room: from a graph and inputs to kernels, layer reports, comparison and verdict. No I/O, no clock.
export { chainOf, type Chain, type Step, type VarianceOverrides } from './chain.ts';
export { dualAt, type DualValue } from './dual-at.ts';
export { bytesOfKernels, kernelsOf, workOfKernels, type KernelSet } from './kernels.ts';
export { layerReports } from './layers.ts';
export { unhurried, type Pace } from './pace.ts';
export { findingsOf } from './rules/index.ts';
export { spectrumOf, SPECTRUM_SAMPLES } from './spectrum.ts';
export { verdictOf } from './verdict.ts';
