import type { BlockConnection } from './block-connection.ts';
import type { StreamedBody } from './web-request.ts';

/** The bytes of one answer in the blocks of its connection: each chunk is the consumer's until it asks for the next. */
export class BlockBody implements StreamedBody {
  readonly #connection: BlockConnection;
  readonly #onEnd: () => void;
  readonly #errorOf: (error: unknown) => unknown;
  #isOver = false;

  /** @param onEnd  called once, when nothing more is taken from the connection. @param errorOf  what is thrown when it breaks. */
  constructor(connection: BlockConnection, onEnd: () => void, errorOf: (error: unknown) => unknown) {
    this.#connection = connection;
    this.#onEnd = onEnd;
    this.#errorOf = errorOf;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#isOver) return END;
    try {
      const value = await this.#connection.next();
      if (value !== undefined) return { value, done: false };
    } catch (error) {
      this.discard();
      throw this.#errorOf(error);
    }
    this.discard();
    return END;
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.discard();
    return Promise.resolve(END);
  }

  discard(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const END = { value: undefined, done: true } as const;
