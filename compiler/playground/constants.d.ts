/** What the bundler puts in. */

/** The version of netc, as in package.json. */
declare const NETC_VERSION: string;
