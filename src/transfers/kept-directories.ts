import type { ByteString } from './byte-string.ts';

/** Which of the directories around a key the source has. Keys and directories come in the order of keys. */
export class KeptDirectories {
  readonly #open: ByteString[] = [];

  /** @param key  of a directory of the source, ending in '/'; the root is ''. */
  note(key: ByteString): void {
    this.#close(key);
    if (key !== '') this.#open.push(key);
  }

  /** The deepest directory of the source around `key`, ending in '/'; '' for its root. */
  around(key: ByteString): ByteString {
    this.#close(key);
    return this.#open.at(-1) ?? '';
  }

  /** Keys within a directory follow each other: behind the last there is none. */
  #close(key: ByteString): void {
    while (this.#open.length > 0 && !key.startsWith(this.#open.at(-1) ?? '')) this.#open.pop();
  }
}
