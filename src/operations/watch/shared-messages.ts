interface SharedMessage {
  readonly version: string | number;
  readonly message: Uint8Array;
}

/** Messages that other watches of the same scope are likely to send too, the oldest dropped first. */
export class SharedMessages {
  readonly #bytesMax: number;
  readonly #messages = new Map<string, SharedMessage>();
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** @param version  what it was made from: a scope has either numbers of changes, or texts that tell records apart. */
  get(scope: string, name: string, version: string | number): Uint8Array | undefined {
    const found = this.#messages.get(keyOf(scope, name));
    return found?.version === version ? found.message : undefined;
  }

  put(scope: string, name: string, shared: SharedMessage): void {
    const key = keyOf(scope, name);
    this.#drop(key);
    this.#messages.set(key, shared);
    this.#bytes += shared.message.byteLength;
    for (const oldest of this.#messages.keys()) {
      if (this.#bytes <= this.#bytesMax) return;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#bytes -= this.#messages.get(key)?.message.byteLength ?? 0;
    this.#messages.delete(key);
  }
}

function keyOf(scope: string, name: string): string {
  return `${scope} ${name}`;
}
