// Notebook cells as one text: what is not Python becomes comments in place, and what was read is told to the cell it stands in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Problem } from '../../src/contract/graph.ts';
import { joinCells, ofCell, placeIn } from '../../src/lang/cells.ts';
import { reader } from './reader.ts';

const only = (cell: string) => joinCells([cell]).text;

test('magics, shell lines and questions become comments of the same length', () => {
  assert.equal(only('%pip install torch\n!ls -l\nx = 1'), '#pip install torch\n#ls -l\nx = 1');
  assert.equal(only('torch.nn?\n?torch\nx = 2'), '#orch.nn?\n#torch\nx = 2');
  assert.equal(only('!pip install a \\\n  b \\\n  c\nx = 1'), '#pip install a \\\n  0#\\\n  0\nx = 1');
  assert.equal(only('files = !ls\nx, y = %time f()\nz = 1'), '#iles = !ls\n#, y = %time f()\nz = 1');
});

test('a cell of another language is no Python; a timed one is, but for its first line', () => {
  assert.equal(only('%%bash\necho 1\n\nclass A:'), '#%bash\n#cho 1\n\n#lass A:');
  assert.equal(only('\n%%time\nx = 1'), '\n#%time\nx = 1');
});

test('a remainder, and text within a string, are left alone', () => {
  for (const text of ['x = (7\n% 3)', 'x = "%d" \\\n% 3', 'x = """\n%time\n!ls\n"""', "x = '''a' \n!ls'''", 'x = [\n!1]']) assert.equal(only(text), text);
  assert.equal(only("x = 'it'\n!ls"), "x = 'it'\n#ls");
  assert.equal(only('x = 1  # (\n!ls'), 'x = 1  # (\n#ls');
});

test('a block that holds nothing but a shell line stays a block', () => {
  assert.equal(only('if x:\n    !ls\ny = 1'), 'if x:\n    0#s\ny = 1');
  assert.equal(only('if x:\n    !\ny = 1'), 'if x:\n    0\ny = 1');
});

test('places go to the cell they stand in, whatever the line ends', () => {
  const joined = joinCells(['a = 1', 'b = 1\r\nb = 2\r\n', '', 'c = 1\r', 'd']);
  assert.deepEqual(joined.starts, [1, 2, 5, 6, 8]);
  assert.deepEqual([1, 2, 4, 5, 6, 7, 8, 9].map((line) => placeIn(joined, line)), [
    { cell: 0, line: 1 }, { cell: 1, line: 1 }, { cell: 1, line: 3 }, { cell: 2, line: 1 }, { cell: 3, line: 1 }, { cell: 3, line: 2 }, { cell: 4, line: 1 }, { cell: 4, line: 2 },
  ]);
});

test('no cell loses a line or a column', () => {
  const piece = fc.constantFrom('%', '!', '?', 'a', ' ', '"""', "'", '\\', '(', ')', '#', '\n', '\r\n', '\r', '%%time', '%%bash');
  fc.assert(fc.property(fc.array(fc.array(piece, { maxLength: 12 }).map((p) => p.join('')), { minLength: 1, maxLength: 5 }), (cells) => {
    const { text, starts } = joinCells(cells);
    const lines = text.split(/\r\n|\n|\r/);
    cells.forEach((cell, at) => {
      const own = cell.split(/\r\n|\n|\r/);
      assert.deepEqual(lines.slice(starts[at]! - 1, starts[at]! - 1 + own.length).map((l) => l.length), own.map((l) => l.length));
    });
    assert.equal(lines.length, cells.reduce((n, cell) => n + cell.split(/\r\n|\n|\r/).length, 0));
  }), { seed: 7, numRuns: 400 });
});

const CELLS = [
  '!pip install torch\nimport torch\nfrom torch import nn',
  'class Block(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n        self.fc = nn.Linear(n, 32)\n    def forward(self, x):\n        return torch.tanh(self.fc(x))',
  '%matplotlib inline\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = Block(8)\n        self.b = nn.Linear(33, 2)\n    def forward(self, x):\n        return self.b(self.a(x))',
];

test('a cell has the models it defines; layers of other cells are in them without a place', () => {
  const joined = joinCells(CELLS);
  const parsed = reader.read('cell.py', joined.text, { timeBudgetMs: 20_000 });
  const here = ofCell(parsed, joined, 2);
  assert.deepEqual(here.models.map((m) => [m.name, m.line]), [['Net', 2]]);
  const [fc1, , fc2] = here.models[0]!.layers;
  assert.equal(fc1!.span, null);
  assert.deepEqual([fc2!.span!.line, fc2!.span!.column], [6, 18]);
  assert.deepEqual(here.problems.map((p) => [p.code, p.span.line]), [['shape-mismatch', 6]]);
  const there = ofCell(parsed, joined, 1);
  assert.deepEqual([there.models, there.problems], [[], []]);
});

test('an import cell is not told that it has no model', () => {
  const joined = joinCells(CELLS.slice(0, 1));
  assert.deepEqual(ofCell(reader.read('cell.py', joined.text), joined, 0).problems, []);
});

test('an edit goes along where it is wholly in the cell, and only there', () => {
  const joined = joinCells(['a\nb', 'c']);
  const at = (line: number) => ({ line, column: 1, endLine: line, endColumn: 2 });
  const fixed = (line: number): Problem => ({ code: 'x', severity: 'hint', message: 'x', span: at(3), fix: { title: 'mend', edits: [{ span: at(line), text: 'z' }] } });
  const [inside, outside] = ofCell({ schema: 1, models: [], problems: [fixed(3), fixed(1)] }, joined, 1).problems;
  assert.deepEqual(inside!.fix!.edits, [{ span: at(1), text: 'z' }]);
  assert.deepEqual([outside!.span, outside!.fix], [at(1), undefined]);
});
