/** The keys of rows and blobs; the sweep finds a resource's rows by the same. */
export { hashedKey } from '../engine/hashed-key.js';
