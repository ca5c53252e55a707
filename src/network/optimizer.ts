// One step of gradient descent on the trained numbers behind the weights: w = sqrt(rate) omega, so dw = -eta rate dL/dw. Knows no network.
import type { TrainingOptions } from '../contract/finite.ts';
import type { Gradient, Tensor } from './tensors.ts';

const PARTS = ['re', 'im', 'biasRe', 'biasIm'] as const;
/** Kingma and Ba 2015. */
const ADAM = { first: 0.9, second: 0.999, epsilon: 1e-8 };

/** Arrays of the weights' size that it keeps, gradients among them. */
export const arraysOf = (o: TrainingOptions): number => (o.optimizer === 'sgd' ? 1 : o.optimizer === 'momentum' ? 2 : 3);

export class Stepper {
  private readonly velocity = new Map<Float32Array, Float32Array>();
  private readonly square = new Map<Float32Array, Float32Array>();
  private steps = 0;

  constructor(private readonly o: TrainingOptions, private readonly learningRate: number) {}

  /** @returns the arrays that changed */
  step(gradients: Map<Tensor, Gradient>): Float32Array[] {
    this.steps++;
    const changed: Float32Array[] = [];
    for (const [t, g] of gradients) {
      for (const part of PARTS) {
        const [w, own] = [t[part], g[part]];
        const rate = part.startsWith('bias') ? t.biasRate : t.rate;
        if (!w || !own || rate === 0) continue;
        this.move(w, own, rate);
        changed.push(w);
      }
    }
    return changed;
  }

  private kept(of: Map<Float32Array, Float32Array>, w: Float32Array): Float32Array {
    let own = of.get(w);
    if (!own) of.set(w, (own = new Float32Array(w.length)));
    return own;
  }

  private move(w: Float32Array, g: Float32Array, rate: number): void {
    const { optimizer, momentum } = this.o;
    const eta = this.learningRate;
    if (optimizer === 'sgd') {
      for (let k = 0; k < w.length; k++) w[k]! -= eta * rate * g[k]!;
      return;
    }
    const v = this.kept(this.velocity, w);
    if (optimizer === 'momentum') {
      for (let k = 0; k < w.length; k++) {
        v[k] = momentum * v[k]! + rate * g[k]!;
        w[k]! -= eta * v[k]!;
      }
      return;
    }
    const s = this.kept(this.square, w);
    const root = Math.sqrt(rate);
    const [first, second] = [1 - ADAM.first ** this.steps, 1 - ADAM.second ** this.steps];
    for (let k = 0; k < w.length; k++) {
      const x = root * g[k]!;
      v[k] = ADAM.first * v[k]! + (1 - ADAM.first) * x;
      s[k] = ADAM.second * s[k]! + (1 - ADAM.second) * x * x;
      w[k]! -= (eta * root * (v[k]! / first)) / (Math.sqrt(s[k]! / second) + ADAM.epsilon);
    }
  }
}
