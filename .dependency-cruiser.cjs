// The doors between the rooms, as rules of dependency-cruiser: who may import whom. Knows no file but the few named below.

const node = 'node'; // the modules built into Node

/** Per room: the rooms and the packages it may import. A new door is a line here, with its reason in ARCHITECTURE.md. */
const rooms = {
  'src/contract': { rooms: [], packages: [] },
  'src/catalog': { rooms: ['contract'], packages: [] },
  'src/lang': { rooms: ['contract', 'catalog'], packages: ['web-tree-sitter', 'yaml'] },
  'src/data': { rooms: ['contract'], packages: [node, 'fflate', 'csv-parse'] },
  'src/kernel': { rooms: ['contract', 'catalog'], packages: [] },
  'src/network': { rooms: ['contract', 'catalog'], packages: [node, '@tensorflow/'] },
  'src/engine': { rooms: ['contract', 'catalog', 'kernel', 'network', 'data'], packages: [node] },
  'src/report': { rooms: ['contract', 'catalog', 'data'], packages: [node] },
  'src/cli': { rooms: ['contract', 'catalog', 'lang', 'data', 'kernel', 'network', 'engine', 'report'], packages: [node, 'commander'] },
  'src/host': { rooms: ['contract', 'catalog', 'lang', 'report'], packages: [node, 'vscode'] },
  'webview': { rooms: ['contract'], packages: ['chart.js', '@vscode/webview-ui-toolkit'] },
};

const quote = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
// A package stands in node_modules, or, for `vscode`, only as its types; an unresolved import keeps the name as written.
const packagePath = (name) => `(^|node_modules/)(@types/)?${quote(name)}${name.endsWith('/') ? '' : '(/|$)'}`;
const anyPackage = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-bundled', 'npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined', 'deprecated'];

const ownFile = '^\\.\\.?/'; // a file of ours that is missing: the type check says so

function rulesOf([room, may]) {
  const from = { path: `^${room}/` };
  const own = [`^${room}/`, ...may.rooms.map((r) => `^src/${r}/`)];
  const packages = may.packages.filter((p) => p !== node);
  const id = room.replace('src/', '');
  return [
    { name: `${id}-rooms`, comment: `${room} may import of our rooms only: ${may.rooms.join(', ') || 'none'}.`, severity: 'error',
      from, to: { path: '^(src|webview|test|scripts|bench)/', pathNot: own } },
    { name: `${id}-packages`, comment: `${room} may import of packages only: ${packages.join(', ') || 'none'}.`, severity: 'error',
      from, to: { dependencyTypes: anyPackage, pathNot: [ownFile, ...packages.map(packagePath)] } },
    ...(may.packages.includes(node) ? [] : [
      { name: `${id}-node`, comment: `${room} does without Node's modules.`, severity: 'error', from, to: { dependencyTypes: ['core'] } }]),
  ];
}

/** Packages that one file alone may name, so that replacing them touches one file. */
const soleDoors = [
  { name: 'toolkit-in-controls', path: packagePath('@vscode/webview-ui-toolkit'), only: '^webview/controls\\.ts$' },
  { name: 'yaml-in-yaml', path: packagePath('yaml'), only: '^src/lang/yaml\\.ts$' },
  { name: 'backends-in-backend', path: '(^|node_modules/)@tensorflow/tfjs-(node|backend-)', only: '^src/network/backend\\.ts$' },
].map(({ name, path, only }) => ({ name, severity: 'error', from: { path: '^(src|webview)/', pathNot: only }, to: { path } }));

module.exports = {
  forbidden: [
    ...Object.entries(rooms).flatMap(rulesOf),
    ...soleDoors,
    { name: 'extension-wires', comment: 'src/extension.ts wires the reader into the host and knows nothing else.', severity: 'error',
      from: { path: '^src/[^/]+$' }, to: { path: '^(src|webview)/', pathNot: '^src/(host|contract|lang)/' } },
    { name: 'room-known', comment: 'Every folder of src has its line in the table above.', severity: 'error',
      from: { path: '^src/[^/]+/', pathNot: Object.keys(rooms).map((r) => `^${r}/`) }, to: {} },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Types are knowledge too: an `import type` goes through the same doors.
    tsPreCompilationDeps: true,
    moduleSystems: ['es6', 'cjs', 'tsd'],
    enhancedResolveOptions: { extensions: ['.ts', '.mjs', '.js', '.json'], exportsFields: ['exports'], conditionNames: ['import', 'require', 'types', 'node', 'default'] },
  },
};
// For the test that compares the map with these rules; not listed when the tool copies its configuration.
Object.defineProperty(module.exports, 'doors', { value: { rooms }, enumerable: false });
