// Compiles the loops of src/kernel/wasm/assembly to WebAssembly and writes the module into the TypeScript file that opens it.
// Does nothing where that file stands for the sources as they are. Knows no loop.
import asc from 'assemblyscript/asc';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = 'src/kernel/wasm/assembly';
const target = path.join(root, 'src', 'kernel', 'wasm', 'assembled.ts');
const FLAGS = ['-O3', '--enable', 'simd', '--runtime', 'stub', '--importMemory', '--noAssert', '--memoryBase', '64'];

/** Hash of the sources, the flags and the compiler's version. */
function fingerprint() {
  const hash = createHash('sha256').update(JSON.stringify([FLAGS, asc.version]));
  for (const name of readdirSync(path.join(root, folder)).filter((n) => n.endsWith('.ts')).sort()) {
    hash.update(`\0${name}\0`).update(readFileSync(path.join(root, folder, name)));
  }
  return hash.digest('hex');
}

/** Writes src/kernel/wasm/assembled.ts if it is missing or older than its sources. */
export async function assemble() {
  const mark = `// Made by scripts/assemble.mjs from ${folder}, ${fingerprint()}.\n`;
  if (existsSync(target) && readFileSync(target, 'utf8').startsWith(mark)) return;
  let bytes = null;
  const { error, stderr } = await asc.main([`${folder}/index.ts`, '--baseDir', root, '--outFile', 'loops.wasm', ...FLAGS], {
    writeFile: (_name, contents) => { bytes = contents; },
  });
  if (error) throw new Error(`${folder} does not compile: ${error.message}\n${stderr.toString()}`);
  writeFileSync(target, `${mark}/** The module, base64: so that it needs no file beside a bundle. */\nexport const MODULE = '${Buffer.from(bytes).toString('base64')}';\n`);
}

if (process.argv[1] && fileURLToPath(import.meta.url) === path.resolve(process.argv[1])) await assemble();
