/** Names of a printed module: each a JavaScript identifier, each of one thing. */

/** Words that a module may not bind, and those that ours binds by itself. */
const TAKEN = [
  ...'arguments await break case catch class const continue debugger default delete do else enum eval export'.split(
    ' ',
  ),
  ...'extends false finally for function if implements import in instanceof interface let new null package'.split(
    ' ',
  ),
  ...'private protected public return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
  ...'undefined Infinity NaN runtime program createTrainer openTrainer createPredictor openPredictor start kernel loop pool run span files'.split(
    ' ',
  ),
];

export class Names {
  readonly #taken = new Set(TAKEN);

  /** The name wanted, as far as it is an identifier and free. */
  fresh(wanted: string): string {
    const plain = wanted.replace(/\W+/g, '_').replace(/^(?=\d)/, '_');
    let name = plain;
    for (let count = 2; this.#taken.has(name); count += 1) name = `${plain}_${count}`;
    this.#taken.add(name);
    return name;
  }
}
