// Answers requests that come as JSON lines on stdin, one at a time, and ends with them: the other end of bench/contestant.ts. Knows no request.
import { createInterface } from 'node:readline';

/** @param answers by the request's `do`; what one of them throws is an answer too, since one row that fails must not end the others */
export async function serve(answers: Readonly<Record<string, (request: never) => object | Promise<object>>>): Promise<never> {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as { do: string };
    let answer: object;
    try {
      answer = await answers[request.do]!(request as never);
    } catch (e) {
      answer = { failed: e instanceof Error ? e.message : String(e) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
  process.exit(0);
}
