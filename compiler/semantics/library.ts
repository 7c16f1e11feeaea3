/**
 * A library of functions and layers. In: its text, in which every declaration begins at the start of a line. Out: each
 * declaration's tree, parsed when it is first asked for: a program uses few of them, and parsing all takes longer than
 * elaborating it.
 */
import { STANDARD_LIBRARY } from '../std/standard-library.generated.ts';
import type * as ast from '../syntax/ast.ts';
import { parse } from '../syntax/parse.ts';

export type LibraryDeclaration = Extract<ast.Declaration, { kind: 'fn' } | ast.LayerDeclaration>;

const BEGINNING = /^(?:fn|layer) +([A-Za-z_][A-Za-z0-9_]*)/gm;

export class Library {
  readonly file: string;
  private readonly text: string;
  /** Where each declaration begins and the next one does. */
  private readonly places = new Map<string, { readonly start: number; readonly end: number }>();
  private readonly parsed = new Map<string, LibraryDeclaration>();

  constructor(text: string, file: string) {
    this.file = file;
    this.text = text;
    const found = [...text.matchAll(BEGINNING)];
    found.forEach(({ index, 1: name = '' }, i) =>
      this.places.set(name, { start: index, end: found[i + 1]?.index ?? text.length }),
    );
  }

  get names(): readonly string[] {
    return [...this.places.keys()];
  }

  declaration(name: string): LibraryDeclaration {
    const known = this.parsed.get(name) ?? this.parse(name);
    this.parsed.set(name, known);
    return known;
  }

  private parse(name: string): LibraryDeclaration {
    const place = this.places.get(name);
    if (!place) throw new Error(`internal: ${this.file} declares no ${name}`);
    const line = this.text.slice(0, place.start).split('\n').length;
    const { tree, diagnostics } = parse(this.text.slice(place.start, place.end), this.file, line);
    const [declaration] = tree.declarations;
    const isOne = declaration?.kind === 'fn' || declaration?.kind === 'layer';
    if (!isOne || diagnostics.length > 0) throw new Error(`internal: ${name} of ${this.file} has errors`);
    return declaration;
  }
}

/** std.net, for one elaboration. */
export const standardLibrary = (): Library => new Library(STANDARD_LIBRARY, 'std.net');
