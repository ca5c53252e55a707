// Activations that a user defines by name: { "MyAct": "tanh(r)" } from a setting or from the command line. Knows no place that they come from.
import type { ParameterValue } from '../../contract/graph.ts';
import { Fault } from '../../contract/fault.ts';
import { expressionActivation, FORMS } from './activation.ts';

/** By the name of the class or function in the code: parameters of an activation `expression`. */
export type Definitions = Readonly<Record<string, Readonly<Record<string, ParameterValue>>>>;

/** A plain text tells its form by its variable: z general, r radial, x scalar. */
function formOf(expression: string): string {
  if (/\b(z|y|theta)\b/.test(expression)) return 'general';
  return /\br\b/.test(expression) ? 'radial' : 'scalar';
}

/** One definition. @throws Fault bad-input that names the place in the expression and what was expected */
export function define(name: string, given: unknown): Readonly<Record<string, ParameterValue>> {
  if (!/^[A-Za-z_]\w*$/.test(name)) throw new Fault('bad-input', `${JSON.stringify(name)} is no name of a class or function.`);
  const parameters = typeof given === 'string' ? { form: formOf(given), expression: given } : given;
  if (typeof parameters !== 'object' || parameters === null || Array.isArray(parameters)) {
    throw new Fault('bad-input', `The activation ${name} is ${JSON.stringify(given)}; expected a text such as "tanh(r)", or { "form": ${FORMS.slice(0, 3).map((f) => `"${f}"`).join(' | ')}, "expression": "..." }.`);
  }
  const checked = parameters as Record<string, ParameterValue>;
  try {
    expressionActivation(checked);
  } catch (e) {
    if (!(e instanceof Fault)) throw e;
    throw new Fault('bad-input', `The activation ${name}: ${e.message}`);
  }
  return checked;
}

/** Every definition that is right, and a complaint for each that is not. */
export function readDefinitions(given: Readonly<Record<string, unknown>>): { definitions: Definitions; complaints: string[] } {
  const definitions: Record<string, Readonly<Record<string, ParameterValue>>> = {};
  const complaints: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    try {
      definitions[name] = define(name, value);
    } catch (e) {
      complaints.push(Fault.from(e).message);
    }
  }
  return { definitions, complaints };
}
