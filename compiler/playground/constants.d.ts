/** What the bundler puts in. */

/** The version of netc, as in package.json. */
declare const NETC_VERSION: string;

/** The programs of dsl-examples, by the name of their file. */
declare const NETC_EXAMPLES: readonly { readonly file: string; readonly text: string }[];
