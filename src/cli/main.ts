// The headless entry: the program `complex-ntk` and its commands. Knows no kernel, only where each command is.
import { Command, CommanderError } from 'commander';
import { activationsCommand } from './commands/activations.ts';
import { analyzeCommand } from './commands/analyze.ts';
import { dualCommand } from './commands/dual.ts';
import { kernelCommand } from './commands/kernel.ts';
import { parseCommand } from './commands/parse.ts';
import { productVersion } from './place.ts';
import { exitCodeOf, sayFault, stopped } from './terminal.ts';

const program = new Command('complex-ntk')
  .description('The neural tangent kernel of complex-valued networks, and the real networks they reduce to.')
  .version(productVersion())
  .showHelpAfterError('Run with --help for the options.')
  .addHelpText('after', '\nExit codes: 0 done, 1 a computation failed or was refused, 2 bad usage or input, 130 interrupted.');
for (const command of [analyzeCommand(), parseCommand(), kernelCommand(), dualCommand(), activationsCommand()]) {
  program.addCommand(command.copyInheritedSettings(program));
}
for (const command of [program, ...program.commands]) command.exitOverride();

try {
  await program.parseAsync();
} catch (e) {
  if (e instanceof CommanderError) {
    // Help and version are answers; anything else is bad usage, already said on stderr.
    process.exitCode = e.exitCode === 0 ? 0 : 2;
  } else {
    sayFault(e);
    process.exitCode = exitCodeOf(e);
  }
} finally {
  stopped();
}
