/**
 * The program in the page's address, after the `#`, which is never sent to a server. In: an example's name, or a text.
 * Out: `example=glyphs.net`, or `code=` and the text deflated, in base64 with the signs that addresses have.
 */

export type SharedProgram =
  | { readonly kind: 'example'; readonly file: string }
  | { readonly kind: 'code'; readonly file: string; readonly text: string };

/** The part after `#`. */
export async function addressOf(program: SharedProgram): Promise<string> {
  if (program.kind === 'example') return `example=${encodeURIComponent(program.file)}`;
  const bytes = await through(new TextEncoder().encode(program.text), new CompressionStream('deflate-raw'));
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
  const code = btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  return `file=${encodeURIComponent(program.file)}&code=${code}`;
}

/** What an address holds: undefined where it holds nothing, an Error where what it holds is broken. */
export async function programIn(hash: string): Promise<SharedProgram | undefined> {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const example = fields.get('example');
  if (example !== null) return { kind: 'example', file: example };
  const code = fields.get('code');
  if (code === null) return undefined;
  try {
    const binary = atob(code.replaceAll('-', '+').replaceAll('_', '/'));
    const packed = Uint8Array.from(binary, (character) => character.charCodeAt(0));
    const bytes = await through(packed, new DecompressionStream('deflate-raw'));
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    return { kind: 'code', file: fields.get('file') ?? 'program.net', text };
  } catch {
    throw new Error('The address holds no whole program: it may have been cut off.');
  }
}

async function through(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream) {
  const piped = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}
