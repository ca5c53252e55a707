// The door of the network room: finite networks on tfjs.
export { Backends, openBackend, type Backend, type BackendOptions } from './backend.ts';
export { BUILD_DEFAULTS, buildNetwork, unknownWidth, type BuildOptions, type FiniteNetwork } from './build.ts';
export { Device, type Pace } from './device.ts';
export { empiricalKernels, type EmpiricalNtk } from './kernels.ts';
export { drawNetwork } from './run.ts';
export { studyFiniteWidth, type StudyRequest } from './study.ts';
export { trainFinite, type Targets, type TrainingRequest } from './train.ts';
