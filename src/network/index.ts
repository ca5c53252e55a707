// The door of the network room: finite networks on tfjs.
export { openBackend, type Backend, type BackendOptions } from './backend.ts';
export { drawWeights, type DenseLayer, type DenseNetwork, type LayerWeights, type Pace } from './dense.ts';
export { empiricalNtk, type EmpiricalNtk } from './empirical.ts';
export { estimateFiniteWidth, studyFiniteWidth, type Estimate, type StudyRequest } from './study.ts';
