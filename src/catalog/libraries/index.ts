// All libraries. A new one is a file here and a line below.
import type { Library } from './library.ts';

export const libraries: readonly Library[] = [];
