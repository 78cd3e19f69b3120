import type { Socket } from 'node:net';
import { BlockRing } from './block-ring.ts';
import type { SocketReader } from './guarded-connect.ts';
import type { WebLimits } from './limits.ts';
import { parseResponseHead, statusOf, type ResponseHead } from './response-head.ts';

/** An answer that is left to a whole parser; what came of it is lost. */
export class UnusualAnswer extends Error {
  /** undefined where it cannot be told. */
  readonly status: number | undefined;

  constructor(status: number | undefined) {
    super();
    this.status = status;
  }
}

interface Exchange {
  readonly head: PromiseWithResolvers<ResponseHead>;
  /** Somebody waits for more of the body. */
  block: PromiseWithResolvers<Buffer | undefined> | undefined;
}

/** As much as has a status in it. */
const STATUS_LINE_BYTES_MAX = 32;
const HEAD_END = '\r\n\r\n';

/**
 * One connection that reads bodies into blocks of its own memory, one answer at a time.
 *
 * Whoever is slower than the server holds it up: with all blocks full, nothing more is read.
 */
export class BlockConnection {
  readonly reader: SocketReader;
  readonly #limits: WebLimits;
  readonly #ring: BlockRing;
  readonly #onIdleEnd: () => void;
  /** Where bytes come that the socket has in hand when the ring is full: TLS hands out all that it has deciphered. */
  readonly #overflow: Buffer;
  #spilled: Uint8Array[] = [];
  #socket: Socket | undefined;
  #exchange: Exchange | undefined;
  #headBytes: Buffer = NOTHING;
  #head: ResponseHead | undefined;
  #headTimer: NodeJS.Timeout | undefined;
  /** Of the body, not come yet. */
  #restBytes = 0;
  #end: { readonly error: unknown } | undefined;
  #isDestroyed = false;

  /** @param onIdleEnd  called when it ends while nobody uses it. */
  constructor(limits: WebLimits, onIdleEnd: () => void) {
    this.#limits = limits;
    this.#ring = new BlockRing(limits.blockCount, limits.blockSizeBytes);
    this.#overflow = Buffer.allocUnsafeSlow(limits.overflowSizeBytes);
    this.#onIdleEnd = onIdleEnd;
    this.reader = {
      buffer: () => (this.#ring.isFull ? this.#overflow : this.#ring.room),
      callback: (countBytes, buffer) => this.#onRead(buffer.subarray(0, countBytes)),
    };
  }

  /** @param socket  connected, with `reader` as its `onread`. Whatever has become of the connection meanwhile, it is destroyed with it. */
  attach(socket: Socket): void {
    this.#socket = socket;
    if (this.#end !== undefined) socket.destroy();
    const endWith = (message: string) => () => {
      this.#finish(new Error(message));
    };
    socket.on('end', endWith('the server ended the connection'));
    socket.on('close', endWith('the connection was closed'));
    socket.on('error', (error) => {
      this.#finish(error);
    });
    socket.on('timeout', () => {
      // While the ring is full nobody waits for the server.
      if (!this.#ring.isFull) this.#finish(silence());
    });
  }

  /** The whole answer has come and was taken, and another may follow. */
  get isReusable(): boolean {
    return this.#end === undefined && this.#head?.isKept === true && this.#isWhole && this.#ring.isEmpty;
  }

  /**
   * Sends the head of a request without a body.
   *
   * @throws UnusualAnswer; what the socket says when it breaks; Error with the code ETIMEDOUT.
   */
  request(head: string, responseTimeoutMs: number): Promise<ResponseHead> {
    if (this.#end !== undefined) return Promise.reject(this.#end.error);
    this.#ring.reset();
    this.#head = undefined;
    this.#headBytes = NOTHING;
    this.#exchange = { head: Promise.withResolvers(), block: undefined };
    this.#socket?.setTimeout(0);
    // For all of the head: a socket's own timeout begins anew with every byte.
    this.#headTimer = setTimeout(() => {
      this.#finish(silence());
    }, responseTimeoutMs);
    this.#socket?.write(head, 'latin1');
    return this.#exchange.head.promise;
  }

  /** The next bytes of the body, which are the caller's until it asks again; undefined behind the last. @throws as request(). */
  next(): Promise<Buffer | undefined> {
    if (this.#isDestroyed) return this.#broken();
    const wasFull = this.#ring.isFull;
    this.#ring.release();
    if (wasFull) this.#goOn();
    const block = this.#ring.take();
    if (block !== undefined || this.#isWhole) return Promise.resolve(block);
    if (this.#exchange === undefined) return this.#broken();
    this.#exchange.block = Promise.withResolvers();
    return this.#exchange.block.promise;
  }

  /** Nobody uses it until the next request. */
  rest(): void {
    this.#exchange = undefined;
    this.#socket?.setTimeout(this.#limits.keepAliveMs);
  }

  /** Whoever waits is told so at once. */
  destroy(error: unknown): void {
    this.#isDestroyed = true;
    this.#finish(error);
  }

  get #isWhole(): boolean {
    return this.#head !== undefined && this.#restBytes === 0 && this.#spilled.length === 0;
  }

  #broken(): Promise<never> {
    const error = this.#end === undefined ? new Error('nothing was asked for') : (this.#end.error as Error);
    return Promise.reject(error);
  }

  #onRead(bytes: Uint8Array): boolean {
    if (this.#end !== undefined) return false;
    if (this.#exchange === undefined) this.#finish(new Error('the server sends what nobody asked for'));
    else if (this.#head === undefined) this.#takeHead(this.#exchange, bytes);
    else this.#takeBody(bytes);
    return !this.#ring.isFull;
  }

  #takeHead({ head: promised }: Exchange, bytes: Uint8Array): void {
    const seen = Buffer.concat([this.#headBytes, bytes]);
    const endBytes = seen.indexOf(HEAD_END);
    const head = endBytes === -1 ? undefined : parseResponseHead(seen.toString('latin1', 0, endBytes));
    const isComing = endBytes === -1 && seen.length < this.#limits.headSizeBytesMax;
    this.#headBytes = isComing ? seen : NOTHING;
    if (isComing) return;
    if (head === undefined) {
      this.#finish(new UnusualAnswer(statusOf(seen.toString('latin1', 0, STATUS_LINE_BYTES_MAX))));
      return;
    }
    clearTimeout(this.#headTimer);
    this.#head = head;
    this.#restBytes = head.bodySizeBytes;
    this.#socket?.setTimeout(this.#limits.stallTimeoutMs);
    promised.resolve(head);
    this.#takeBody(seen.subarray(endBytes + HEAD_END.length));
  }

  #takeBody(bytes: Uint8Array): void {
    if (bytes.length > this.#restBytes) {
      this.#finish(new Error('the server sends more than it said'));
      return;
    }
    this.#restBytes -= bytes.length;
    this.#pour(bytes);
    const waiting = this.#exchange?.block;
    if (waiting === undefined || this.#exchange === undefined) return;
    const block = this.#ring.take();
    if (block === undefined && !this.#isWhole) return;
    this.#exchange.block = undefined;
    waiting.resolve(block);
  }

  /** Into the ring, where it may be already; what finds no room waits. */
  #pour(bytes: Uint8Array): void {
    let rest = bytes;
    while (rest.length > 0 && !this.#ring.isFull) {
      const { room } = this.#ring;
      const countBytes = Math.min(rest.length, room.length);
      if (!isSamePlace(rest, room)) room.set(rest.subarray(0, countBytes));
      this.#ring.wrote(countBytes);
      rest = rest.subarray(countBytes);
    }
    if (rest.length > 0) this.#spilled.push(Uint8Array.from(rest));
    if (this.#isWhole) this.#ring.cut();
  }

  /** There is room again. */
  #goOn(): void {
    const spilled = this.#spilled;
    this.#spilled = [];
    for (const bytes of spilled) this.#pour(bytes);
    if (this.#end !== undefined || this.#ring.isFull) return;
    this.#socket?.setTimeout(this.#limits.stallTimeoutMs);
    this.#socket?.resume();
  }

  #finish(error: unknown): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    clearTimeout(this.#headTimer);
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#socket?.destroy();
    exchange?.head.reject(error);
    exchange?.block?.reject(error);
    if (exchange === undefined) this.#onIdleEnd();
  }
}

const NOTHING = Buffer.alloc(0);

function isSamePlace(one: Uint8Array, other: Uint8Array): boolean {
  return one.buffer === other.buffer && one.byteOffset === other.byteOffset;
}

function silence(): Error {
  return Object.assign(new Error('the server was silent for too long'), { code: 'ETIMEDOUT' });
}
