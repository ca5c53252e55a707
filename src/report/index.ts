// The door of the report room: a result as text, JSON, page and files. Computes nothing.
export { reportHtml, type Bundle } from './html.ts';
export { ARRAY_NAMES, kernelArrays, resultJson, withKernels } from './json.ts';
export { encodeSnapshot } from './snapshot.ts';
export { renderTable, type TableOptions } from './table.ts';
export { readBundle, writeReport, type ReportPaths } from './write.ts';
