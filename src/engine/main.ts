// Entry of the engine's child process: answers calls that come over the process line. Knows no editor and no command line but its own.
import { Endpoint, type Line } from '../contract/rpc.ts';
import type { EngineMethods, NoMethods } from '../contract/engine.ts';
import { analyze, engineInfo, type Environment } from './analyze.ts';
import { queueJobs } from './jobs.ts';

function serve(environment: Environment): void {
  const line: Line = {
    // Without its callback a send on a closed line throws later, as an event; `disconnect` already ends this process.
    post: (frame) => void process.send!(frame, undefined, undefined, () => {}),
    listen(receive) {
      process.on('message', receive);
      return () => process.off('message', receive);
    },
  };
  const queue = queueJobs();
  process.on('disconnect', () => process.exit(0));
  const endpoint = new Endpoint<NoMethods, EngineMethods>(line, {
    analyze: (query, context) => queue(context.signal, () => analyze(query, context, environment)),
    info: (query, context) => queue(context.signal, () => engineInfo(query, environment)),
  });
  endpoint.greet('engine', { version: environment.version, node: process.version });
}

if (process.send) {
  serve(JSON.parse(process.argv[2]!) as Environment);
} else {
  console.error('This is the engine of the Complex NTK extension; the editor starts it. On a command line, use complex-ntk.');
  process.exitCode = 2;
}
