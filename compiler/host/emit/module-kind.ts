/** What a printed module is: a trainer or a predictor. Its file is `<name>.mjs`, its types are named after it. */
export interface ModuleKind {
  name: 'trainer' | 'predictor';
  /** The function it exports; the runtime's is bound as `open…`. */
  create: 'createTrainer' | 'createPredictor';
  open: 'openTrainer' | 'openPredictor';
  /** It is a command and a worker as well. */
  starts: boolean;
  about: string;
}

export const TRAINER: ModuleKind = {
  name: 'trainer',
  create: 'createTrainer',
  open: 'openTrainer',
  starts: true,
  about: 'Opens a device and puts the weights in place.',
};

export const PREDICTOR: ModuleKind = {
  name: 'predictor',
  create: 'createPredictor',
  open: 'openPredictor',
  starts: false,
  about: 'Opens a device and puts the weights in place, once for all predictions.',
};

export const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
