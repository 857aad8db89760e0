import { NAMES, toldOnce } from './told-once.js';

/** A name in lower case. Names and types are looked up by it over and over: of each there is one such text. */
export const lowerCaseOf = toldOnce((name) => name.toLowerCase(), NAMES);
