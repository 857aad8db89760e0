import { askedOnce } from './asked-once.js';

/** A name in lower case. Names and types are looked up by it over and over: of each there is one such text. */
export const lowerCaseOf = askedOnce((name) => name.toLowerCase());
