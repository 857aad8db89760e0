const NAME = 'holdfast-key';

/** The function key, for as long as this tab is open: never in a cookie, a URL, or what other tabs can read. */
export const sessionKey = {
  read: (): string | null => sessionStorage.getItem(NAME),
  keep: (key: string): void => {
    sessionStorage.setItem(NAME, key);
  },
  forget: (): void => {
    sessionStorage.removeItem(NAME);
  },
};
