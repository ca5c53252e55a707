// Initialisers as the libraries really do them: variance of a complex weight from the fans. Filled from measurements, see each row's note.

export interface Initialiser {
  id: string;
  label: string;
  /** E|w|^2 (complex) or E w^2 (real) of one weight. */
  weight(fanIn: number, fanOut: number): number;
  /** E|b|^2 of one bias. */
  bias(fanIn: number, fanOut: number): number;
  circular: boolean;
  note: string;
}

export const initialisers: readonly Initialiser[] = [];
