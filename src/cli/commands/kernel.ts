// `kernel`: the kernels of a SPEC on given inputs, as numpy arrays.
import { Command } from 'commander';
import { loadInputs, writeNpz } from '../../data/index.ts';
import { compileNetwork, inThisThread, itemsOf, kernelsOf } from '../../kernel/index.ts';
import { checkMemory } from '../../engine/limits.ts';
import { paceOf } from '../../engine/pace.ts';
import { KERNEL_NAMES } from '../../contract/result.ts';
import { ARRAY_NAMES, kernelArrays } from '../../report/index.ts';
import { pickModel, readModelFile } from '../model-file.ts';
import { MEMORY_LIMIT_MB } from '../../contract/engine.ts';
import { count } from '../options.ts';
import { context, say } from '../terminal.ts';

export function kernelCommand(): Command {
  return new Command('kernel')
    .description('NNGP, NTK and those of the real twin, for a network given as SPEC (*.ntk.json).')
    .argument('<spec>', '*.ntk.json')
    .requiredOption('--inputs <file>', '.npy, .npz or .csv: samples first')
    .requiredOption('--out <file>', 'the .npz to write')
    .option('--memory-limit <MB>', 'refuse what would take more', count, MEMORY_LIMIT_MB)
    .action(async (spec: string, { inputs: path, out, memoryLimit }: { inputs: string; out: string; memoryLimit: number }) => {
      const graph = pickModel(spec, await readModelFile(spec), undefined);
      const overrides = { weightVariance: null, biasVariance: null };
      compileNetwork(graph, overrides);
      const memoryBytes = memoryLimit * 2 ** 20;
      const inputs = await loadInputs({ kind: 'file', path, samples: null, shape: null, normalise: 'none' }, graph, { memoryBytes }, context.signal);
      const network = compileNetwork(graph, overrides, inputs.shape);
      checkMemory(network, inputs.samples, KERNEL_NAMES.length, 1, memoryBytes);
      const { kernels } = await kernelsOf(network, inputs, {
        execute: (job) => inThisThread(paceOf(context, `Kernels of ${inputs.samples} samples`, itemsOf(job).tiles, [0, 1]))(job),
      });
      for (const name of KERNEL_NAMES) {
        const { matrix, reason, method, error } = kernels[name];
        say(`${ARRAY_NAMES[name]}: ${matrix ? `${method}, error at most ${error!.toExponential(1)} of its largest entry` : `none, ${reason}`}`);
      }
      await writeNpz(out, kernelArrays({ kernels }), context.signal);
      say(`Wrote ${out}`);
    });
}
