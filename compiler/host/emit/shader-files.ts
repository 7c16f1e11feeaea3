/**
 * The files that the shaders of a trainer's listings go into. In: a listing a class of devices, the one of the module itself
 * first. Out: each file's text, and for each listing the files of its kernels. Equal texts are one file, whichever classes
 * they are of; what a further class has of its own lies in a folder of its name.
 */
import type { Listing } from '../../../runtime/plan-format.ts';
import type { DeviceClass } from '../../kernel/profile.ts';

/** Classes of WebGPU devices. */
export type GpuClass = Exclude<DeviceClass, 'cpu'>;

export interface ClassListing {
  deviceClass: GpuClass;
  listing: Listing;
}

export interface ShaderFiles {
  /** Texts by path inside the trainer's folder. */
  texts: Map<string, string>;
  /** By class, in the order of its kernels. */
  files: Map<GpuClass, string[]>;
}

export function shaderFiles(classes: readonly ClassListing[]): ShaderFiles {
  const texts = new Map<string, string>();
  const known = new Map<string, string>();
  const fileOf = ({ id, name, code }: Listing['kernels'][number], folder: string): string => {
    const shared = known.get(code);
    if (shared !== undefined) return shared;
    const file = `${folder}/${id}-${name.replace(/\W+/g, '_').slice(0, 60)}.wgsl`;
    known.set(code, file);
    texts.set(file, code);
    return file;
  };
  const files = classes.map(({ deviceClass, listing }, i) => {
    const folder = i === 0 ? 'shaders' : `shaders/${deviceClass}`;
    return [deviceClass, listing.kernels.map((kernel) => fileOf(kernel, folder))] as const;
  });
  return { texts, files: new Map(files) };
}
