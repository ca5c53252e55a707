// cplxmodule: what its activations are. Its layers are not read.
import type { Library } from './library.ts';
import { activation, readOut } from './rows.ts';

export const cplxmodule: Library = {
  id: 'cplxmodule',
  label: 'cplxmodule',
  version: '2022.6',
  modules: ['cplxmodule', 'cplxmodule.nn', 'cplxmodule.nn.modules.activation'],
  spellings: [
    activation(['CplxModReLU'], 'modrelu-threshold', {
      arguments: ['threshold'], parameters: { threshold: { from: 'threshold', default: 0.5 } },
      note: 'The sign of the parameter is turned: 0.5 clips the disc of radius 0.5. A threshold that is no float (an int, None) is replaced by a trained one, uniform on [0, 0.25].',
    }),
    activation(['CplxAdaptiveModReLU'], 'modrelu-threshold', { parameters: { threshold: { default: 0 } }, note: 'Thresholds are trained and start near 0, with standard deviation 0.02.' }),
    { names: ['CplxToCplx'], kind: 'activation', arguments: ['module'], splitOf: ['module'] },
    readOut(['CplxModulus'], 'abs'),
    readOut(['CplxAngle'], 'angle'),
    readOut(['CplxReal'], 'real'),
    readOut(['CplxImag'], 'imag'),
  ],
};
