// Checks the pages for people: every problem code has its part, every link leads somewhere, and what they say of options is so.
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { SIGNAL_OPTIONS } from '../src/data/signals/index.ts';
import { problemCodes } from '../src/catalog/problems.ts';
import { problemsPage } from '../scripts/problem-pages.ts';
import { IDIOMS, idiomsOf, readingPage } from '../scripts/reading-table.ts';
import { corpusFiles } from './lang/corpus.ts';

const root = path.join(import.meta.dirname, '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const pages = ['README.md', 'ARCHITECTURE.md', ...readdirSync(path.join(root, 'docs')).filter((f) => f.endsWith('.md')).map((f) => `docs/${f}`)];

/** The text without code, in which "](" and "#" mean nothing. */
const prose = (text: string): string => text.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()#]/g, '_'));

/** Anchors as GitHub and VS Code make them of headings. */
function anchors(text: string): Set<string> {
  const headings = [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/^#+ (.+)$/gm)].map((m) => m[1]!);
  return new Set(headings.map((h) => h.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').trim().replaceAll(' ', '-')));
}

describe('docs/problems.md', () => {
  it('has one part for each code, and no other', () => {
    const headings = [...read('docs/problems.md').matchAll(/^## (.+)$/gm)].map((m) => m[1]!);
    assert.deepEqual(headings.sort(), Object.keys(problemCodes).sort());
  });

  it('says what the catalog says', () => {
    assert.equal(read('docs/problems.md'), problemsPage(), 'write it anew: node --import tsx scripts/problem-pages.ts');
  });

  it('can be linked to by each code as it is', () => {
    const there = anchors(read('docs/problems.md'));
    assert.deepEqual(Object.keys(problemCodes).filter((code) => !there.has(code)), []);
  });

  it('tells in each part what it means and what to do', () => {
    for (const [code, p] of Object.entries(problemCodes)) {
      for (const text of [p.explanation, p.remedy]) assert.match(text, /^[A-Z].{10,}[.?]$/s, `${code}: ${text}`);
    }
  });
});

describe('docs/reading.md', () => {
  it('says what is read of the corpus', async () => {
    assert.equal(read('docs/reading.md'), await readingPage(), 'write it anew: node --import tsx scripts/reading-table.ts');
  });

  it('is told by each file which idioms it holds, in words that the page explains', () => {
    const of = corpusFiles.map((file) => ({ file, idioms: idiomsOf(file) }));
    assert.deepEqual(of.filter(({ idioms }) => idioms === null).map(({ file }) => file), [], 'begin the file with "# idioms: a, b", or name it in scripts/reading-table.ts');
    assert.deepEqual(of.flatMap(({ file, idioms }) => idioms!.filter((idiom) => !Object.hasOwn(IDIOMS, idiom)).map((idiom) => `${file}: ${idiom}`)), []);
    const used = new Set(of.flatMap(({ idioms }) => idioms!));
    assert.deepEqual(Object.keys(IDIOMS).filter((idiom) => !used.has(idiom)), [], 'an idiom without a file');
  });
});

describe('links', () => {
  for (const page of pages) {
    it(`of ${page} lead somewhere`, () => {
      const dead = [...prose(read(page)).matchAll(/\]\(([^)\s]+)\)/g)].map((m) => m[1]!).filter((link) => {
        if (/^https?:/.test(link)) return false;
        const [file, anchor] = link.split('#') as [string, string?];
        const target = file === '' ? page : path.join(path.dirname(page), file);
        return !existsSync(path.join(root, target)) || (anchor !== undefined && !anchors(read(target)).has(anchor));
      });
      assert.deepEqual(dead, []);
    });
  }
});

describe('docs/interfaces.md', () => {
  it('names the signals\' options with their defaults', () => {
    const rows = [...read('docs/interfaces.md').matchAll(/^\| `([A-Za-z]+)` \|[^|]*\| ([\d.]+) \|$/gm)].map((m) => [m[1]!, Number(m[2])]);
    const options = Object.values(SIGNAL_OPTIONS).flatMap((set) => Object.entries(set).map(([name, o]) => [name, o.default]));
    assert.deepEqual(Object.fromEntries(rows), Object.fromEntries(options));
  });

  it('names each option of analyze', () => {
    const source = read('src/cli/commands/analyze.ts');
    const options = [...source.matchAll(/[oO]ption\('(--[a-z-]+)/g)].map((m) => m[1]!);
    assert.ok(options.length > 10);
    const page = read('docs/interfaces.md');
    assert.deepEqual(options.filter((o) => !page.includes(`${o}`)), []);
  });
});
