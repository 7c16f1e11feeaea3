/** Whether this is Node, where files, threads and WebGPU come from modules, or a browser. */
export function inNode(): boolean {
  return typeof process !== 'undefined' && process.versions?.node !== undefined;
}
