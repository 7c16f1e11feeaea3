/** The examples: in the menu of the page, and the files that a program may `use`. */

export const EXAMPLES = NETC_EXAMPLES;

/** The text of an example; undefined where there is none of that name. */
export const exampleText = (wanted: string): string | undefined =>
  EXAMPLES.find(({ file }) => file === wanted)?.text;
