const NAME = 'holdfast-key';

/**
 * The function key, for as long as this tab is open: never in a cookie, a URL, or what other tabs can read. Where the
 * browser lets no page store anything, it is kept until the page is loaded anew.
 */
export const sessionKey = {
  read: (): string | null => stored((storage) => storage.getItem(NAME)),
  keep: (key: string): void => {
    stored((storage) => {
      storage.setItem(NAME, key);
    });
  },
  forget: (): void => {
    stored((storage) => {
      storage.removeItem(NAME);
    });
  },
};

/** Even to name the storage throws where it is forbidden (https://html.spec.whatwg.org/multipage/webstorage.html#dom-sessionstorage). */
function stored<T>(use: (storage: Storage) => T): T | null {
  try {
    return use(sessionStorage);
  } catch {
    return null;
  }
}
