/**
 * Training in the playground: the program is compiled for the device that is chosen, its listing goes to the same
 * `train()` as that of every trainer. In: the program, then the messages of the training panel. Out: what they ask.
 */
import { serve, type Trainable } from '../../runtime/browser/training-worker.ts';
import { RuntimeFailure } from '../../runtime/failure.ts';
import { CompileError } from '../diagnostics.ts';
import { compile, profileOf, type Listing, type SourceText, type TargetProfile } from '../index.ts';
import { openChosen } from './devices.ts';
import { exampleText } from './examples.ts';
import type { Listening, TrainedProgram } from './messages.ts';

interface WorkerScope {
  onmessage: (event: { data: unknown }) => void;
  postMessage(message: Listening): void;
}

const scope = globalThis as unknown as WorkerScope;

// The next messages are those of the panel: `serve` listens from then on.
scope.onmessage = ({ data }) => serve(trainable(data as TrainedProgram));
scope.postMessage({ kind: 'listening' });

function trainable({ source, about, base }: TrainedProgram): Trainable {
  return {
    about,
    base,
    async open(choice) {
      const { device, note } = await openChosen(choice);
      try {
        const begin = performance.now();
        const listing = listingFor(source, profileOf(device));
        const compileSeconds = (performance.now() - begin) / 1000;
        return { device, listing, compileSeconds, ...(note === undefined ? {} : { note }) };
      } catch (error) {
        device.close();
        throw error;
      }
    },
  };
}

/** What a device refuses, such as half precision on the CPU, is a failure of the run. */
function listingFor(source: SourceText, profile: TargetProfile): Listing {
  try {
    return compile(source, { profile, predictions: false, resolve: exampleText }).listing;
  } catch (error) {
    const first = error instanceof CompileError ? error.diagnostics[0] : undefined;
    if (first === undefined) throw error;
    const { code, message, help, span } = first;
    throw new RuntimeFailure(code, message, { ...(help ? { help } : {}), ...(span ? { span } : {}) });
  }
}
