/** What the bundled runtime offers: to the module of a trainer, and to programs that compile in memory. */
export { openCpu } from '../cpu/cpu-device.ts';
export { CLASS_LIMITS } from '../device-class.ts';
export { openDevice, openHardware } from '../device.ts';
export { createTrainer, trainerOf } from './create-trainer.ts';
export { start } from './start.ts';
export { kernel, loop, pool, run, span } from './words.ts';
