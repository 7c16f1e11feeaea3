/** What the bundler puts in: the programs of dsl-examples, by the name of their file. */
declare const NETC_EXAMPLES: readonly { readonly file: string; readonly text: string }[];
