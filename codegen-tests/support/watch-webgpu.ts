/** What is asked of WebGPU, seen from outside: the prototypes of its types are wrapped while a test looks. */
import { globals } from 'webgpu';

type Prototype = Record<string, (...given: unknown[]) => unknown>;

const restore: (() => void)[] = [];

/** Calls `seen` after every call of a method, with the receiver, the arguments and the result. */
export function watch(
  type: string,
  method: string,
  seen: (self: object, given: unknown[], result: unknown) => void,
): void {
  const { prototype } = (globals as Record<string, { prototype: Prototype }>)[type]!;
  const original = prototype[method]!;
  prototype[method] = function (this: object, ...given: unknown[]) {
    const result = original.apply(this, given);
    seen(this, given, result);
    return result;
  };
  restore.push(() => void (prototype[method] = original));
}

/** Takes all of that back. */
export function unwatch(): void {
  restore.splice(0).forEach((undo) => undo());
}
