/** Whether it is worth asking WebGPU for a GPU, which takes a while: Linux shows every GPU as a file. */
import fs from 'node:fs';

/** Render nodes, NVIDIA's own devices, and the GPU of the Windows around a WSL. */
const PLACES = ['/dev/dri', '/dev/nvidia0', '/dev/dxg'];

/** False: there is certainly none. */
export function mayHaveGpu(): boolean {
  return process.platform !== 'linux' || PLACES.some((place) => fs.existsSync(place));
}
