// The door of the kernel room: from a graph and inputs to kernels, layer reports, comparison and verdict. No I/O, no clock.
export { compileNetwork, type VarianceOverrides } from './compile.ts';
export { dualAt, type DualValue } from './dual-at.ts';
export { bytesOfJob, itemsOf, largestWorkspace, newJob, openWork, statisticsOf, tilesDone, workThrough, type Job, type TileHooks } from './job.ts';
export { inThisThread, kernelSet, kernelsOf, type Executor, type KernelOptions, type KernelSet } from './kernels.ts';
export type { Network, Step } from './network.ts';
export { layerReports } from './layers.ts';
export { unhurried, type Pace } from './pace.ts';
export { findingsOf } from './rules/index.ts';
export { depthOf } from './quantities/depth.ts';
export { equivalentsOf } from './quantities/equivalent.ts';
export { regressionOf, workOfRegression } from './quantities/regression.ts';
export { sitesOf } from './quantities/sites.ts';
export { labelsOf, targetSet } from './quantities/targets.ts';
export { trainingOf } from './quantities/training.ts';
export { modalKernel, spectrumOf, workOfSpectrum, type ModalKernel } from './spectrum.ts';
export { NO_KERNEL, withoutLimit, type LimitParts } from './without-limit.ts';
export { WORKSPACE_BYTES } from './wasm/index.ts';
export { verdictOf, type Studies } from './verdict.ts';
